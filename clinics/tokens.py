"""Secrets that are shown once and stored only as their SHA-256: device tokens, mailed codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

from django.conf import settings


def new_token() -> str:
    return secrets.token_urlsafe(32)


def code_for(purpose: str, row: UUID) -> str:
    """
    Return the secret code that a mail carries: 256 bits that only this server can make.

    It follows from the outbox's row, so that a mail which goes out twice carries one code.
    """
    said = f"{purpose}:{row}".encode()
    digest = hmac.digest(settings.SECRET_KEY.encode(), said, "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def short_code_for(purpose: str, row: UUID) -> str:
    """
    Return six digits that a person types: they follow from the row, and only this server can tell.

    Few enough to be guessed: whoever checks them counts the tries.
    """
    said = f"{purpose}:{row}".encode()
    digest = hmac.digest(settings.SECRET_KEY.encode(), said, "sha256")
    return f"{int.from_bytes(digest[:16]) % 1_000_000:06}"


def hash_short_code(row: UUID, code: str) -> bytes:
    """Return the keyed form in which a short code is stored: without the key, it is not guessed."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"short code:{row}:{code}".encode(), "sha256")


def place_code(clinic_id: UUID, code: str) -> str:
    """Put before a code the clinic in whose rows it is looked up; 65 characters in all."""
    return base64.urlsafe_b64encode(clinic_id.bytes).decode().rstrip("=") + code


def clinic_of_code(code: str) -> UUID | None:
    """Return the clinic that a code names, be there such a clinic and such a code or not."""
    try:
        return UUID(bytes=base64.urlsafe_b64decode(f"{code[:22]}=="))
    except ValueError:
        return None


def hash_token(token: str) -> bytes:
    """Return the form in which a token is stored and looked up."""
    return hashlib.sha256(token.encode()).digest()
