"""How an address, a number and a browser are written down, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Invalid
from reminders.actions.addresses import Place, place_of
from reminders.bodies.contacts import NewContact
from reminders.models import Channel
from tests.factories.push import KEY, SECRET, vapid_settings

ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc:def"


@pytest.fixture(autouse=True)
def _all_offered(settings: Any) -> None:
    settings.SMS_URL = "json://127.0.0.1/?:to={to}"
    for name, value in vapid_settings().items():
        setattr(settings, name, value)


@pytest.mark.parametrize(
    ("channel", "said", "stored"),
    [
        ("email", "ana@example.org", "ana@example.org"),
        ("email", "Ana.Silva@Example.ORG", "ana.silva@example.org"),
        ("email", "ana+rehab@mail.example.org", "ana+rehab@mail.example.org"),
        ("sms", "+351912345678", "+351912345678"),
        ("sms", "+351 912 345 678", "+351912345678"),
        ("sms", "+49 (30) 1234-5678", "+493012345678"),
        ("sms", "+1.555.123/4567", "+15551234567"),
        ("sms", "+1234567", "+1234567"),
        ("sms", "+123456789012345", "+123456789012345"),
    ],
)
def test_it_is_stored_in_one_form(channel: str, said: str, stored: str) -> None:
    place = place_of(NewContact(channel=channel, address=said))  # type: ignore[arg-type]

    assert place == Place(Channel(channel), stored)


def test_a_browser_is_stored_as_it_says() -> None:
    said = NewContact(channel="web_push", address=ENDPOINT, push_key=KEY, push_secret=SECRET)

    assert place_of(said) == Place(Channel.WEB_PUSH, ENDPOINT, KEY, SECRET)


@pytest.mark.parametrize(
    "said",
    [
        "", "ana", "@", "ana@", "@example.org", "ana@example", "ana @example.org", "ana@exam ple.org",
        "ana@example..org", "ana@-example.org", "ana@example.org.", "a@b@example.org",
        "Ana <ana@example.org>", "ana@example.org, bo@example.org", "ana@example.org;bo@example.org",
        "ana@example.org\r\nBcc: bo@example.org", "ana\x00@example.org",
        "ana@" + "x" * 64 + ".org", "mailto:ana@example.org?cc=bo@example.org",
    ],
)  # fmt: skip
def test_what_is_no_mail_address(said: str) -> None:
    with pytest.raises(Invalid) as refused:
        place_of(NewContact(channel="email", address=said))

    assert [(one.field, one.code) for one in refused.value.errors] == [("address", "malformed")]


@pytest.mark.parametrize(
    "said",
    [
        "", "+", "912345678", "00351912345678", "+0351912345678", "+123456", "+1234567890123456",
        "+351912345678x", "++351912345678", "+351912345678,+351999999999", "tel:+351912345678",
        "+35191234567\u0668", "+351912345678\n", "+351\t912345678", "+351912345678&to=+351999999999",
        "+351912345678?", "{to}",
    ],
)  # fmt: skip
def test_what_is_no_number(said: str) -> None:
    with pytest.raises(Invalid) as refused:
        place_of(NewContact(channel="sms", address=said))

    assert [(one.field, one.code) for one in refused.value.errors] == [("address", "malformed")]


def test_what_is_not_offered_is_said_before_anything_else(settings: Any) -> None:
    settings.SMS_URL = settings.VAPID_PRIVATE_KEY = ""

    for channel in ("sms", "web_push"):
        with pytest.raises(Invalid) as refused:
            place_of(NewContact(channel=channel, address="nonsense"))  # type: ignore[arg-type]
        assert [(one.field, one.code) for one in refused.value.errors] == [
            ("channel", "channel_not_offered")
        ]
