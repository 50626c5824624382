"""A browser that subscribed, and the keys of an installation: made once for a whole run."""

from __future__ import annotations

import base64
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from reminders.channels.vapid import VapidKeys, new_vapid_keys


def text_of(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


BROWSERS_KEY = ec.generate_private_key(ec.SECP256R1())
BROWSERS_SECRET = bytes(range(16))
KEY = text_of(BROWSERS_KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
SECRET = text_of(BROWSERS_SECRET)


@cache
def vapid_keys() -> VapidKeys:
    return new_vapid_keys()


def vapid_settings() -> dict[str, str]:
    keys = vapid_keys()
    return {
        "VAPID_PRIVATE_KEY": keys.private,
        "VAPID_PUBLIC_KEY": keys.public,
        "VAPID_SUBJECT": "rehab@example.org",
    }
