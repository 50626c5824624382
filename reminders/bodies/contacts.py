"""The shapes of where a person is reached: an address, a number, a browser."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

from core.bodies import Body, line
from reminders.bodies.preferences import ChannelName

ShortCode = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}$(?!\n)")]


class NewContact(Body):
    """
    `address`: a mail address, a number with its country (+351 …), or a browser's endpoint.

    `push_key` (p256dh) and `push_secret` (auth) come with a browser's endpoint alone.
    """

    channel: ChannelName
    address: Annotated[str, line(1024)]
    push_key: Annotated[str, line(100)] | None = None
    push_secret: Annotated[str, line(40)] | None = None


class ContactCode(Body):
    """The six digits that came to the address or the number."""

    code: ShortCode


class ContactOut(msgspec.Struct, kw_only=True):
    """
    `address`: of a browser, the push service alone. `code_ends_at`: until when a code is waited for.

    `disabled_because`: `bounced`, `gone`, `complained`, or empty. Add it again to use it again.
    """

    id: UUID
    channel: ChannelName
    address: str
    added_at: dt.datetime
    confirmed_at: dt.datetime | None
    code_ends_at: dt.datetime | None
    disabled_at: dt.datetime | None
    disabled_because: str


class ContactList(msgspec.Struct, kw_only=True):
    results: list[ContactOut]
