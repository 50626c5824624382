"""
How many planned days, or weeks, in a row stand at the end of a week, of many patients.

What `sessions.streak` says, which reads a run back to its beginning; here most are known without:
a week in which a day was missed knows its own, and one that follows a week whose run was kept, and
from which nothing has changed since, adds to that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal
from uuid import UUID

from django.db import connection

from core.calendar import DAY, WEEK
from reminders.week_reading import Weeks
from reminders.week_words import WeekFacts, days_added, run_within
from sessions.streak import streaks_of

BEFORE = (Path(str(files("reminders"))) / "sql" / "runs_before.sql").read_text(encoding="utf-8")
Unit = Literal["days", "weeks", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """So many due days, or weeks, in a row."""

    unit: Unit = ""
    length: int = 0


NO_RUN = Run()


def runs_of(weeks: Mapping[UUID, Weeks], *, monday: dt.date, zone_name: str) -> dict[UUID, Run]:
    """Return the run of each who had something to do in the week that began on `monday`."""
    runs = {key: known for key, one in weeks.items() if (known := _within(one.week)) is not None}
    longer = [key for key, one in weeks.items() if key not in runs and one.week.has_something_due]
    before = _before(longer, monday) if longer else {}
    for key, run in before.items():
        grown = _grown(weeks[key], run)
        if grown is not None:
            runs[key] = grown
    unknown = [key for key in longer if key not in runs]
    return runs | _read_back(unknown, sunday=monday + WEEK - DAY, zone_name=zone_name)


def _within(week: WeekFacts) -> Run | None:
    """Return the run of a week that knows it: a day was missed, or free days were left."""
    if week.missed:
        return Run(unit="days", length=run_within(week))
    if not week.asked and week.has_something_due and not week.is_all_done:
        return Run(unit="weeks", length=0)
    return None


def _grown(weeks: Weeks, run: Run) -> Run | None:
    """Add a week to the run before it; None where the plan is another, or the run of another unit."""
    before, week = weeks.before, weeks.week
    is_same = (before.last_rows, before.last_planned) == (week.rows, week.planned)
    if not is_same or run.unit != ("days" if week.asked else "weeks"):
        return None
    added = days_added(week) if week.asked else 1
    return Run(unit=run.unit, length=run.length + added)


def _before(patient_ids: Collection[UUID], monday: dt.date) -> dict[UUID, Run]:
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, {"patient_ids": list(patient_ids), "week": monday})
        return {key: Run(unit=unit, length=length) for key, unit, length in cursor.fetchall()}


def _read_back(
    patient_ids: Collection[UUID], *, sunday: dt.date, zone_name: str
) -> dict[UUID, Run]:
    if not patient_ids:
        return {}
    found = streaks_of(patient_ids=patient_ids, today_by_zone={zone_name: sunday})
    return {key: Run(unit=run.unit, length=run.length) for key, run in found.items()}
