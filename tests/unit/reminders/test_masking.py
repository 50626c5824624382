from __future__ import annotations

import pytest

from reminders.masking import masked


@pytest.mark.parametrize(
    ("channel", "address", "shown"),
    [
        ("email", "ana.silva@example.org", "a…@example.org"),
        ("email", "a@b", "a…@b"),
        ("sms", "+351912345678", "…678"),
        ("web_push", "https://fcm.googleapis.com/fcm/send/cXyz:secret", "fcm.googleapis.com"),
        ("web_push", "", ""),
    ],
)
def test_an_address_is_shown_in_part(channel: str, address: str, shown: str) -> None:
    assert masked(channel, address) == shown
