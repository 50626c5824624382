"""An address as others may see it: enough to know which one it is, not enough to write to it."""

from __future__ import annotations

from urllib.parse import urlsplit

SHOWN_OF_A_NUMBER = 3


def masked(channel: str, address: str) -> str:
    """
    Show an address, a number or a browser in part.

    `a…@example.org`, `…678`, and of a browser the host that takes its messages.
    """
    if channel == "email":
        name, _at, domain = address.rpartition("@")
        return f"{name[:1]}…@{domain}"
    if channel == "sms":
        return f"…{address[-SHOWN_OF_A_NUMBER:]}"
    return urlsplit(address).hostname or ""
