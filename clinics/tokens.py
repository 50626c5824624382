"""A device's token: 256 random bits, shown once, stored only as its SHA-256."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """Return the form in which a token is stored and looked up."""
    return hashlib.sha256(token.encode()).digest()
