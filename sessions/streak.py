"""The streak: due days, or weeks, in a row on which everything was done (domain.md section 5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db import connection

from sessions.adherence import ZoneWithoutToday
from sessions.adherence_sql import STREAKS_OF_ALL, STREAKS_OF_CHOSEN

Unit = Literal["days", "weeks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """So many due days, or weeks, in a row; 0 after one that was missed."""

    unit: Unit
    length: int


def streak(*, patient_id: UUID, today: dt.date) -> Streak | None:
    """
    Return the run that stands today; None where no line in force today has occurrences.

    One statement, which reads back only as far as the run goes.
    """
    values = {"patient_ids": [patient_id], "today": today, "zones": [], "todays": []}
    return _read(STREAKS_OF_CHOSEN, values).get(patient_id)


def streaks_of(
    *, patient_ids: Collection[UUID] | None, today_by_zone: Mapping[str, dt.date]
) -> dict[UUID, Streak]:
    """Return the runs of these patients, or of all, in one statement; without one, left out."""
    values: dict[str, Any] = {
        "today": None,
        "zones": list(today_by_zone),
        "todays": list(today_by_zone.values()),
    }
    if patient_ids is None:
        return _read(STREAKS_OF_ALL, values)
    return _read(STREAKS_OF_CHOSEN, values | {"patient_ids": list(patient_ids)})


def _read(statement: str, values: dict[str, Any]) -> dict[UUID, Streak]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    for patient_id, today, _unit, _length in rows:
        if today is None:
            raise ZoneWithoutToday(patient_id)
    return {row[0]: Streak(unit=row[2], length=row[3]) for row in rows}
