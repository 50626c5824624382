"""The keys by which push services know this installation, in the one line of base64url of `.env`."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

CURVE = ec.SECP256R1()


@dataclass(frozen=True)
class VapidKeys:
    """A private key (32 bytes) and its public point (65 bytes), in base64url without padding."""

    private: str
    public: str

    def private_pem(self) -> bytes:
        """:raises ValueError: the private key is none, or the public one belongs to another"""
        number = int.from_bytes(_bytes(self.private))
        key = ec.derive_private_key(number, CURVE)
        if _public(key) != self.public.rstrip("="):
            raise ValueError("the public key belongs to another private key")
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def public_pem(self) -> bytes:
        point = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, _bytes(self.public))
        return point.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def new_vapid_keys() -> VapidKeys:
    key = ec.generate_private_key(CURVE)
    number = key.private_numbers().private_value
    return VapidKeys(private=_text(number.to_bytes(32)), public=_public(key))


def _public(key: ec.EllipticCurvePrivateKey) -> str:
    return _text(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def _text(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def _bytes(said: str) -> bytes:
    plain = said.rstrip("=")
    return base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
