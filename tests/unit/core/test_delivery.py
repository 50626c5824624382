from __future__ import annotations

import datetime as dt
import smtplib
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail as outgoing

from core import delivery
from core.delivery import deliver
from core.mail import Mail, describe, is_about_this_mail, is_final
from core.models import JobRun, Message
from core.tenancy import clinic_context, current_clinic
from rehab_platform.mails import WRITERS
from tests.factories import people
from tests.mail_server import MailServer, mail_server, text_of

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
SOON = dt.timedelta(seconds=5)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def stored(message: Message) -> Message:
    with clinic_context(message.clinic_id):
        return Message.objects.get(pk=message.pk)


def test_what_is_due_is_sent_over_one_connection_and_settled(world, server):
    first = people.message(world.clinic, world.rui.user, due_at=NOW - MINUTE)
    second = people.message(world.far_clinic, world.far_therapist.user, due_at=NOW)
    later = people.message(world.clinic, world.marta.user, due_at=NOW + MINUTE)

    assert deliver(writers=WRITERS, now=NOW) == 2

    assert server.to() == [world.rui.user.email, world.far_therapist.user.email]
    assert server.connections == 1
    for message in (stored(first), stored(second)):
        assert (message.state, message.attempts, message.last_error) == ("sent", 1, "")
        assert NOW <= message.claimed_at <= message.settled_at < NOW + SOON
    assert (stored(later).state, stored(later).attempts) == ("waiting", 0)
    assert current_clinic() is None


def test_a_second_run_sends_nothing_again(world, server):
    people.message(world.clinic, world.rui.user)

    assert (deliver(writers=WRITERS, now=NOW), deliver(writers=WRITERS, now=NOW)) == (1, 0)

    assert len(server.mails) == 1


def test_an_alert_s_mail_says_that_it_waits_and_nothing_about_whom(world, server, settings):
    settings.DEFAULT_FROM_EMAIL = "Rehab <rehab@harbour.example>"
    settings.APP_URL = "https://app.harbour.example"
    message = people.message(world.clinic, world.rui.user, about={"alert": world.ana.pk})

    deliver(writers=WRITERS, now=NOW)

    [mail] = server.mails
    assert mail["Subject"] == "Harbour Clinic: an alert needs you"
    assert mail["From"] == "Rehab <rehab@harbour.example>"
    assert mail["Message-ID"] == f"<{message.pk}@harbour.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert text_of(mail).splitlines() == [
        "An alert at Harbour Clinic needs you. Please sign in and look at it now.",
        "",
        "https://app.harbour.example",
        "",
        "This mail says nothing about whom it is about, on purpose.",
    ]
    everything = mail.as_string()
    assert "Ana" not in everything
    assert "<img" not in everything


def test_a_plain_address_is_written_to_as_it_is(world, server):
    people.message(
        world.clinic, world.rui.user, recipient_id=None, address="on-call@harbour.example"
    )

    deliver(writers=WRITERS, now=NOW)

    assert server.to() == ["on-call@harbour.example"]


def test_a_name_with_markup_and_line_breaks_stays_a_name(world, server):
    world.clinic.name = "Harbour\nBcc: all@example.org <b>"
    world.clinic.save()
    people.message(world.clinic, world.rui.user)

    deliver(writers=WRITERS, now=NOW)

    [mail] = server.mails
    assert mail["Subject"] == "Harbour Bcc: all@example.org <b>: an alert needs you"
    assert mail["Bcc"] is None
    assert "&lt;b&gt;" in mail.get_body(("html",)).get_content()


def test_an_ended_login_gets_no_mail(world, server):
    world.rui.user.is_active = False
    world.rui.user.save()
    message = people.message(world.clinic, world.rui.user)

    deliver(writers=WRITERS, now=NOW)

    assert server.mails == []
    assert (stored(message).state, stored(message).attempts) == ("dropped", 0)


def test_a_mail_that_is_refused_for_now_is_tried_after_1_5_and_25_minutes(world, server):
    message = people.message(world.clinic, world.rui.user, due_at=NOW)
    server.answers[world.rui.user.email] = "451 later"
    seen = []
    moment = NOW

    for wait in (1, 5, 25, None):
        deliver(writers=WRITERS, now=moment)
        tried = stored(message)
        seen.append((tried.state, tried.attempts, tried.last_error))
        if wait is not None:
            assert timedelta_near(tried.next_at - moment, wait * MINUTE)
            assert deliver(writers=WRITERS, now=moment + wait * MINUTE - SOON) == 0
            moment += wait * MINUTE + SOON

    error = "SMTPRecipientsRefused 451"
    assert seen == [
        ("waiting", 1, error), ("waiting", 2, error), ("waiting", 3, error), ("failed", 4, error),
    ]  # fmt: skip
    assert deliver(writers=WRITERS, now=moment + dt.timedelta(days=1)) == 0
    assert server.mails == []


def timedelta_near(found: dt.timedelta, wanted: dt.timedelta) -> bool:
    return wanted <= found < wanted + SOON


