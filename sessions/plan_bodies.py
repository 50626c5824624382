"""The shapes of the plan and of looking back."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec

from core.bodies import LocalDate, Query, whole
from programs.bodies import CheckOut, DoseOut, ExerciseForPatient, ReviewOut, ScheduleOut
from sessions.bodies import SafetyOut, StreakOut


class PlanQuery(Query):
    on: LocalDate | None = None


class QuestionOut(msgspec.Struct, kw_only=True):
    """A question before a session, with what to put right where the answer is not the right one."""

    id: str
    ask: str
    right: str
    fix: str


class PlanLine(msgspec.Struct, kw_only=True):
    """
    One line in force on the day: how to do it, how much, and what is left.

    `ask` names the checks to ask after this exercise; `checks` holds all of them with their right
    answer and fix, and `phrases` the sentences for this dose, so that the phone can answer alone.
    """

    line: UUID
    program: str
    position: int
    note: str
    exercise: ExerciseForPatient
    dose: DoseOut
    side: str
    result_sides: list[str]
    schedule: ScheduleOut
    is_due: bool
    expected: int
    done: int
    prescribed_sets: int
    sets_logged: int
    week_expected: int | None
    week_done: int | None
    best_so_far: dict[str, int]
    checks: list[CheckOut]
    ask: list[str]
    phrases: dict[str, str]


class PlanOut(msgspec.Struct, kw_only=True):
    """
    Everything that a phone needs to work, and to say right or wrong, without a connection.

    `phrases` and `rules` hold for every line; `safety` says what to do for each symptom, gravest
    first; `change` is the sequence that this plan stands at.
    """

    record: UUID
    on: dt.date
    change: int
    is_paused: bool
    is_safety_hold: bool
    lines: list[PlanLine]
    before: list[QuestionOut]
    stop_now: list[str]
    stop_and_tell: list[str]
    advice: list[str]
    symptoms: dict[str, str]
    safety: dict[str, SafetyOut]
    phrases: dict[str, str]
    rules: list[dict[str, Any]]
    rules_version: int
    review: ReviewOut


class ProgressQuery(Query):
    weeks: Annotated[int, whole(1, 52)] = 8


class ProgressWeek(msgspec.Struct, kw_only=True):
    """
    One ISO week in counts, never percentages: `done` of `expected` occurrences.

    `active_days` are the dates on which something was logged, extra work included.
    """

    monday: dt.date
    is_in_progress: bool
    done: int
    expected: int
    active_days: int
    sets_logged: int


class ProgressOut(msgspec.Struct, kw_only=True):
    weeks: list[ProgressWeek]
    streak: StreakOut | None
