"""Weeks kept of generated patients, as their uploads and the nightly check would have left them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.db import connection

from core.calendar import WEEK
from core.tenancy import clinic_context
from sessions.patient_weeks import keep_week

AT_ONCE = 500
NOBODY = UUID(int=0)
NEXT_PATIENTS = "SELECT id FROM patients_patient WHERE id > %s ORDER BY id LIMIT %s"
Result = TypeVar("Result")


def keep_weeks(database: str, clinics: Sequence[UUID], *, last: dt.date, count: int) -> None:
    """Keep so many weeks of everybody, the last one by its Monday, as the application."""
    connect(database)
    for number in range(count):
        each_slice(clinics, partial(keep_week, week=last - number * WEEK))


def each_slice(clinics: Sequence[UUID], work: Callable[..., Result]) -> list[Result]:
    """Do something with the patients of each clinic, some hundreds in a transaction of their own."""
    results = []
    for clinic in clinics:
        after: UUID | None = NOBODY
        while after is not None:
            with clinic_context(clinic):
                ids = _next_patients(after)
                results.append(work(patient_ids=ids))
            after = ids[-1] if len(ids) == AT_ONCE else None
    return results


def connect(database: str) -> None:
    """Let the application's connection be one to this database."""
    connection.close()
    connection.settings_dict["NAME"] = database
    connection.ensure_connection()


def _next_patients(after: UUID) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(NEXT_PATIENTS, [after, AT_ONCE])
        return [key for (key,) in cursor.fetchall()]
