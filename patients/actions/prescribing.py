"""What drafting an assignment and changing its lines share: locks, look-ups and the rows they make."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.actors import Actor
from core import audit
from core.calendar import DAY
from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from patients.actions.change import Kind, lock_patient, raise_change
from patients.confirmations import Concern
from patients.models import Assignment, Line, Patient, PrescribedExercise
from patients.orders import ItemChange, LineOrder
from patients.plan_in_force import prescribed_spans
from patients.policies import may_prescribe
from patients.prescribing import (
    Prescription,
    overlap_concerns,
    prescription_errors,
    repeated_concerns,
    row_columns,
    usual_range_concerns,
)
from patients.spans import Span, move_start
from programs.doses import dose_of, schedule_of
from programs.models import Exercise, ExerciseVersion, Program, ProgramItem, ProgramVersion


class AssignmentNotDraft(Conflict):
    code = "assignment_not_draft"
    message = gettext_lazy("This assignment is no longer a draft.")


class PatientDischarged(Conflict):
    code = "patient_discharged"
    message = gettext_lazy("This patient is discharged. Nothing more is prescribed.")


class LoggedResults(Protocol):
    """
    What has been logged on lines. `sessions`, which this app must not know, provides it.

    `since` is a local date; what was performed on it or later is meant.
    """

    def exist(self, *, line_ids: Collection[UUID], since: dt.date, until: dt.date) -> bool:
        """Tell whether something that may count was logged on these dates, both inclusive."""

    def release(self, *, line_ids: Collection[UUID], since: dt.date) -> None:
        """Part results from the rows they were counted against, which may then be replaced."""

    def rejudge(self, *, line_ids: Collection[UUID], since: dt.date) -> None:
        """Count results against the rows that are in force now."""


def lock_for_prescribing(patient_id: UUID, by: Actor) -> Patient:
    """
    Lock the record of a patient to whom the actor may prescribe.

    :raises NotFound: unknown, or not the actor's to see
    :raises Forbidden: a patient or a carer asks
    :raises PatientDischarged:
    """
    patient = lock_patient(patient_id, by)
    if not may_prescribe(by):
        raise Forbidden
    if patient.status == Patient.Status.DISCHARGED:
        raise PatientDischarged
    return patient


def lock_assignment(assignment_id: UUID, by: Actor) -> Assignment:
    """
    Lock an assignment, its patient's row first; `assignment.patient` is loaded.

    :raises NotFound: unknown, or of a patient who is not the actor's to see
    """
    visible = Assignment.objects.visible_to(by).filter(pk=assignment_id)
    patient_id = visible.values_list("patient_id", flat=True).first()
    if patient_id is None:
        raise no_such_assignment()
    patient = lock_for_prescribing(patient_id, by)
    assignment = Assignment.objects.select_for_update().filter(pk=assignment_id).first()
    if assignment is None:
        raise no_such_assignment()
    assignment.patient = patient
    return assignment


def lock_draft(assignment_id: UUID, by: Actor) -> Assignment:
    """
    Lock an assignment that is still a draft.

    :raises AssignmentNotDraft:
    """
    assignment = lock_assignment(assignment_id, by)
    if assignment.status != Assignment.Status.DRAFT:
        raise AssignmentNotDraft
    return assignment


def lock_line(line_id: UUID, by: Actor) -> Line:
    """
    Lock a line, after its patient's row and its assignment; both are loaded.

    :raises NotFound: unknown, or of a patient who is not the actor's to see
    """
    visible = Line.objects.visible_to(by).filter(pk=line_id)
    assignment_id = visible.values_list("assignment_id", flat=True).first()
    if assignment_id is None:
        raise no_such_line()
    assignment = lock_assignment(assignment_id, by)
    line = Line.objects.select_for_update().filter(pk=line_id).first()
    if line is None:
        raise no_such_line()
    line.assignment, line.patient = assignment, assignment.patient
    return line


def lock_rows(lines: Iterable[Line]) -> list[PrescribedExercise]:
    """Lock the rows of lines in primary-key order and return them in order of time."""
    rows = list(
        PrescribedExercise.objects.select_for_update(of=("self",))
        .filter(line__in=[line.pk for line in lines])
        .select_related("exercise_version", "line")
        .order_by("pk")
    )
    return sorted(rows, key=lambda row: row.in_force_from)


def move_rows(assignment: Assignment, before: dt.date) -> None:
    """Let a draft's rows follow its start; a row of which nothing is left goes."""
    if assignment.starts_on == before:
        return
    lines = list(assignment.lines.order_by("pk"))
    rows = lock_rows(lines)
    for line in lines:
        own = [row for row in rows if row.line_id == line.pk]
        moved = dict(
            move_start([span_of(row) for row in own], old=before, new=assignment.starts_on)
        )
        gone = [row.pk for place, row in enumerate(own) if place not in moved]
        PrescribedExercise.objects.filter(pk__in=gone).delete()
        for place, span in moved.items():
            own[place].in_force_from = span.starts
            own[place].save(update_fields=["in_force_from", "updated_at"])


def span_of(row: PrescribedExercise) -> Span:
    return Span(row.in_force_from, row.in_force_until)


def within(assignment: Assignment, starts: dt.date, until: dt.date | None = None) -> Span:
    """Return a span cut at the assignment's end; `starts` lies in the assignment's dates."""
    ends = [one for one in (until, assignment.ends_on and assignment.ends_on + DAY) if one]
    return Span(starts, min(ends) if ends else None)


