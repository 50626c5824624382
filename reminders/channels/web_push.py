"""Messages that a browser shows: encrypted for it alone, signed by us, left with its push service."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from enum import Enum
from time import monotonic
from typing import Final

from django.conf import settings
from pydantic import ValidationError
from webpush import WebPush, WebPushSubscription
from webpush.types import WebPushKeys

from reminders.channels.port import Note, Outcome, Result
from reminders.channels.safe_https import NotAllowed, SafeHttps, Unreachable
from reminders.channels.vapid import VapidKeys
from reminders.models import Contact
from reminders.push_endpoints import Endpoint, endpoint_of

TOPIC_LENGTH: Final = 24
GONE: Final = frozenset({404, 410})
TOO_MANY: Final = 429
# For all browsers of a person together. A service that had fewer than the second was not away.
MOST_SECONDS: Final = 5.0
FAIR_SECONDS: Final = 3.0


class _Fate(Enum):
    TAKEN = "taken"
    GONE = "gone"
    REFUSED = "refused"
    LATER = "later"


class WebPushPort:
    """
    `https`: how it connects; tests alone give another.

    Push services are many, and a browser's owner names which: none speaks for the others, so the
    provider as a whole is never down. One that is away is left alone while this port is open.
    """

    def __init__(self, https: SafeHttps | None = None) -> None:
        keys = VapidKeys(settings.VAPID_PRIVATE_KEY, settings.VAPID_PUBLIC_KEY)
        self.https = https or SafeHttps()
        self.away: dict[str, str] = {}
        self.pusher = WebPush(
            private_key=keys.private_pem(),
            public_key=keys.public_pem(),
            subscriber=settings.VAPID_SUBJECT.removeprefix("mailto:"),
        )

    def send(self, note: Note, contacts: Sequence[Contact]) -> Outcome:
        """Leave a note for each of a person's browsers: taken where one push service took it."""
        ends_at = monotonic() + MOST_SECONDS
        fates = [(contact, *self._leave(note, contact, ends_at)) for contact in contacts]
        dead = tuple(
            (contact, Contact.Disabled.GONE) for contact, fate, _said in fates if fate is _Fate.GONE
        )
        came = {fate: said for _contact, fate, said in reversed(fates)}
        if _Fate.TAKEN in came:
            return Outcome(result=Result.TAKEN, dead=dead)
        if _Fate.LATER in came:
            return Outcome(result=Result.LATER, error=came[_Fate.LATER], dead=dead)
        return Outcome(result=Result.REFUSED, error=" ".join(came.values())[:80], dead=dead)

    def close(self) -> None:
        """Each note had a connection of its own."""

    def _leave(self, note: Note, contact: Contact, ends_at: float) -> tuple[_Fate, str]:
        endpoint = endpoint_of(contact.address, hosts=settings.PUSH_HOSTS)
        if endpoint is None:
            return _Fate.REFUSED, "push endpoint"
        try:
            made = self.pusher.get(_payload(note), _subscription(contact), ttl=note.seconds_of_use)
        except (ValueError, ValidationError):
            return _Fate.REFUSED, "push keys"
        headers = {
            "TTL": str(note.seconds_of_use),
            "Urgency": "normal",
            "Topic": topic_of(note.tag or str(note.key)),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "Authorization": made.headers["authorization"],
        }
        return self._post(endpoint, headers, made.encrypted, ends_at)

    def _post(
        self, endpoint: Endpoint, headers: dict[str, str], body: bytes, ends_at: float
    ) -> tuple[_Fate, str]:
        seconds = ends_at - monotonic()
        if endpoint.host in self.away:
            return _Fate.LATER, self.away[endpoint.host]
        if seconds <= 0:
            return _Fate.LATER, "push no time left"
        try:
            status = self.https.post(
                endpoint.host, endpoint.path, headers, body, most_seconds=seconds
            )
        except NotAllowed:
            return _Fate.REFUSED, "push address"
        except Unreachable as error:
            said = f"push {error}"
            if seconds >= FAIR_SECONDS:
                self.away[endpoint.host] = said
            return _Fate.LATER, said
        return _fate(status), f"push {status}"


def topic_of(tag: str) -> str:
    """Name a note for the push service, so that a second copy takes the place of the first."""
    digest = hashlib.sha256(tag.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:TOPIC_LENGTH]


def _fate(status: int) -> _Fate:
    """A redirect is followed by nobody; what refuses us for good needs a person (401, 403, 413)."""
    if 200 <= status < 300:
        return _Fate.TAKEN
    if status in GONE:
        return _Fate.GONE
    return _Fate.LATER if status == TOO_MANY or status >= 500 else _Fate.REFUSED


def _payload(note: Note) -> bytes:
    said = {"title": note.title, "body": note.text, "tag": note.tag, "path": note.path}
    return json.dumps(said, ensure_ascii=False).encode()


def _subscription(contact: Contact) -> WebPushSubscription:
    keys = WebPushKeys(auth=contact.push_secret, p256dh=contact.push_key)
    return WebPushSubscription(endpoint=contact.address, keys=keys)
