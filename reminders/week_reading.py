"""The weeks of many patients, as they are kept; the arithmetic is adherence's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.calendar import WEEK
from reminders.week_words import NO_WEEK, WeekFacts
from sessions.patient_weeks import READ, kept_rows

# What of the week to come is known before it: nothing of it is done yet.
TO_COME: Final = ("asked", "due", "planned", "rows", "times_expected", "paused")
# What is no column of its own, but said by two.
SAID_BY: Final = {"is_dose_whole": "credited = prescribed"}
FACTS: Final = READ.format(
    columns=", ".join(
        [
            *(f"next_{name}" for name in TO_COME),
            *(SAID_BY.get(name, name) for name in WeekFacts._fields),
        ]
    )
)
FIRST_FACT: Final = 2 + len(TO_COME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """The week that is told of, the one before it, and what is to come in the one after it."""

    before: WeekFacts = NO_WEEK
    week: WeekFacts = NO_WEEK
    after: WeekFacts = NO_WEEK


def weeks_of(*, patient_ids: Collection[UUID], monday: dt.date) -> dict[UUID, Weeks]:
    """
    Return the weeks of each patient around the ISO week that began on `monday`, all of it over.

    Runs inside the clinic's context, once in a transaction: a week that was not kept is kept.
    """
    before: dict[UUID, WeekFacts] = {}
    week: dict[UUID, WeekFacts] = {}
    after: dict[UUID, WeekFacts] = {}
    for row in kept_rows(FACTS, patient_ids=patient_ids, weeks=(monday - WEEK, monday)):
        facts = WeekFacts._make(row[FIRST_FACT:])
        if row[1] == monday:
            week[row[0]], after[row[0]] = facts, _to_come(row[2:FIRST_FACT])
        else:
            before[row[0]] = facts
    return {
        key: Weeks(
            before=before.get(key, NO_WEEK), week=week.get(key, NO_WEEK),
            after=after.get(key, NO_WEEK),
        )
        for key in patient_ids
    }  # fmt: skip


def _to_come(values: tuple[int, ...]) -> WeekFacts:
    asked, due, planned, rows, times_expected, paused = values
    return WeekFacts(
        asked=asked, due=due, planned=planned, rows=rows, times_expected=times_expected,
        paused=paused,
    )  # fmt: skip
