"""Sending: what goes out, what does not and why, and what a channel that fails does to the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest

from clinics.models import Membership, User
from core.models import JobRun
from core.tenancy import clinic_context, current_clinic
from patients.models import Carer, Line, Patient, PrescribedExercise
from rehab_platform.logs import JSONFormatter
from reminders.actions.deliver import DeliveriesFaulty, deliver
from reminders.actions.plan import plan
from reminders.channels import open_port
from reminders.channels.email import EmailPort
from reminders.models import Contact, Delivery, ReminderPreferences, ReminderTime
from reminders.stop_links import StopLink, read_stop_token
from reminders.writers import WRITERS, reminder_note
from tests.api.caller import Caller
from tests.factories import people, prescribed
from tests.factories.reminders import browser, contact, delivery, preferences
from tests.mail_server import MailServer, mail_server, text_of
from tests.unit.reminders.ports import DOWN, LATER, REFUSED, TAKEN, Recording, opening

# A Monday, at ten in Lisbon.
NOW = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def world(db: None) -> people.World:
    """Ana is reminded at ten by email, and has something to do every day."""
    made = people.world()
    prescribed.line(made.ana)
    contact(made.clinic, made.ana.user)
    preferences(made.ana, "10:00")
    return made


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def stored(row: Delivery) -> Delivery:
    with clinic_context(row.clinic_id):
        return Delivery.objects.get(pk=row.pk)


def fate(row: Delivery) -> tuple[str, str]:
    now = stored(row)
    return now.state, now.reason


def test_a_reminder_says_that_something_waits_and_nothing_about_anyone(world, server, settings):
    settings.DEFAULT_FROM_EMAIL = "Rehab <rehab@harbour.example>"
    settings.APP_URL = "https://app.harbour.example"
    row = delivery(world.ana, NOW)

    assert deliver(now=NOW) == 1

    [mail] = server.mails
    assert mail["To"] == world.ana.user.email
    assert mail["Subject"] == "Your plan for today is waiting"
    assert mail["Message-ID"] == f"<{row.pk}@harbour.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = mail["List-Unsubscribe"].strip(" <>")
    assert text_of(mail).splitlines() == [
        "You have something planned for today. Open your plan when you are ready.",
        "",
        "Open my plan:",
        "https://app.harbour.example/",
        "",
        "Feeling unwell or in new pain? Call your clinic: +351 210 000 000.",
        "",
        "--",
        "Harbour Clinic",
        f"Stop these reminders: {stop}",
    ]
    assert read_stop_token(stop.removeprefix("https://app.harbour.example/stop/")) == StopLink(
        clinic=world.clinic.pk, user=world.ana.user_id, patient=world.ana.pk, kind="reminder"
    )
    html = mail.get_body(("html",)).get_content()
    assert stop in html
    for told in ("Ana", "heel", "raise", "<img", "repetition"):
        assert told not in mail.as_string()


def test_what_was_sent_is_settled(world, server):
    row = delivery(world.ana, NOW)
    deliver(now=NOW)

    assert fate(row) == ("sent", "")
    now = stored(row)
    assert (now.attempts, now.last_error) == (1, "")
    assert NOW <= now.settled_at < NOW + MINUTE
    assert current_clinic() is None
    assert JobRun.objects.get(name="remind").last_outcome == "done"


def test_a_second_run_sends_nothing_again(world, server):
    delivery(world.ana, NOW)

    assert (deliver(now=NOW), deliver(now=NOW)) == (1, 0)
    assert len(server.mails) == 1


def test_what_is_not_due_waits(world, server):
    row = delivery(world.ana, NOW + MINUTE)

    assert deliver(now=NOW) == 0
    assert fate(row) == ("waiting", "")


def test_a_carer_who_is_copied_reads_of_no_one_by_name(world, server):
    with clinic_context(world.clinic.pk):
        ReminderPreferences.objects.update(copies_carers=True)
    contact(world.clinic, world.carer.user)
    delivery(world.ana, NOW, recipient_id=world.carer.user_id)

    deliver(now=NOW)

    [mail] = server.mails
    assert mail["To"] == world.carer.user.email
    assert mail["Subject"] == "A plan for today is waiting"
    assert "The person you help has something planned for today." in text_of(mail)
    assert "Open my plan" not in mail.as_string()


# ---- What happened between planning and sending -------------------------------------------------


def stop_reminders(world: people.World) -> None:
    ReminderPreferences.objects.update(reminders_stopped_at=NOW)


def pause_reminders(world: people.World) -> None:
    ReminderPreferences.objects.update(is_paused=True)


def pause(world: people.World) -> None:
    people.pause(world.ana, starts_on=NOW.date(), ends_on=None)


def discharge(world: people.World) -> None:
    Patient.objects.update(status="discharged", discharged_on=NOW.date())


def end_login(world: people.World) -> None:
    User.objects.filter(pk=world.ana.user_id).update(is_active=False)


def other_login(world: people.World) -> None:
    Patient.objects.update(user=people.user("Ana"))


def archive(world: people.World) -> None:
    world.clinic.archived_at = NOW
    world.clinic.save()


def forget_contact(world: people.World) -> None:
    Contact.objects.all().delete()


def unconfirm(world: people.World) -> None:
    Contact.objects.update(confirmed_at=None)


def bounce(world: people.World) -> None:
    Contact.objects.get().disable(Contact.Disabled.BOUNCED, now=NOW)


def log_everything(world: people.World) -> None:
    _log(world, sets=3)


def _log(world: people.World, *, sets: int, **facts: object) -> None:
    with clinic_context(world.clinic.pk):
        line = Line.objects.get(patient=world.ana)
    session = {
        "id": "0a6f4e1c-58d2-4b3f-9c7a-3b1d2e4f5a60",
        "performed_at": "2026-11-23T09:30:00+00:00",
        "results": [{"line": str(line.pk), "side": "both", "sets": [{"repetitions": 10}] * sets}],
        **facts,
    }
    assert Caller().as_(world.ana).post("me/sessions", session).status_code == 201


BETWEEN = [
    (stop_reminders, "stopped"),
    (pause_reminders, "reminders_paused"),
    (pause, "paused"),
    (discharge, "discharged"),
    (end_login, "login_ended"),
    (other_login, "consent_revoked"),
    (archive, "clinic_archived"),
    (forget_contact, "no_contact"),
    (unconfirm, "no_contact"),
    (bounce, "no_contact"),
    (log_everything, "all_done"),
]


@pytest.mark.parametrize(
    ("happens", "reason"), BETWEEN, ids=lambda one: getattr(one, "__name__", one)
)
def test_what_happened_since_it_was_planned_holds_it_back(
    world, server, happens, reason, time_machine
):
    time_machine.move_to(NOW, tick=False)
    row = delivery(world.ana, NOW)
    with clinic_context(world.clinic.pk):
        happens(world)

    assert deliver(now=NOW) == 1

    assert fate(row) == ("suppressed", reason)
    assert server.mails == []


def test_what_is_half_done_is_still_reminded_of(world, server, time_machine):
    """Two occurrences are due in a day; one was logged."""
    time_machine.move_to(NOW, tick=False)
    with clinic_context(world.clinic.pk):
        PrescribedExercise.objects.update(times_per_day=2)
        _log(world, sets=3)
    row = delivery(world.ana, NOW)

    deliver(now=NOW)

    assert fate(row) == ("sent", "")


def test_a_rest_day_is_not_reminded_of(world, server):
    with clinic_context(world.clinic.pk):
        PrescribedExercise.objects.update(weekdays=0b0000010)
    row = delivery(world.ana, NOW)

    deliver(now=NOW)

    assert fate(row) == ("suppressed", "nothing_due")


def test_after_the_app_said_stop_nobody_is_reminded(world, server, time_machine):
    time_machine.move_to(NOW, tick=False)
    _log(world, sets=1, symptoms=["dizziness"])
    row = delivery(world.ana, NOW)

    deliver(now=NOW)

    assert fate(row) == ("suppressed", "told_to_stop")


@pytest.mark.parametrize("change", ["consent_revoked", "not_copied"])
def test_a_carer_whose_consent_ended_gets_no_copy(world, server, change):
    contact(world.clinic, world.carer.user)
    row = delivery(world.ana, NOW, recipient_id=world.carer.user_id)
    with clinic_context(world.clinic.pk):
        ReminderPreferences.objects.update(copies_carers=change == "consent_revoked")
        if change == "consent_revoked":
            Carer.objects.update(revoked_at=NOW)

    deliver(now=NOW)

    assert fate(row) == ("suppressed", change)


def test_an_earlier_slot_gives_way_to_a_later_one_that_is_due_too(world, server):
    first = delivery(world.ana, NOW - 30 * MINUTE, slot=2)
    second = delivery(world.ana, NOW)

    deliver(now=NOW)

    assert (fate(first), fate(second)) == (("suppressed", "overtaken"), ("sent", ""))
    assert len(server.mails) == 1


def test_what_was_moved_is_made_anew_by_the_planner(world, server):
    """The patient flew on before a worker looked: it comes at nine there, once."""
    plan(now=NOW - 60 * MINUTE)
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(time_zone="Atlantic/Azores")

    assert deliver(now=NOW) == 1  # gone, not sent
    plan(now=NOW)
    assert deliver(now=NOW) == 0
    assert deliver(now=NOW + 60 * MINUTE) == 1

    assert len(server.mails) == 1
    with clinic_context(world.clinic.pk):
        assert Delivery.objects.filter(local_date=NOW.date()).count() == 1


# ---- Channels that fail --------------------------------------------------------------------------


def test_a_channel_that_fails_is_tried_again_after_1_5_and_25_minutes(world):
    row = delivery(world.ana, NOW)
    email = Recording(all=LATER)
    waits = [(0, 1), (59, 0), (61, 1), (61 + 299, 0), (61 + 301, 1), (61 + 301 + 1499, 0)]
    for seconds, tried in [*waits, (61 + 301 + 1501, 1), (3599, 0)]:
        at = NOW + dt.timedelta(seconds=seconds)
        assert deliver(now=at, open_port=opening(email=email)) == tried, seconds

    assert (fate(row), stored(row).attempts) == (("failed", ""), 4)
    assert stored(row).last_error == "Later 450"


def test_what_could_not_be_sent_in_time_expires(world):
    row = delivery(world.ana, NOW)
    deliver(now=NOW + 50 * MINUTE, open_port=opening(email=Recording(all=LATER)))
    deliver(now=NOW + 61 * MINUTE, open_port=opening(email=Recording()))

    assert (fate(row), stored(row).attempts) == (("expired", "late"), 1)


def test_while_a_provider_is_away_one_is_tried_and_other_channels_go_on(world):
    with clinic_context(world.clinic.pk):
        ReminderPreferences.objects.update(channels=["email", "sms"])
    contact(world.clinic, world.ana.user, channel="sms", address="+351912000000")
    rows = [delivery(world.ana, NOW, slot=slot) for slot in (1, 2)]
    text = delivery(world.ana, NOW, slot=3, channel="sms")
    with clinic_context(world.clinic.pk):
        for slot in (2, 3):
            ReminderTime.objects.create(
                clinic=world.clinic, patient=world.ana, slot=slot, at=dt.time(10)
            )
    email, sms = Recording(all=DOWN), Recording()

    assert deliver(now=NOW, open_port=opening(email=email, sms=sms)) == 2

    assert (len(email.tried), len(sms.sent)) == (1, 1)
    assert sorted(stored(row).attempts for row in rows) == [0, 1]
    assert fate(text) == ("sent", "")
    assert (email.closed, sms.closed) == (1, 1)


def test_what_is_refused_for_good_is_carried_by_the_next_channel(world):
    with clinic_context(world.clinic.pk):
        ReminderPreferences.objects.update(channels=["email", "sms"])
    contact(world.clinic, world.ana.user, channel="sms", address="+351912000000")
    row = delivery(world.ana, NOW)
    with clinic_context(world.clinic.pk):
        address = Contact.objects.get(channel="email")
    dead = ((address, Contact.Disabled.BOUNCED),)
    email, sms = Recording(all=replace(REFUSED, dead=dead)), Recording()

    assert deliver(now=NOW, open_port=opening(email=email, sms=sms)) == 2

    assert (fate(row), len(sms.sent)) == (("failed", ""), 1)
    with clinic_context(world.clinic.pk):
        instead = Delivery.objects.get(channel="sms")
        address.refresh_from_db()
    assert (instead.instead_of, instead.due_at, instead.expires_at) == (
        row.pk, row.due_at, row.expires_at,
    )  # fmt: skip
    assert (address.disabled_because, address.disabled_at.replace(microsecond=0)) == (
        "bounced",
        NOW,
    )


def test_without_a_confirmed_address_the_next_channel_carries_it(world):
    with clinic_context(world.clinic.pk):
        ReminderPreferences.objects.update(channels=["web_push", "email"])
    row = delivery(world.ana, NOW, channel="web_push")
    email = Recording()

    deliver(now=NOW, open_port=opening(email=email))

    assert fate(row) == ("suppressed", "no_contact")
    assert [address for address, _note in email.sent] == [world.ana.user.email]


def test_after_the_last_channel_there_is_none(world):
    row = delivery(world.ana, NOW)
    deliver(now=NOW, open_port=opening(email=Recording(all=REFUSED)))

    assert fate(row) == ("failed", "")
    with clinic_context(world.clinic.pk):
        assert Delivery.objects.count() == 1


def test_a_fault_of_ours_holds_up_nobody_else(world, caplog):
    """A poison message among others: it is put off, they go out, and the run says that it failed."""
    poison = delivery(world.ana, NOW)
    other = delivery(world.ana, NOW, recipient_id=world.carer.user_id)
    contact(world.clinic, world.carer.user)
    with clinic_context(world.clinic.pk):
        ReminderPreferences.objects.update(copies_carers=True)

    def writer(it, now):
        if it.id == poison.pk:
            raise ValueError("Ana Silva\n")
        return reminder_note(it, now)

    email = Recording()
    with pytest.raises(DeliveriesFaulty, match="1 of 2 deliveries"):
        deliver(now=NOW, writers={"reminder": writer}, open_port=opening(email=email))

    assert fate(other) == ("sent", "")
    assert (fate(poison), stored(poison).last_error) == (("waiting", ""), "fault ValueError")
    assert stored(poison).attempts == 1
    logged = "".join(JSONFormatter().format(record) for record in caplog.records)
    assert "builtins.ValueError" in logged
    assert "Ana" not in logged
    assert JobRun.objects.get(name="remind").last_outcome == "failed"


def test_a_poison_message_is_given_up_after_four_tries(world):
    row = delivery(world.ana, NOW, expires_at=NOW + 120 * MINUTE)

    def writer(it, now):
        raise ValueError

    for minute in (0, 2, 8, 34):
        with pytest.raises(DeliveriesFaulty):
            deliver(now=NOW + minute * MINUTE, writers={"reminder": writer})

    assert (fate(row), stored(row).attempts) == (("failed", ""), 4)


# ---- A real mail server --------------------------------------------------------------------------


def test_one_address_that_is_refused_is_disabled_and_the_others_flow(world, server):
    with clinic_context(world.clinic.pk):
        ReminderPreferences.objects.update(copies_carers=True)
    contact(world.clinic, world.carer.user)
    server.answers[world.ana.user.email] = "550 5.1.1 No such user"
    refused = delivery(world.ana, NOW)
    taken = delivery(world.ana, NOW, recipient_id=world.carer.user_id)

    deliver(now=NOW)

    assert (fate(refused), fate(taken)) == (("failed", ""), ("sent", ""))
    assert stored(refused).last_error == "SMTPRecipientsRefused 550"
    with clinic_context(world.clinic.pk):
        disabled = Contact.objects.get(user=world.ana.user)
    assert disabled.disabled_because == "bounced"


def test_an_address_that_is_throttled_is_tried_later_and_the_others_flow(world, server):
    with clinic_context(world.clinic.pk):
        ReminderPreferences.objects.update(copies_carers=True)
    contact(world.clinic, world.carer.user)
    server.answers[world.ana.user.email] = "450 4.2.1 Too many mails"
    row = delivery(world.ana, NOW)
    taken = delivery(world.ana, NOW, recipient_id=world.carer.user_id)
    deliver(now=NOW)

    assert (fate(row), fate(taken)) == (("waiting", ""), ("sent", ""))
    assert stored(row).last_error == "SMTPRecipientsRefused 450"
    server.answers.clear()
    deliver(now=NOW + 2 * MINUTE)
    assert (fate(row), stored(row).attempts) == (("sent", ""), 2)


def test_a_mail_server_that_hangs_costs_one_try(world, server, settings):
    settings.EMAIL_TIMEOUT = 0.3
    server.seconds = 1
    row = delivery(world.ana, NOW)

    assert deliver(now=NOW) == 1
    assert (fate(row), stored(row).attempts) == (("waiting", ""), 1)
    assert stored(row).last_error in {"TimeoutError", "SMTPServerDisconnected"}


def test_without_a_mail_server_nothing_is_lost(world, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    row = delivery(world.ana, NOW)
    deliver(now=NOW)

    assert (fate(row), stored(row).attempts) == (("waiting", ""), 1)
    assert stored(row).last_error == "ConnectionRefusedError"


def test_every_mail_of_a_run_goes_over_one_connection(world, server):
    with clinic_context(world.clinic.pk):
        ReminderPreferences.objects.update(copies_carers=True)
    contact(world.clinic, world.carer.user)
    delivery(world.ana, NOW)
    delivery(world.ana, NOW, recipient_id=world.carer.user_id)
    deliver(now=NOW)

    assert (len(server.mails), server.connections) == (2, 1)


def test_the_ports_are_those_of_the_platform():
    assert isinstance(open_port("email"), EmailPort)
    assert "reminder" in WRITERS


@pytest.mark.parametrize("who", ["rui", "marta"])
def test_a_digest_ends_with_the_membership(world, who):
    member: Membership = getattr(world, who)
    row = delivery(
        world.ana, NOW, kind="digest", slot=0, patient_id=None, recipient_id=member.user_id
    )
    contact(world.clinic, member.user)
    with clinic_context(world.clinic.pk):
        Membership.objects.filter(pk=world.rui.pk).update(deactivated_at=NOW)
    email = Recording()
    writers = {"digest": reminder_note}
    deliver(now=NOW, writers=writers, open_port=opening(email=email))

    expected = ("suppressed", "membership_ended") if who == "rui" else ("sent", "")
    assert fate(row) == expected


def test_a_channel_that_was_left_hands_over_to_the_first_now_chosen(world):
    contact(world.clinic, world.ana.user, channel="sms", address="+351912000000")
    row = delivery(world.ana, NOW)
    with clinic_context(world.clinic.pk):
        ReminderPreferences.objects.update(channels=["sms", "web_push"])
    email, sms = Recording(), Recording()

    deliver(now=NOW, open_port=opening(email=email, sms=sms))

    assert (fate(row), email.tried) == (("suppressed", "channel_left"), [])
    assert [address for address, _note in sms.sent] == ["+351912000000"]


def test_a_browser_that_is_gone_is_disabled_though_another_took_it(world):
    with clinic_context(world.clinic.pk):
        ReminderPreferences.objects.update(channels=["web_push"])
    gone = browser(world.clinic, world.ana.user, "https://push.example/gone")
    browser(world.clinic, world.ana.user, "https://push.example/here")
    row = delivery(world.ana, NOW, channel="web_push")
    taken = replace(TAKEN, dead=((gone, Contact.Disabled.GONE),))

    deliver(now=NOW, open_port=opening(web_push=Recording(all=taken)))

    assert fate(row) == ("sent", "")
    with clinic_context(world.clinic.pk):
        gone.refresh_from_db()
    assert gone.disabled_because == "gone"
