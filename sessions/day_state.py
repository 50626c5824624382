"""What one day asks of a patient and got, line by line, with nothing forgiven (domain.md section 6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import connection

from core.calendar import whole_weeks
from sessions.adherence_sql import DAY_STATE, DAY_STATE_OF_CHOSEN, RUN_AGAIN, TODAY
from sessions.patient_weeks import keep_week
from sessions.streak import Streak, streak


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDay:
    """
    A line in force on one day, with everything that the day asks for, nothing forgiven.

    A quota line asks for nothing on a day of its own (`expected` is 0): `week_expected` and
    `week_done` are its week's, and `prescribed` is what the day would earn at most.
    """

    line_id: UUID
    row_id: UUID
    schedule: str
    is_paused: bool
    is_excused: bool
    expected: int
    done: int
    prescribed: int
    credited: Fraction
    sets_logged: int
    week_expected: int | None
    week_done: int | None

    @property
    def is_due(self) -> bool:
        """Whether something is still to be done on the day; never after the app said stop."""
        if self.is_paused or self.is_excused:
            return False
        if self.week_expected is None or self.week_done is None:
            return self.done < self.expected
        return self.week_done < self.week_expected and not self.credited


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What today asks of a patient and got, and the run that stands on it, where there is one."""

    lines: list[LineDay]
    streak: Streak | None


def read_today(*, patient_id: UUID, today: dt.date) -> Today:
    """
    Return a locked patient's local today.

    One statement, which counts the run by the weeks that are kept (sessions.models.PatientWeek). Where
    one that it needs is not, two more: the newest such week is kept, and the run counted again. Where
    still another is not, it is read back to its beginning, and the next call keeps one week more.
    """
    monday, _sunday = whole_weeks(today, today)
    known: dict[str, Any] = {"patient_id": patient_id, "day": today, "week": monday}
    with connection.cursor() as cursor:
        cursor.execute(TODAY, known)
        rows = cursor.fetchall()
        run: tuple[Any, ...] = rows[0][14:] if rows else (None, None, None, None)
        unit, here, length, not_kept = run
        if not_kept:
            keep_week(patient_ids=[patient_id], week=not_kept)
            cursor.execute(RUN_AGAIN, known | {"unit": unit, "here": here})
            [(length, not_kept)] = cursor.fetchall()
    lines = [_line_day(row) for row in rows]
    if not_kept:
        return Today(lines=lines, streak=streak(patient_id=patient_id, today=today))
    return Today(lines=lines, streak=Streak(unit=unit, length=length) if unit else None)


def day_state(*, patient_id: UUID, day: dt.date) -> list[LineDay]:
    """Return each line in force on a local date, with what that day and its week ask for."""
    monday, _sunday = whole_weeks(day, day)
    with connection.cursor() as cursor:
        cursor.execute(DAY_STATE, {"patient_id": patient_id, "day": day, "week": monday})
        return [_line_day(row) for row in cursor.fetchall()]


def day_states(*, patient_ids: Collection[UUID], day: dt.date) -> dict[UUID, list[LineDay]]:
    """Return the same of many patients, in one statement; without a line in force, left out."""
    monday, _sunday = whole_weeks(day, day)
    values: dict[str, Any] = {"patient_ids": list(patient_ids), "day": day, "week": monday}
    found: dict[UUID, list[LineDay]] = {}
    with connection.cursor() as cursor:
        cursor.execute(DAY_STATE_OF_CHOSEN, values)
        for row in cursor.fetchall():
            found.setdefault(row[13], []).append(_line_day(row))
    return found


def _line_day(row: tuple[Any, ...]) -> LineDay:
    line_id, row_id, schedule, is_paused, is_excused, expected, done, prescribed = row[:8]
    return LineDay(
        line_id=line_id,
        row_id=row_id,
        schedule=schedule,
        is_paused=is_paused,
        is_excused=is_excused,
        expected=expected,
        done=done,
        prescribed=prescribed,
        credited=Fraction(int(row[9]), int(row[8])),
        sets_logged=row[10],
        week_expected=row[11],
        week_done=row[12],
    )
