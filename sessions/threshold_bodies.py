"""The shapes of a clinic's alert thresholds and texts."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

from core.bodies import Body, line, visible_text, whole
from sessions.thresholds import Limit, Thresholds


class SignOff(Body):
    """The therapist of the clinic who answers for loosening a threshold, and why."""

    membership: UUID
    reason: Annotated[str, line(500)]


class PutThresholds(Body):
    """
    All numbers and texts, in place of those of version `replaces` (0: the platform's own).

    `texts` maps a rule to what the care team is told to do; a rule that is left out keeps the
    platform's words.
    """

    replaces: Annotated[int, whole(0, 1_000_000)]
    numbers: Thresholds
    texts: dict[str, Annotated[str, visible_text(500)]] = {}
    sign_off: SignOff | None = None


class LimitOut(msgspec.Struct, kw_only=True):
    least: int
    most: int

    @classmethod
    def of(cls, limit: Limit) -> LimitOut:
        return cls(least=limit.least, most=limit.most)


class SignOffOut(msgspec.Struct, kw_only=True):
    name: str
    signed_at: dt.datetime
    reason: str
    loosened: list[str]


class ThresholdsOut(msgspec.Struct, kw_only=True):
    """What stands, with the platform's own numbers and the limits beside it."""

    version: int
    numbers: Thresholds
    texts: dict[str, str]
    set_at: dt.datetime | None
    sign_off: SignOffOut | None
    defaults: Thresholds
    limits: dict[str, LimitOut]
