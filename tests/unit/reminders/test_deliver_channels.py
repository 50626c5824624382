"""Channels that fail: what is tried again, disabled or handed over, and that the others flow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.models import JobRun
from core.tenancy import clinic_context
from rehab_platform.logs import JSONFormatter
from reminders.actions.deliver import DeliveriesFaulty, deliver
from reminders.channels import open_port
from reminders.channels.email import EmailPort
from reminders.models import Contact, Delivery, ReminderPreferences, ReminderTime
from reminders.writers import WRITERS, reminder_note
from tests.factories import people
from tests.factories.reminders import browser, contact, delivery, reminded_world
from tests.mail_server import MailServer, mail_server
from tests.unit.reminders.ports import DOWN, LATER, REFUSED, TAKEN, Recording, opening
from tests.unit.reminders.test_deliver import fate, stored

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
