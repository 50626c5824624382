"""Putting a draft in force, once every point of its screening is confirmed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.actors import Actor
from core.calendar import local_date
from core.errors import Conflict, Invalid
from patients.actions.prescribing import lock_draft, lock_rows, move_rows, record
from patients.confirmations import Concern, ask
from patients.models import Assignment, PrescribedExercise
from patients.plan_in_force import InForce, effective_span, prescribed_spans
from patients.screening import Screening, ScreeningAnswers, refuse_incomplete, to_screen
from patients.sides import same_side
from programs.models import ExerciseVersion, SafetyBlock


class AssignmentEmpty(Conflict):
    code = "assignment_empty"
    message = gettext_lazy("There is nothing in this assignment.")


class ScreeningListMissing(Conflict):
    code = "screening_list_missing"
    message = gettext_lazy("The screening list is not loaded. Tell the operator.")


def activate_assignment(
    *,
    assignment_id: UUID,
    answers: ScreeningAnswers,
    confirm: Collection[str] = (),
    by: Actor,
    now: dt.datetime,
) -> Assignment:
    """
    Put a draft in force, from today where its start has passed.

    :raises ScreeningIncomplete: a point of the screening is not confirmed for this patient
    :raises AlreadyPrescribed: an exercise came into force on the same side since it was drafted
    """
    with transaction.atomic(savepoint=False):
        assignment = lock_draft(assignment_id, by)
        today = local_date(now, assignment.patient.time_zone)
        if assignment.ends_on is not None and assignment.ends_on < today:
            raise Invalid.at("ends_on", "in_past", _("The last date has passed. Change it first."))
        _move_start(assignment, today)
        rows = lock_rows(assignment.lines.order_by("pk"))
        if not rows:
            raise AssignmentEmpty
        rows.sort(key=lambda row: (row.line.position, row.in_force_from))
        screening = screening_of([row.exercise_version for row in rows])
        refuse_incomplete(screening, answers)
        ask(_overlaps_since_drafted(assignment, rows), confirmed=confirm)
        _activate(assignment, screening, by=by, now=now)
    return assignment


def screening_of(versions: Sequence[ExerciseVersion]) -> Screening:
    """
    Return what must be confirmed before these exercises are put in force, by the newest list.

    :raises ScreeningListMissing: the catalogue has not been loaded
    """
    block = SafetyBlock.objects.order_by("-number").first()
    if block is None:
        raise ScreeningListMissing
    return to_screen(block, versions)


def _move_start(assignment: Assignment, today: dt.date) -> None:
    """Move a start that has passed, and the rows, to today."""
    before = assignment.starts_on
    assignment.starts_on = max(before, today)
    move_rows(assignment, before)


def _overlaps_since_drafted(
    assignment: Assignment, rows: Sequence[PrescribedExercise]
) -> list[Concern]:
    """Return the exercises that came into force on the same side after this one was drafted."""
    for row in rows:
        row.line.assignment = assignment
    existing = prescribed_spans(
        patient_id=assignment.patient_id,
        exercise_ids={row.exercise_version.exercise_id for row in rows},
        since=assignment.starts_on,
    )
    newer = [one for one in existing if one.activated_at > assignment.drafted_at]
    return [
        Concern(
            code="already_prescribed",
            field="confirm",
            detail=_("%(name)s is prescribed on this side already.")
            % {"name": row.exercise_version.name},
        )
        for row in rows
        if any(_is_same(row, other) for other in newer)
    ]


def _is_same(row: PrescribedExercise, other: InForce) -> bool:
    span = effective_span(row)
    return (
        other.exercise_id == row.exercise_version.exercise_id
        and same_side(other.side, row.side)
        and span is not None
        and other.span.meets(span)
    )


def _activate(assignment: Assignment, screening: Screening, *, by: Actor, now: dt.datetime) -> None:
    kept: dict[str, Any] = {
        "starts_on": assignment.starts_on,
        "status": Assignment.Status.ACTIVE,
        "activated_at": now,
        "screened_at": now,
        "screened_by_id": by.user_id,
        "screening": msgspec.to_builtins(screening),
    }
    for name, value in kept.items():
        setattr(assignment, name, value)
    names = [name.removesuffix("_id") for name in kept]
    assignment.save(update_fields=[*names, "updated_at"])
    record("assignment_activated", assignment.patient, assignment, by=by, now=now)
