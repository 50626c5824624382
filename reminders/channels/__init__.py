"""The ways in which people are reached, and which of them this installation has."""

from __future__ import annotations

from reminders.models import Channel


def offered() -> list[Channel]:
    """Return the channels that can be chosen here, in the order in which they are shown."""
    return [Channel.EMAIL]


def push_public_key() -> str | None:
    """Return the key with which a browser subscribes, None where web push is not offered."""
    return None