def prescriptions_of_program(
    program_id: UUID, changes: Sequence[ItemChange], *, patient: Patient, by: Actor
) -> tuple[ProgramVersion, list[Prescription]]:
    """
    Return a program's current version and what it prescribes once changed for this patient.

    :raises Invalid: no such program, or a change names no item, or an item twice
    """
    program = Program.objects.visible_to(by).select_related("current").filter(pk=program_id).first()
    if program is None or program.current is None or program.retired_at is not None:
        raise Invalid.at("program", "unknown_program", _("There is no such program."))
    items = list(program.current.items.select_related("exercise__current").order_by("position"))
    _refuse_unknown_positions(changes, {item.position for item in items})
    places = {change.position: place for place, change in enumerate(changes)}
    wanted = [
        _of_item(item, f"changes.{places[item.position]}", changes[places[item.position]], patient)
        if item.position in places
        else _of_item(item, f"program.{item.position}", None, patient)
        for item in items
        if item.position not in places or not changes[places[item.position]].leave_out
    ]
    if not wanted:
        raise Invalid.at("changes", "nothing_left", _("Leave at least one exercise in."))
    return program.current, wanted


def prescriptions_of_orders(
    orders: Sequence[LineOrder], *, field: str, patient: Patient, by: Actor
) -> list[Prescription]:
    """
    Return what orders prescribe; `field` is where they stand in the request, "" for a single one.

    :raises Invalid: an exercise is unknown or retired
    """
    found: dict[UUID, Any] = {
        exercise.pk: exercise.current
        for exercise in Exercise.objects.visible_to(by)
        .filter(pk__in={order.exercise for order in orders}, retired_at=None)
        .select_related("current")
    }
    places = [f"{field}.{number}" if field else "" for number in range(len(orders))]
    errors = [
        FieldError(
            field=f"{place}.exercise".lstrip("."),
            code="unknown_exercise",
            detail=_("There is no such exercise."),
        )
        for place, order in zip(places, orders, strict=True)
        if found.get(order.exercise) is None
    ]
    if errors:
        raise Invalid(errors)
    return [
        Prescription(
            field=place,
            version=found[order.exercise],
            dose=order.dose,
            side_asked=order.side,
            schedule=order.schedule,
            affected_side=patient.affected_side,
            note=order.note,
        )
        for place, order in zip(places, orders, strict=True)
    ]


def refuse_impossible(wanted: Sequence[Prescription]) -> None:
    """:raises Invalid: naming everything that is wrong with any of the prescriptions"""
    errors = [error for one in wanted for error in prescription_errors(one)]
    if errors:
        raise Invalid(errors)


def concerns_about(
    wanted: Sequence[Prescription], span: Span, *, patient: Patient, apart_from: UUID | None = None
) -> list[Concern]:
    """Return what a therapist should look at twice before these are prescribed over the span."""
    existing = prescribed_spans(
        patient_id=patient.pk,
        exercise_ids={one.version.exercise_id for one in wanted},
        since=span.starts,
    )
    overlaps = [
        concern
        for one in wanted
        for concern in overlap_concerns(one, span, existing, apart_from=apart_from)
    ]
    unusual = [concern for one in wanted for concern in usual_range_concerns(one)]
    return [*overlaps, *repeated_concerns(wanted), *unusual]


def new_row(
    prescription: Prescription, line: Line, span: Span, *, by: Actor, now: dt.datetime
) -> PrescribedExercise:
    """Make the row of a line that holds over a span; it is not stored yet."""
    assert by.user_id is not None, "a person prescribes"
    columns: dict[str, Any] = row_columns(prescription)
    return PrescribedExercise(
        clinic_id=line.clinic_id,
        patient_id=line.patient_id,
        line=line,
        exercise_version=prescription.version,
        in_force_from=span.starts,
        in_force_until=span.until,
        prescribed_by_id=by.user_id,
        prescribed_at=now,
        **columns,
    )


def record(
    action: str,
    patient: Patient,
    target: Assignment | Line,
    *,
    by: Actor,
    now: dt.datetime,
    reason: str = "",
    **details: Any,
) -> None:
    """Leave the audit event of a write and tell the patient's phones that something changed."""
    raise_change(patient, Kind.PLAN)
    audit.record(
        action=action,
        by=by,
        now=now,
        patient_id=patient.pk,
        target=target._meta.label,
        target_id=target.pk,
        reason=reason,
        details=details,
    )


def no_such_assignment() -> NotFound:
    return NotFound(gettext_lazy("There is no such assignment."))


def no_such_line() -> NotFound:
    return NotFound(gettext_lazy("There is no such line."))


def _refuse_unknown_positions(changes: Sequence[ItemChange], known: set[int]) -> None:
    seen: set[int] = set()
    errors = []
    for place, change in enumerate(changes):
        field = f"changes.{place}.position"
        if change.position not in known:
            detail = _("The program has no such position.")
            errors.append(FieldError(field=field, code="unknown_position", detail=detail))
        if change.position in seen:
            detail = _("This position is changed already.")
            errors.append(FieldError(field=field, code="repeated", detail=detail))
        seen.add(change.position)
    if errors:
        raise Invalid(errors)


def _of_item(
    item: ProgramItem, field: str, change: ItemChange | None, patient: Patient
) -> Prescription:
    version: ExerciseVersion | None = item.exercise.current
    if version is None or item.exercise.retired_at is not None:
        detail = _("The exercise at position %(position)d is no longer offered. Leave it out.")
        raise Invalid.at(field, "retired_exercise", detail % {"position": item.position})
    return Prescription(
        field=field,
        version=version,
        dose=(change and change.dose) or dose_of(item),
        side_asked=(change and change.side) or item.side,
        schedule=(change and change.schedule) or schedule_of(item),
        affected_side=patient.affected_side,
        note=change.note if change else "",
    )
