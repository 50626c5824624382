"""The weeks of many patients, in one statement; the arithmetic is adherence's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from core.calendar import WEEK
from reminders.week_words import NO_WEEK, WeekFacts
from sessions.adherence_sql import PATIENT_WEEKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """The week that is told of, the one before it, and what is to come in the one after it."""

    before: WeekFacts = NO_WEEK
    week: WeekFacts = NO_WEEK
    after: WeekFacts = NO_WEEK


def weeks_of(*, patient_ids: Collection[UUID], monday: dt.date) -> dict[UUID, Weeks]:
    """
    Return the weeks of each patient around the ISO week that began on `monday`, all of it over.

    Runs inside the clinic's context, by a plan that the connection makes once.
    """
    found: dict[UUID, dict[dt.date, WeekFacts]] = {key: {} for key in patient_ids}
    for row in _rows(patient_ids, monday):
        found[row[0]][row[1]] = WeekFacts._make(row[2:])
    return {
        key: Weeks(
            before=weeks.get(monday - WEEK, NO_WEEK),
            week=weeks.get(monday, NO_WEEK),
            after=weeks.get(monday + WEEK, NO_WEEK),
        )
        for key, weeks in found.items()
    }


def _rows(patient_ids: Collection[UUID], monday: dt.date) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.cursor.execute(
            PATIENT_WEEKS, {"patient_ids": list(patient_ids), "week": monday}, prepare=True
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    with connection.cursor() as after:
        after.execute("SET LOCAL plan_cache_mode TO DEFAULT")
    return rows
