"""Revising and ending lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction

from core.tenancy import clinic_context
from patients.actions import lines as actions
from patients.models import Line, PrescribedExercise
from patients.orders import RowOrder
from programs.doses import HoldDose
from tests.factories import prescriptions as rx
from tests.unit.patients.logged import MON, Nothing


def edges(line: Line) -> list[tuple[dt.date, dt.date | None, int]]:
    return [(row.in_force_from, row.in_force_until, row.sets) for row in rx.rows_of(line)]


def revise(
    line: Line,
    now: dt.date = MON,
    *,
    from_: dt.date | None = None,
    order: RowOrder | None = None,
    logged: Nothing | None = None,
    confirm: Collection[str] = (),
    by: Any = None,
) -> PrescribedExercise:
    with transaction.atomic(), clinic_context(line.clinic_id):
        return actions.revise_line(
            line_id=line.pk,
            order=order or RowOrder(dose=HoldDose(sets=1, repetitions=3, hold_seconds=20)),
            starts_on=from_,
            confirm=confirm,
            logged=logged or Nothing(),
            by=by or rx.therapist_of(line.patient),
            now=rx.morning(line.patient, now),
        )


def end(line: Line, now: dt.date = MON, *, on: dt.date | None = None, **more: Any) -> Line:
    with transaction.atomic(), clinic_context(line.clinic_id):
        return actions.end_line(
            line_id=line.pk,
            on=on,
            logged=more.pop("logged", Nothing()),
            by=rx.therapist_of(line.patient),
            now=rx.morning(line.patient, now),
            **more,
        )
