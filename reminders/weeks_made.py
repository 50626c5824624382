"""The shape of what a clinic's weeks were made of so far."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec


class Made(msgspec.Struct, kw_only=True, frozen=True):
    """`after`: the last one that is made of this week; None: all are."""

    week: dt.date
    after: UUID | None = None


MadeByZone = dict[str, Made]
