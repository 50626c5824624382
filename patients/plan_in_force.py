"""Which row of a line is in force on a date: in the row's range and in its activated assignment's dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from core.calendar import DAY
from patients.models import Assignment, PrescribedExercise
from patients.spans import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What one row of an activated assignment prescribes, and when; `span` is never empty."""

    row_id: UUID
    line_id: UUID
    exercise_id: UUID
    side: str
    span: Span
    activated_at: dt.datetime


def in_force_on(day: dt.date) -> Q:
    """Select the rows of PrescribedExercise that are in force on that date."""
    return (
        activated()
        & Q(in_force_from__lte=day)
        & (Q(in_force_until=None) | Q(in_force_until__gt=day))
        & Q(line__assignment__starts_on__lte=day)
        & (Q(line__assignment__ends_on=None) | Q(line__assignment__ends_on__gte=day))
    )


def activated() -> Q:
    """Select the rows that were ever prescribed: a draft expects nothing, then or later."""
    return ~Q(line__assignment__status=Assignment.Status.DRAFT) & Q(
        line__assignment__activated_at__isnull=False
    )


def rows_in_force(*, patient_id: UUID, day: dt.date) -> QuerySet[PrescribedExercise]:
    """Return the patient's rows in force on a date, with line and assignment, in their order."""
    rows = PrescribedExercise.objects.filter(in_force_on(day), patient_id=patient_id)
    return rows.select_related("line__assignment").order_by(
        "line__assignment__starts_on", "line__assignment_id", "line__position", "pk"
    )


def prescribed_spans(
    *, patient_id: UUID, exercise_ids: Collection[UUID], since: dt.date
) -> list[InForce]:
    """Return what is prescribed of these exercises on the date or later, in one statement."""
    rows = (
        PrescribedExercise.objects.filter(
            activated(), patient_id=patient_id, line__exercise_id__in=exercise_ids
        )
        .select_related("line__assignment")
        .order_by("in_force_from", "pk")
    )
    found = (_in_force(row) for row in rows)
    return [one for one in found if one and (one.span.until is None or one.span.until > since)]


def row_on(rows: Iterable[PrescribedExercise], day: dt.date) -> PrescribedExercise | None:
    """Return the row of one line whose range covers a date; the line's assignment is loaded."""
    for row in rows:
        span = effective_span(row)
        if span and span.covers(day):
            return row
    return None


def effective_span(row: PrescribedExercise) -> Span | None:
    """Return a row's range within its assignment's dates; None where no date is left."""
    assignment = row.line.assignment
    starts = max(row.in_force_from, assignment.starts_on)
    ends = [row.in_force_until] if row.in_force_until else []
    if assignment.ends_on:
        ends.append(assignment.ends_on + DAY)
    until = min(ends) if ends else None
    return Span(starts, until) if until is None or starts < until else None


def _in_force(row: PrescribedExercise) -> InForce | None:
    span, activated_at = effective_span(row), row.line.assignment.activated_at
    if span is None or activated_at is None:
        return None
    return InForce(
        row_id=row.pk,
        line_id=row.line_id,
        exercise_id=row.line.exercise_id,
        side=row.side,
        span=span,
        activated_at=activated_at,
    )
