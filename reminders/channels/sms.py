"""Text messages, by whichever gateway the address in SMS_URL names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

from apprise import Apprise, AppriseAsset, NotifyFormat
from django.conf import settings

from reminders.channels.deadline import within
from reminders.channels.port import Note, Outcome, Result
from reminders.models import Contact

LONGEST_TEXT: Final = 160
CONNECT_SECONDS: Final = 3.0
TOTAL_SECONDS: Final = 10.0


class SmsPort:
    """A gateway's answer is yes or no, and no more: what it did not take is tried again."""

    def __init__(self, total_seconds: float = TOTAL_SECONDS) -> None:
        self.total_seconds = total_seconds

    def send(self, note: Note, contacts: Sequence[Contact]) -> Outcome:
        """Send to the number that was confirmed last."""
        gateway = _gateway(contacts[0].address, self.total_seconds)
        text = shortened(note.text)
        ask = partial(gateway.notify, body=text, body_format=NotifyFormat.TEXT)
        try:
            is_taken = within(self.total_seconds, ask)
        except TimeoutError:
            return Outcome(result=Result.LATER, error="sms timeout", is_provider_down=True)
        if not is_taken:
            return Outcome(result=Result.LATER, error="sms not taken")
        return Outcome(result=Result.TAKEN)

    def close(self) -> None:
        """Each text had a connection of its own."""


def shortened(text: str) -> str:
    """Cut a text to one message's length, at the end of a word."""
    plain = " ".join(text.split())
    if len(plain) <= LONGEST_TEXT:
        return plain
    return plain[: LONGEST_TEXT - 1].rpartition(" ")[0] + "…"


def _gateway(number: str, total_seconds: float) -> Apprise:
    asset = AppriseAsset(async_mode=False, app_id="Rehab")
    gateway = Apprise(asset=asset)
    gateway.add(settings.SMS_URL.replace("{to}", quote(number, safe="")))
    for server in gateway:
        server.socket_connect_timeout = CONNECT_SECONDS
        server.socket_read_timeout = total_seconds
    return gateway
