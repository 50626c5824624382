"""Who is listened to about mails that came back: the provider alone, and nobody without a secret."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import pytest

from tests.api.reminders.test_mail_events import (
    NOW,
    POSTMARK,
    PROVIDERS,
    SECRET,
    _signature,
    listen,
    sent,
    stored,
    tell,
)
from tests.factories.people import World


@pytest.fixture(autouse=True)
def _listening(settings: Any, stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)
    listen(settings, "postmark")


@pytest.mark.parametrize(
    "secret", [None, "", "hooks", "hooks:", "hooks:wrong", "HOOKS:correct horse"]
)
def test_whoever_is_not_the_provider_changes_nothing(world: World, secret: str | None) -> None:
    contact, _delivery, token = sent(world)
    before = stored(world)

    assert tell(POSTMARK.bounce(token, contact.address), secret=secret) == 403

    assert stored(world) == before


def test_a_signature_that_is_none_changes_nothing(world: World, settings: Any) -> None:
    listen(settings, "mailgun")
    contact, _delivery, token = sent(world)
    right = PROVIDERS[3].bounce(token, contact.address)
    before = stored(world)

    for signature in (
        _signature("another key"),
        _signature() | {"timestamp": "1764151201"},
        _signature() | {"token": "é"},
        _signature() | {"signature": ""},
        _signature() | {"signature": None},
        {},
        None,
        7,
    ):
        assert tell(right | {"signature": signature}) == 403, signature
    assert tell({"event-data": right["event-data"]}) == 403

    assert stored(world) == before
    assert tell(right) == 200


def test_without_a_provider_or_a_secret_nobody_is_listened_to(world: World, settings: Any) -> None:
    contact, _delivery, token = sent(world)
    before = stored(world)
    for provider, secret in (("", SECRET), ("postmark", "")):
        settings.MAIL_PROVIDER, settings.MAIL_WEBHOOK_SECRET = provider, secret

        assert tell(POSTMARK.bounce(token, contact.address)) == 404

    assert stored(world) == before


def test_what_is_no_provider_s_is_refused(world: World) -> None:
    for body in (b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff", b"[" * 100_000, [{}], {"FromFull": 1}):  # fmt: skip
        assert tell(body) == 400, body[:20]
    assert tell(b" " * (1024 * 1024 + 1)) == 413
    assert [tell({}, method=method) for method in ("get", "put", "delete")] == [405] * 3


def test_the_hash_of_a_signature_is_the_one_that_mailgun_documents() -> None:
    said = _signature("key")
    right = hmac.new(b"key", b"1764151200" + b"a" * 50, hashlib.sha256).hexdigest()

    assert said["signature"] == right
