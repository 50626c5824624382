"""The shapes of requests and answers about pauses. All dates are inclusive and the patient's."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from core.bodies import Body, LocalDate, text

Reason = Literal["hospital", "holiday", "illness", "safety_hold", "other"]
Note = Annotated[str, text(500)]
Confirm = Annotated[list[Literal["past_dates"]], msgspec.Meta(max_length=1)]


class NewPause(Body, kw_only=True):
    """`ends_on` null: until it is ended."""

    starts_on: LocalDate
    ends_on: LocalDate | None = None
    reason: Reason
    note: Note = ""
    confirm: Confirm = []


class PauseChange(Body, kw_only=True):
    """What is left out stays as it is; `ends_on` null opens the end."""

    starts_on: LocalDate | UnsetType = UNSET
    ends_on: LocalDate | UnsetType | None = UNSET
    reason: Reason | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    confirm: Confirm = []


class PauseOut(msgspec.Struct, kw_only=True):
    """`state` is as of the patient's today; a pause that covers no date is over."""

    id: UUID
    starts_on: dt.date
    ends_on: dt.date | None
    reason: str
    note: str
    state: Literal["coming", "running", "over"]
    made_by: str | None
    made_at: dt.datetime
    ended_by: str | None
    ended_at: dt.datetime | None


class DatesOut(msgspec.Struct, kw_only=True):
    first: dt.date
    last: dt.date | None


class PauseEffectOut(msgspec.Struct, kw_only=True):
    """What a change did to the patient's dates; `past_weeks` are whole weeks that are not new."""

    newly_paused: list[DatesOut]
    no_longer_paused: list[DatesOut]
    past_weeks: list[DatesOut]


class PauseAnswer(msgspec.Struct, kw_only=True):
    pause: PauseOut
    effect: PauseEffectOut
