"""Text messages through a real gateway over HTTP, as apprise asks it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from reminders.channels import open_port
from reminders.channels.port import Note, Outcome, Result
from reminders.channels.sms import SmsPort, shortened
from reminders.models import Contact
from tests.push_service import Sink, http_sink

TEXT = "You have something planned for today."
NOTE = Note(key=uuid.UUID(int=7), title="Your plan", text=TEXT, template="reminder")
ANA = Contact(channel="sms", address="+351912345678")


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with http_sink() as running:
        running.status = 200
        settings.SMS_URL = f"json://127.0.0.1:{running.port}/send?:to={{to}}"
        yield running


def test_a_text_goes_to_the_number_and_says_no_more(sink: Sink) -> None:
    outcome = SmsPort().send(NOTE, [ANA, Contact(channel="sms", address="+351999999999")])

    assert outcome == Outcome(result=Result.TAKEN)
    [(path, _headers, body)] = sink.requests
    said = json.loads(body)
    assert path == "/send"
    assert (said["to"], said["message"], said["title"]) == ("+351912345678", TEXT, "")


def test_as_a_form_too(sink: Sink, settings: Any) -> None:
    settings.SMS_URL = settings.SMS_URL.replace("json://", "form://")

    SmsPort().send(NOTE, [ANA])

    said = parse_qs(sink.requests[0][2].decode())
    assert (said["to"], said["message"]) == (["+351912345678"], [TEXT])


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_what_the_gateway_does_not_take_is_tried_later(sink: Sink, status: int, caplog) -> None:
    sink.status, sink.body = status, b"no such number: +351912345678"

    outcome = SmsPort().send(NOTE, [ANA])

    assert outcome == Outcome(result=Result.LATER, error="sms not taken")
    assert len(sink.requests) == 1
    assert "912345678" not in caplog.text


def test_a_gateway_that_hangs_or_drips_is_left_after_the_deadline(sink: Sink) -> None:
    for fields in ({"seconds": 1.0}, {"seconds": 0.0, "drips": True}):
        for name, value in fields.items():
            setattr(sink, name, value)
        began = time.monotonic()

        outcome = SmsPort(total_seconds=0.3).send(NOTE, [ANA])

        assert outcome.result is Result.LATER
        assert outcome.error in {"sms timeout", "sms not taken"}
        assert time.monotonic() - began < 0.9


def test_a_gateway_that_is_not_there_is_tried_later(sink: Sink, settings: Any) -> None:
    settings.SMS_URL = "json://127.0.0.1:9/?:to={to}"

    assert SmsPort().send(NOTE, [ANA]).result is Result.LATER


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("", ""),
        ("a b", "a b"),
        (" a\n\n b ", "a b"),
        ("x" * 160, "x" * 160),
        ("word " * 32 + "!", "word " * 30 + "word…"),
        ("y" * 100 + " " + "z" * 100, "y" * 100 + "…"),
    ],
)
def test_a_text_is_one_message_long(text: str, short: str) -> None:
    assert shortened(text) == short
    assert len(shortened(text)) <= 160


def test_the_channel_opens_its_port(sink: Sink) -> None:
    port = open_port("sms")

    assert isinstance(port, SmsPort)
    port.close()
