"""
Changing a prescription on the day on which something was logged.

`patients` changes the rows; what was logged is counted again, in the same transaction, against
the row that is then in force. The verdict and the answer that a phone was given stay as they were.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import QuerySet

from clinics.actors import Actor
from patients.actions import assignments, lines
from patients.actions.change import Kind, raise_change
from patients.models import Assignment, Line, Patient, PrescribedExercise
from patients.orders import RowOrder
from patients.plan_in_force import activated, row_on
from sessions.credit import SetDone, credit
from sessions.models import ExerciseResult, ExerciseSession

AMOUNTS = ("repetitions", "hold_seconds", "duration_seconds", "distance_m", "steps", "load_kg")
GONE = (ExerciseSession.Status.REFUSED, ExerciseSession.Status.WITHDRAWN)


class StoredResults:
    """What `patients.actions` needs to know, and to have done, about what was logged."""

    def exist(self, *, line_ids: Collection[UUID], since: dt.date, until: dt.date) -> bool:
        """
        Tell whether something was logged; what was withdrawn or refused asks for nothing.

        Neither does what a phone with a wrong clock dated ahead: no one's day is counted anew.
        """
        logged = _results(line_ids, since).filter(performed_on__lte=until)
        return logged.exclude(session__status__in=GONE).exists()

    def release(self, *, line_ids: Collection[UUID], since: dt.date) -> None:
        _results(line_ids, since).update(prescribed_exercise=None)

    def rejudge(self, *, line_ids: Collection[UUID], since: dt.date) -> None:
        rejudge_days(line_ids=line_ids, since=since)


def revise_line(
    *,
    line_id: UUID,
    order: RowOrder,
    starts_on: dt.date | None = None,
    confirm: Collection[str] = (),
    by: Actor,
    now: dt.datetime,
) -> PrescribedExercise:
    """As `patients.actions.lines.revise_line`."""
    return lines.revise_line(
        line_id=line_id,
        order=order,
        starts_on=starts_on,
        confirm=confirm,
        logged=StoredResults(),
        by=by,
        now=now,
    )


def end_line(
    *,
    line_id: UUID,
    on: dt.date | None = None,
    confirm: Collection[str] = (),
    by: Actor,
    now: dt.datetime,
) -> Line:
    """As `patients.actions.lines.end_line`."""
    return lines.end_line(
        line_id=line_id, on=on, confirm=confirm, logged=StoredResults(), by=by, now=now
    )


def end_assignment(
    *,
    assignment_id: UUID,
    on: dt.date | None = None,
    confirm: Collection[str] = (),
    by: Actor,
    now: dt.datetime,
) -> Assignment:
    """As `patients.actions.assignments.end_assignment`."""
    return assignments.end_assignment(
        assignment_id=assignment_id, on=on, confirm=confirm, logged=StoredResults(), by=by, now=now
    )


def rejudge_days(*, line_ids: Collection[UUID], since: dt.date) -> int:
    """
    Count what was performed since a date against the rows now in force; return how many changed.

    Row, `is_off_plan` and credit are computed anew, for every status: what is held may yet count.
    """
    results = list(_results(line_ids, since).select_for_update(of=("self",)).order_by("pk"))
    if not results:
        return 0
    measures = dict(Line.objects.filter(pk__in=line_ids).values_list("pk", "measure"))
    rows = list(
        PrescribedExercise.objects.filter(activated(), line__in=line_ids)
        .select_related("line__assignment")
        .order_by("in_force_from", "pk")
    )
    for result in results:
        own = (row for row in rows if row.line_id == result.line_id)
        count_against(result, row_on(own, result.performed_on), measures[result.line_id])
    changed = ExerciseResult.objects.bulk_update(
        results, ["prescribed_exercise", "is_off_plan", "credit_numerator", "credit_denominator"]
    )
    touched = sorted({result.session_id for result in results})
    raise_change(Patient.objects.get(pk=results[0].patient_id), Kind.SESSION, *touched)
    return changed


def count_against(result: ExerciseResult, row: PrescribedExercise | None, measure: str) -> None:
    """
    Set what a result is counted against; it is not stored.

    Without a row, or on a side that the row does not prescribe, it is extra.
    """
    prescribed = row if row is not None and _prescribes(row, result.side) else None
    result.prescribed_exercise = prescribed
    result.is_off_plan = prescribed is None
    result.credit_numerator = result.credit_denominator = None
    if prescribed is not None and prescribed.schedule != "as_needed":
        earned = credit(list(sets_of(result)), measure, prescribed)
        result.credit_numerator = earned.numerator
        result.credit_denominator = earned.denominator


def sets_of(result: ExerciseResult) -> Iterable[SetDone]:
    """Return a stored result's sets, one each; an amount that no set says is stored as no list."""
    for place in range(result.set_count):
        said = {name: getattr(result, name) for name in AMOUNTS}
        yield SetDone(**{name: values[place] for name, values in said.items() if values})


def _prescribes(row: PrescribedExercise, side: str) -> bool:
    return side in {"left", "right"} if row.side == "each" else side == row.side


def _results(line_ids: Collection[UUID], since: dt.date) -> QuerySet[ExerciseResult]:
    return ExerciseResult.objects.filter(line__in=line_ids, performed_on__gte=since)
