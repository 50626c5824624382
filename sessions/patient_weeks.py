"""
The weeks that are kept of patients: read, and worked out and kept where there is no row.

A kept week is always right (sessions.models.PatientWeek): the database takes it away with whatever
changes under it. Everything here runs inside the clinic's context, in a transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from core.planning import one_plan
from sessions.adherence import Sums
from sessions.adherence_sql import KEEP_WEEK, KEEP_WEEK_OF_ONE

READ = """
SELECT patient_id, week, {columns} FROM rehab_sessions_patientweek
WHERE patient_id = ANY(%(patient_ids)s::uuid[]) AND week = ANY(%(weeks)s::date[])
"""
LOCK = """
SELECT FROM patients_patient WHERE id = ANY(%(patient_ids)s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
ONE_WEEK = """
FROM rehab_sessions_patientweek AS kept
WHERE patient_id = ANY(%(patient_ids)s::uuid[]) AND week = %(week)s::date
"""
WHOLE = f"SELECT patient_id, to_jsonb(kept) - '{{id,created_at,updated_at}}'::text[] {ONE_WEEK}"
FORGET = f"DELETE {ONE_WEEK}"
Key = tuple[UUID, dt.date]


class WeekFigures(NamedTuple):
    """Sets credited of those prescribed, both × the denominator; occurrences done of expected."""

    denominator: int
    credited: int
    prescribed: int
    done: int
    expected: int

    @property
    def sums(self) -> Sums:
        """The same as adherence adds them up; of the dose, only what was asked for is kept."""
        of = int(self.denominator)
        return Sums(
            credited=Fraction(int(self.credited), of),
            prescribed=Fraction(int(self.prescribed), of),
            done=self.done,
            expected=self.expected,
        )

    @property
    def dose(self) -> Fraction | None:
        """Dose adherence, exact; None where nothing was prescribed."""
        return Fraction(int(self.credited), int(self.prescribed)) if self.prescribed else None


FIGURES = READ.format(columns=", ".join(WeekFigures._fields))


def figures_of(
    *, patient_ids: Collection[UUID], weeks: Collection[dt.date]
) -> dict[Key, WeekFigures]:
    """Return each patient's adherence in each ISO week, by its Monday; all of them must be over."""
    return _by_key(kept_rows(FIGURES, patient_ids=patient_ids, weeks=weeks))


def figures_at_hand(
    *, patient_ids: Collection[UUID], weeks: Collection[dt.date]
) -> dict[Key, WeekFigures]:
    """Return what is kept of these patients and ISO weeks, by their Mondays; nothing is kept anew."""
    return _by_key(_read(FIGURES, sorted(patient_ids), list(weeks)))


def _by_key(rows: Iterable[tuple[Any, ...]]) -> dict[Key, WeekFigures]:
    return {(row[0], row[1]): WeekFigures._make(row[2:]) for row in rows}


def kept_rows(
    statement: str, *, patient_ids: Collection[UUID], weeks: Collection[dt.date]
) -> Sequence[tuple[Any, ...]]:
    """
    Return a row for each of these patients and weeks, by a statement made from READ.

    Where one is missing, all of these patients are locked, in the order of their keys: one call in a
    transaction, and no lock of a patient before it, or two transactions wait for each other.
    """
    ids, mondays = sorted(patient_ids), list(weeks)
    rows = _read(statement, ids, mondays)
    missing = list(_missing(rows, ids, mondays))
    if missing:
        with connection.cursor() as cursor:
            # Who changes what a week follows from holds this lock: what is read after it stays so.
            cursor.execute(LOCK, {"patient_ids": ids})
        with one_plan():
            for week, without in missing:
                keep_week(patient_ids=without, week=week)
        rows = _read(statement, ids, mondays)
    return rows


def keep_week(*, patient_ids: Collection[UUID], week: dt.date) -> None:
    """Keep an ISO week of locked patients, by its Monday; who has a row for it keeps that."""
    with connection.cursor() as cursor:
        if len(patient_ids) == 1:
            # By a plan for one: for many, PostgreSQL may read all that a long history holds.
            [patient_id] = patient_ids
            values: dict[str, Any] = {"patient_id": patient_id, "week": week}
            cursor.cursor.execute(KEEP_WEEK_OF_ONE, values, prepare=True)
        else:
            values = {"patient_ids": list(patient_ids), "week": week}
            cursor.cursor.execute(KEEP_WEEK, values, prepare=True)


def _read(statement: str, patient_ids: list[UUID], weeks: list[dt.date]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"patient_ids": patient_ids, "weeks": weeks})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _missing(
    rows: Iterable[tuple[Any, ...]], patient_ids: Sequence[UUID], weeks: Sequence[dt.date]
) -> Iterable[tuple[dt.date, list[UUID]]]:
    there = {(row[0], row[1]) for row in rows}
    for week in weeks:
        without = [key for key in patient_ids if (key, week) not in there]
        if without:
            yield week, without


def wrong_weeks(*, patient_ids: Collection[UUID], week: dt.date) -> list[UUID]:
    """
    Return whose kept week says otherwise than it would worked out anew; nothing is changed.

    There is no such week unless rows were changed past the database's triggers. Runs inside the
    clinic's context, in a transaction, once and before any other lock of a patient.
    """
    values: dict[str, Any] = {"patient_ids": sorted(patient_ids), "week": week}
    with connection.cursor() as cursor:
        cursor.execute(LOCK, values)
        cursor.execute(WHOLE, values)
        kept = dict(cursor.fetchall())
        if not kept:
            return []
        undo = transaction.savepoint()
        cursor.execute(FORGET, values)
        keep_week(patient_ids=list(kept), week=week)
        cursor.execute(WHOLE, values)
        anew = dict(cursor.fetchall())
        transaction.savepoint_rollback(undo)
    return [patient_id for patient_id, said in kept.items() if anew[patient_id] != said]


def forget_weeks(*, patient_ids: Collection[UUID], week: dt.date) -> None:
    """Take kept weeks away; whoever asks for them next keeps them anew."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"patient_ids": list(patient_ids), "week": week})
