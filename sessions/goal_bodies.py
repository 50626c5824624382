"""The shapes of answers about goals, for the care team and for the patient."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec


class AimOut(msgspec.Struct, kw_only=True):
    """What a goal is about: an amount of an exercise, or a score of an outcome measure."""

    kind: str
    exercise: UUID | None
    measure: str
    amount: str | None
    variant: str | None
    aid: str | None
    side: str | None


class GoalStanding(msgspec.Struct, kw_only=True):
    """
    A goal as the care team sees it.

    `now` is the best set, day or week since `starts_on`, or the latest score; without any it is the
    baseline. `progress` is 0 to 1 of the way from the baseline to the target. `reached_on` is the
    first date on which the target was met, and stays.
    """

    id: UUID
    aim: AimOut
    name: str
    unit: str
    baseline: float
    target: float
    now: float
    this_period: float | None
    progress: float
    reached_on: dt.date | None
    starts_on: dt.date
    due_on: dt.date
    text: str
    words: str
    status: str
    set_by: str
    set_at: dt.datetime
    ended_on: dt.date | None
    ended_reason: str


class MyGoal(msgspec.Struct, kw_only=True):
    """A goal in the patient's words and numbers: "220 of 300 m", "in one go"."""

    id: UUID
    text: str
    words: str
    when: str
    this_period: str
    unit: str
    baseline: float
    target: float
    now: float
    reached_on: dt.date | None
    due_on: dt.date
