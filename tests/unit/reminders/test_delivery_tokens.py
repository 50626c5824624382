from __future__ import annotations

import base64
import re
import uuid

import pytest

from reminders.delivery_tokens import delivery_token, read_delivery_token

CLINIC = uuid.UUID("019aa9f4-0001-7f00-8000-9a8b7c6d5e4f")
DELIVERY = uuid.UUID("019aa9f4-4d01-7c33-8e21-6f5a4b3c2d1e")


def token() -> str:
    return delivery_token(clinic_id=CLINIC, delivery_id=DELIVERY)


def test_a_token_names_what_it_was_made_of_in_a_form_that_every_provider_takes() -> None:
    assert read_delivery_token(token()) == (CLINIC, DELIVERY)
    assert re.fullmatch(r"[A-Za-z0-9_-]{64}", token())


@pytest.mark.parametrize("place", range(0, 64, 5))
def test_a_token_that_was_changed_names_nothing(place: int) -> None:
    changed = "A" if token()[place] != "A" else "B"

    assert read_delivery_token(token()[:place] + changed + token()[place + 1 :]) is None


@pytest.mark.parametrize(
    "said",
    [
        None, 7, b"x" * 64, [], {}, "", "x", "A" * 64, "A" * 63, "A" * 65, "!" * 64, "é" * 64,
        base64.urlsafe_b64encode(CLINIC.bytes + DELIVERY.bytes + bytes(16)).decode(),
    ],
)  # fmt: skip
def test_what_is_no_token_names_nothing(said: object) -> None:
    assert read_delivery_token(said) is None


def test_an_earlier_key_is_known_while_it_is_named(settings) -> None:
    said, before = token(), settings.SECRET_KEY
    settings.SECRET_KEY = "another key"
    assert read_delivery_token(said) is None

    settings.SECRET_KEY_FALLBACKS = [before]

    assert read_delivery_token(said) == (CLINIC, DELIVERY)
