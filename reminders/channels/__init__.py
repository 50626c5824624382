"""The ways in which people are reached, each a port of its own, and which of them there are here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.conf import settings

from reminders.channels.email import EmailPort
from reminders.channels.port import Port
from reminders.models import Channel


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
    """Return a channel's port. It connects with the first note."""
    return PORTS[channel]()


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
