"""
The link by which one click stops mails of one kind: signed, without a sign-in, good for years.

It names keys alone, and nothing that is said behind it is about anyone's health.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core import signing

# The kinds by a letter, so that the address stays short. A letter once given keeps its meaning.
KINDS: Final = {"r": "reminder", "w": "weekly_summary", "d": "digest"}
_SIGNER: Final = signing.Signer(salt="reminders.stop")
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class StopLink:
    """Whose mails of which kind. `patient` is None for a therapist's digest."""

    clinic: UUID
    user: UUID
    kind: str
    patient: UUID | None = None


def stop_url(link: StopLink) -> str:
    """Return the address that a mail carries."""
    return f"{settings.APP_URL}/stop/{stop_token(link)}"


def stop_token(link: StopLink) -> str:
    letter = next(letter for letter, kind in KINDS.items() if kind == link.kind)
    keys = (link.clinic, link.user, link.patient or _NOBODY)
    said = base64.urlsafe_b64encode(b"".join(key.bytes for key in keys)).decode()
    return _SIGNER.sign(letter + said)


def read_stop_token(token: str) -> StopLink | None:
    """Return what a token names; None where it was not made here."""
    try:
        said = _SIGNER.unsign(token)
    except signing.BadSignature:
        return None
    keys = base64.urlsafe_b64decode(said[1:])
    clinic, user, patient = (UUID(bytes=keys[place : place + 16]) for place in (0, 16, 32))
    return StopLink(
        clinic=clinic,
        user=user,
        kind=KINDS[said[0]],
        patient=None if patient == _NOBODY else patient,
    )
