"""The ways in which people are reached, each a port of its own, and which of them there are here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.conf import settings

from reminders.channels.email import EmailPort
from reminders.channels.port import Note, Outcome, Port, Result
from reminders.models import Channel, Contact


class NotOffered:
    """A channel that was chosen while this installation had it: the next one carries the note."""

    def send(self, note: Note, contacts: Sequence[Contact]) -> Outcome:
        return Outcome(result=Result.REFUSED, error="not offered")

    def close(self) -> None:
        """There is nothing to let go of."""


def offered() -> list[Channel]:
    """Return the channels that can be chosen here, in the order in which they are shown."""
    is_there = {
        Channel.EMAIL: True,
        Channel.WEB_PUSH: bool(settings.VAPID_PRIVATE_KEY),
        Channel.SMS: bool(settings.SMS_URL),
    }
    return [channel for channel, yes in is_there.items() if yes]


def push_public_key() -> str | None:
    """Return the key with which a browser subscribes, None where web push is not offered."""
    return settings.VAPID_PUBLIC_KEY or None


def open_port(channel: str) -> Port:
    """Return a channel's port. It connects with the first note; one not offered takes none."""
    return PORTS[channel]() if channel in offered() else NotOffered()


def _web_push() -> Port:
    """Loaded when first needed: a server that offers none does without."""
    from reminders.channels.web_push import WebPushPort  # noqa: PLC0415

    return WebPushPort()


def _sms() -> Port:
    from reminders.channels.sms import SmsPort  # noqa: PLC0415

    return SmsPort()


PORTS: Mapping[str, Callable[[], Port]] = {
    Channel.EMAIL: EmailPort,
    Channel.WEB_PUSH: _web_push,
    Channel.SMS: _sms,
}
