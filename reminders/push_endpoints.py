"""
Which address a browser may name for its messages: https, a push service that is known, nothing else.

The browser's word is a stranger's: without these rules a server could be sent anywhere.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

LONGEST_PATH: Final = 1024
LONGEST_ADDRESS: Final = 1024
KEY_BYTES: Final = 65
SECRET_BYTES: Final = 16
# No userinfo, no other port, no fragment, no space; the host in the one form in which it is listed.
_ENDPOINT: Final = re.compile(
    r"https://(?P<host>[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)(:443)?"
    r"(?P<path>/[A-Za-z0-9._~:/?&=%+,;@!$'()*-]*)"
)
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+={0,2}")


@dataclass(frozen=True)
class Endpoint:
    """`path`: with its query, as it is sent."""

    host: str
    path: str


def endpoint_of(address: str, *, hosts: Collection[str]) -> Endpoint | None:
    """Return where a browser's messages are left; None for whatever is no push service's."""
    found = _ENDPOINT.fullmatch(address)
    if found is None or len(address) > LONGEST_ADDRESS or len(found["path"]) > LONGEST_PATH:
        return None
    is_known = any(_is_host(found["host"], one) for one in hosts)
    return Endpoint(found["host"], found["path"]) if is_known else None


def is_key(key: str) -> bool:
    """Tell whether a text is an uncompressed point (65 bytes), in base64url: p256dh."""
    said = _bytes(key)
    return len(said) == KEY_BYTES and said[0] == 4


def is_secret(secret: str) -> bool:
    """Tell whether a text is 16 bytes in base64url: auth."""
    return len(_bytes(secret)) == SECRET_BYTES


def _is_host(host: str, allowed: str) -> bool:
    if allowed.startswith("*."):
        return host.endswith(allowed[1:])
    return host == allowed


def _bytes(text: str) -> bytes:
    if not _BASE64URL.fullmatch(text):
        return b""
    try:
        return base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except (ValueError, binascii.Error):
        return b""
