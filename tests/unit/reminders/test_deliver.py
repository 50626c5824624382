"""Sending: what goes out, what does not and why, and what a channel that fails does to the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from clinics.models import Membership, User
from core.models import JobRun
from core.tenancy import clinic_context, current_clinic
from patients.models import Carer, Line, Patient, PrescribedExercise
from reminders.actions.deliver import deliver
from reminders.actions.plan import plan
from reminders.models import Contact, Delivery, ReminderPreferences
from reminders.stop_links import StopLink, read_stop_token
from reminders.writers import reminder_note
from tests.api.caller import Caller
from tests.factories import people
from tests.factories.reminders import contact, delivery, reminded_world
from tests.mail_server import MailServer, mail_server, text_of
from tests.unit.reminders.ports import Recording, opening

# A Monday, at ten in Lisbon.
NOW = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def world(db: None) -> people.World:
    return reminded_world()


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
