"""
The shapes of weeks as they were told: stored so, answered so.

Texts are in the language in which they were told; the codes beside them never change.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec

from core.bodies import Body
from core.pagination import PageQuery
from reminders.digest_words import Reason, Trend
from reminders.week_words import DayWord, Rule


class DayTold(msgspec.Struct, kw_only=True):
    """One local day, in a word; of a correction, what it reads now: "Tuesday is now: done"."""

    on: dt.date
    state: DayWord
    words: str


class GoalTold(msgspec.Struct, kw_only=True):
    """A goal in the patient's own words, and how far it is; `is_met`: in this very week."""

    text: str
    words: str
    when: str
    is_met: bool


class Week(msgspec.Struct, kw_only=True):
    """
    A patient's week, from Monday to Sunday.

    `days_due` are those on which something of fixed weekdays was asked for; `times_expected` are the
    occurrences on free days. `sentence` is the one that `rule` chose. An empty text says nothing.
    """

    monday: dt.date
    sentence: str
    rule: Rule
    counts: str
    days: list[DayTold]
    days_done: int
    days_due: int
    times_done: int
    times_expected: int
    sessions: int
    in_a_row: str
    goals: list[GoalTold]
    next_week: str
    next_days: int
    next_times: int
    is_same_plan: bool
    corrections: list[DayTold]


class SummaryOut(msgspec.Struct, kw_only=True):
    """What was received until `made_at` is in it; what came later is corrected in the next one."""

    week: dt.date
    made_at: dt.datetime
    language: str
    contents: Week


class CaseOfWeek(msgspec.Struct, kw_only=True):
    """
    One patient of a digest. `reasons`: why they need somebody, the most pressing first; often none.

    `done` of `due` are days or, for whoever has no fixed days, times. `trend`: days with something
    done, against the week before; null where neither week had anything to do.
    """

    patient: UUID
    reference: str
    reasons: list[Reason]
    unit: Literal["days", "times"]
    done: int
    due: int
    trend: Trend | None
    is_paused: bool


class Caseload(msgspec.Struct, kw_only=True):
    """A therapist's whole caseload in a week, those who need them first. Names are not kept."""

    monday: dt.date
    patients: int
    attention: int
    on_track: int
    paused: int
    cases: list[CaseOfWeek]


class CaseNamed(CaseOfWeek, kw_only=True):
    """`name`: of whom the therapist still sees, else null."""

    name: str | None


class DigestOut(msgspec.Struct, kw_only=True):
    week: dt.date
    made_at: dt.datetime
    patients: int
    attention: int
    on_track: int
    paused: int
    cases: list[CaseNamed]


class DigestLine(msgspec.Struct, kw_only=True):
    """A digest in a list: its counts."""

    week: dt.date
    made_at: dt.datetime
    patients: int
    attention: int
    on_track: int
    paused: int


class DigestChoice(Body):
    """`wants_digests`: by mail at all. `always`: also in a week in which nobody needs attention."""

    wants_digests: bool
    always: bool


class WeeksQuery(PageQuery):
    """The latest week first."""
