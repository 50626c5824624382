"""The ways in which people are reached, and which of them this installation has."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reminders.channels.email import EmailPort
from reminders.channels.port import Port
from reminders.models import Channel

PORTS: Mapping[str, Callable[[], Port]] = {Channel.EMAIL: EmailPort}


def open_port(channel: str) -> Port:
    """Return a channel's port. It connects with the first note."""
    return PORTS[channel]()


def offered() -> list[Channel]:
    """Return the channels that can be chosen here, in the order in which they are shown."""
    return [Channel.EMAIL]


def push_public_key() -> str | None:
    """Return the key with which a browser subscribes, None where web push is not offered."""
    return None
