"""The shapes of requests and answers about people and sign-in."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

from core.bodies import Body, line


class SignIn(Body):
    email: Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    device_name: Annotated[str, line(80)]


class DeviceOut(msgspec.Struct, kw_only=True):
    id: UUID
    name: str
    signed_in_at: dt.datetime
    last_seen_on: dt.date
    ends_at: dt.datetime
    is_this_one: bool


class SignedIn(msgspec.Struct, kw_only=True):
    """The token is shown once; only its hash is kept."""

    token: str
    device: DeviceOut


class DeviceList(msgspec.Struct, kw_only=True):
    results: list[DeviceOut]


class MembershipOut(msgspec.Struct, kw_only=True):
    id: UUID
    clinic: UUID
    clinic_name: str
    role: str


class RecordOut(msgspec.Struct, kw_only=True):
    """A patient record that this user may act for: their own, or as a carer."""

    id: UUID
    clinic: UUID
    clinic_name: str
    name: str
    acting_as: str


class WhoAmI(msgspec.Struct, kw_only=True):
    id: UUID
    email: str
    name: str
    memberships: list[MembershipOut]
    records: list[RecordOut]
