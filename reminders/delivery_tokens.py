"""
What a mail carries so that its provider can say which one bounced: clinic and delivery, signed.

A provider knows an address, and nothing here looks an address up across clinics. 64 letters, digits,
dashes and underscores: no provider takes less.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Final
from uuid import UUID

from django.conf import settings

# The name under which a mail carries it.
CARRIED_AS: Final = "delivery"
LENGTH: Final = 64
_MARK: Final = 16
_PURPOSE: Final = b"reminders.delivery"


def delivery_token(*, clinic_id: UUID, delivery_id: UUID) -> str:
    said = clinic_id.bytes + delivery_id.bytes
    return base64.urlsafe_b64encode(said + _mark(said, settings.SECRET_KEY)).decode()


def read_delivery_token(token: object) -> tuple[UUID, UUID] | None:
    """Return the clinic and the delivery that a token names; None where it was not made here."""
    if not isinstance(token, str) or len(token) != LENGTH:
        return None
    try:
        whole = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    said, mark = whole[:-_MARK], whole[-_MARK:]
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any(hmac.compare_digest(mark, _mark(said, key)) for key in keys):
        return None
    return UUID(bytes=said[:16]), UUID(bytes=said[16:])


def _mark(said: bytes, key: str) -> bytes:
    return hmac.digest(key.encode(), _PURPOSE + said, "sha256")[:_MARK]
