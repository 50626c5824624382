"""Mails through a provider's interface: a real server takes what is sent, and answers as it likes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from anymail.exceptions import AnymailConfigurationError
from django.core.mail import get_connection

from core.mail import Mail, describe, is_about_this_mail, is_final, post
from core.mail_providers import NotTaken, refused_by_provider
from reminders.channels.email import EmailPort
from reminders.channels.port import Note, Outcome, Result
from reminders.delivery_tokens import read_delivery_token
from reminders.models import Contact
from tests.push_service import Sink, http_sink

ROW = uuid.UUID("019aa9f4-4d01-7c33-8e21-6f5a4b3c2d1e")
CLINIC = uuid.UUID("019aa9f4-0001-7f00-8000-9a8b7c6d5e4f")
TO = "ana.silva@example.org"
# As Postmark words it; anymail reads the address out of it.
INACTIVE = (
    "You tried to send to a recipient that has been marked as inactive.\n"
    f"Found inactive addresses: {TO}.\nInactive recipients are ones that have generated a hard bounce."
)


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """A provider on this machine, which takes what it is given."""
    with http_sink() as running:
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = settings.ANYMAIL | {
            "POSTMARK_SERVER_TOKEN": "secret", "POSTMARK_API_URL": f"http://127.0.0.1:{running.port}/",
        }  # fmt: skip
        answer(running, 200, 0)
        yield running


def answer(sink: Sink, status: int, code: int, message: str = "OK") -> None:
    said = {"ErrorCode": code, "Message": message, "MessageID": "x", "To": TO}
    sink.status, sink.body = status, json.dumps(said).encode()


def posted(**fields: Any) -> None:
    said = {"to": TO, "subject": "Hello", "template": "password_changed"} | fields
    with get_connection() as server:
        post(Mail(**said), message_id=ROW, connection=server)


def test_a_provider_is_told_what_it_gives_back_with_a_bounce_and_follows_nobody(sink: Sink) -> None:
    posted(metadata={"delivery": "token"})

    [(_path, headers, body)] = sink.requests
    said = json.loads(body)
    assert headers["X-Postmark-Server-Token"] == "secret"
    assert (said["To"], said["Subject"]) == (TO, "Hello")
    assert said["Metadata"] == {"delivery": "token"}
    assert (said["TrackOpens"], said["TrackLinks"]) == (False, "None")


def test_a_reminder_s_mail_carries_the_token_of_its_delivery(sink: Sink) -> None:
    note = Note(key=ROW, title="Hello", text="Hello", template="password_changed")
    contact = Contact(channel="email", address=TO, clinic_id=CLINIC)

    assert EmailPort().send(note, [contact]) == Outcome(result=Result.TAKEN)

    said = json.loads(sink.requests[0][2])
    assert read_delivery_token(said["Metadata"]["delivery"]) == (CLINIC, ROW)
    answer(sink, 422, 406, INACTIVE)
    refused = EmailPort().send(note, [contact])
    assert (refused.result, refused.error) == (Result.REFUSED, "RecipientsRefused")
    assert refused.dead == ((contact, Contact.Disabled.BOUNCED),)
    answer(sink, 401, 10)
    assert EmailPort().send(note, [contact]) == Outcome(
        result=Result.LATER, error="ProviderRefused 401", is_provider_down=True
    )


@pytest.mark.parametrize(
    ("status", "code", "said", "final", "down"),
    [
        (422, 406, "RecipientsRefused", True, False),
        (422, 400, "ProviderRefused 422", False, False),
        (400, 0, "ProviderRefused 400", False, False),
        (401, 10, "ProviderRefused 401", False, True),
        (403, 0, "ProviderRefused 403", False, True),
        (429, 0, "ProviderRefused 429", False, True),
        (500, 0, "ProviderRefused 500", False, True),
        (503, 0, "ProviderRefused 503", False, True),
    ],
)  # fmt: skip
def test_what_a_provider_answers(sink: Sink, status: int, code: int, said: str, final: bool, down: bool) -> None:  # fmt: skip
    answer(sink, status, code, INACTIVE if code == 406 else "No.")

    with pytest.raises(NotTaken) as refused:
        posted()

    error = refused.value
    assert (describe(error), is_final(error), is_about_this_mail(error)) == (said, final, not down)
    assert TO not in str(error)


def test_one_that_is_not_there_is_down(sink: Sink, settings: Any) -> None:
    settings.ANYMAIL = settings.ANYMAIL | {"POSTMARK_API_URL": "http://127.0.0.1:9/"}

    with pytest.raises(NotTaken) as refused:
        posted()

    assert (describe(refused.value), is_about_this_mail(refused.value)) == (
        "ProviderUnreachable", False,
    )  # fmt: skip


def test_one_that_hangs_is_left_after_the_deadline(sink: Sink, settings: Any) -> None:
    settings.ANYMAIL = settings.ANYMAIL | {"REQUESTS_TIMEOUT": (0.2, 0.2)}
    sink.seconds = 1.0

    with pytest.raises(NotTaken, match="ProviderUnreachable"):
        posted()


def test_a_fault_of_ours_stays_one() -> None:
    with pytest.raises(AnymailConfigurationError), refused_by_provider():
        raise AnymailConfigurationError("no key")