def test_a_mail_that_was_put_off_goes_out_when_the_server_takes_it(world, server):
    message = people.message(world.clinic, world.rui.user, due_at=NOW)
    server.answers[world.rui.user.email] = "451 later"
    deliver(writers=WRITERS, now=NOW)
    server.answers.clear()

    deliver(writers=WRITERS, now=NOW + MINUTE + SOON)

    assert (stored(message).state, stored(message).attempts) == ("sent", 2)
    assert server.to() == [world.rui.user.email]


def test_an_address_that_does_not_exist_fails_at_once_and_holds_up_nobody(world, server):
    refused = people.message(world.clinic, world.rui.user, due_at=NOW - MINUTE)
    taken = people.message(world.clinic, world.marta.user, due_at=NOW)
    server.answers[world.rui.user.email] = "550 no such user"

    deliver(writers=WRITERS, now=NOW)

    failed = stored(refused)
    assert (failed.state, failed.last_error) == ("failed", "SMTPRecipientsRefused 550")
    assert failed.settled_at is not None
    assert stored(taken).state == "sent"


@pytest.mark.parametrize("listening", [False, True], ids=["refuses", "says nothing"])
def test_while_the_server_cannot_be_reached_one_is_tried_and_the_others_wait(
    world, settings, listening
):
    """A black hole costs a run its time-out once, and an outage no message its four tries."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 0.2
    first, second = (
        people.message(world.clinic, one.user, due_at=NOW) for one in (world.rui, world.marta)
    )
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        if listening:
            hole.listen()
        settings.EMAIL_HOST, settings.EMAIL_PORT = hole.getsockname()

        assert deliver(writers=WRITERS, now=NOW) == 1

    assert (stored(first).attempts, stored(second).attempts) == (1, 0)
    assert stored(first).last_error in {
        "ConnectionRefusedError", "SMTPServerDisconnected", "TimeoutError",
    }  # fmt: skip
    assert JobRun.objects.get(name="deliver").last_outcome == "done"


def test_a_fault_of_ours_is_raised_and_lets_the_others_pass(world, server):
    poison = people.message(world.clinic, world.rui.user, due_at=NOW - MINUTE)
    good = people.message(world.clinic, world.marta.user, due_at=NOW)

    def write(message: Message, now: dt.datetime) -> Mail | None:
        if message.pk == poison.pk:
            raise ZeroDivisionError
        return WRITERS["alert"](message, now)

    with pytest.raises(ZeroDivisionError):
        deliver(writers={"alert": write}, now=NOW)
    assert JobRun.objects.get(name="deliver").last_outcome == "failed"
    deliver(writers={"alert": write}, now=NOW)

    assert (stored(poison).state, stored(poison).last_error) == ("waiting", "fault")
    assert stored(good).state == "sent"


def test_what_a_writer_stored_is_undone_where_the_mail_was_not_taken(world, server):
    message = people.message(world.clinic, world.rui.user, due_at=NOW)
    server.answers[world.rui.user.email] = "451 later"

    def write(message: Message, now: dt.datetime) -> Mail:
        world.clinic.name = "Renamed"
        world.clinic.save()
        return Mail(to=world.rui.user.email, subject="x", template="alert", context={})

    deliver(writers={"alert": write}, now=NOW)

    world.clinic.refresh_from_db()
    assert (world.clinic.name, stored(message).attempts) == ("Harbour Clinic", 1)


def test_every_kind_of_message_has_its_writer():
    assert {str(kind) for kind in WRITERS} == set(Message.Kind.values)


def test_a_run_ends_in_time_for_the_next(world, monkeypatch):
    for number in range(3):
        people.message(world.clinic, world.rui.user, key=f"alert:{number}:x", due_at=NOW)
    monkeypatch.setattr(delivery, "LONGEST_RUN_SECONDS", 0.0)

    assert deliver(writers=WRITERS, now=NOW) == 0
    assert outgoing.outbox == []


@pytest.mark.parametrize(
    ("error", "named", "final", "about_this"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"a@b?")}), "SMTPRecipientsRefused 550", True, True),
        (smtplib.SMTPRecipientsRefused({"a@b": (451, b"")}), "SMTPRecipientsRefused 451", False, True),
        (smtplib.SMTPRecipientsRefused({"a@b": (499, b"")}), "SMTPRecipientsRefused 499", False, True),
        (smtplib.SMTPDataError(554, b"spam a@b"), "SMTPDataError 554", False, True),
        (smtplib.SMTPSenderRefused(553, b"", "a@b"), "SMTPSenderRefused 553", False, True),
        (smtplib.SMTPAuthenticationError(535, b"a@b"), "SMTPAuthenticationError 535", False, False),
        (smtplib.SMTPServerDisconnected("a@b"), "SMTPServerDisconnected", False, False),
        (TimeoutError("a@b"), "TimeoutError", False, False),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)  # fmt: skip
def test_an_error_is_named_without_what_it_says(error: Any, named: str, final, about_this):
    assert describe(error) == named
    assert (is_final(error), is_about_this_mail(error)) == (final, about_this)
