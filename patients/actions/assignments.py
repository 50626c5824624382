"""Every write of an assignment: draft it, change or drop the draft, activate it, end it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec import UNSET, UnsetType

from clinics.actors import Actor
from core.calendar import DAY, local_date
from core.errors import Conflict, Invalid
from patients.actions.prescribing import (
    LoggedResults,
    concerns_about,
    lock_assignment,
    lock_draft,
    lock_for_prescribing,
    move_rows,
    new_row,
    prescriptions_of_orders,
    prescriptions_of_program,
    record,
    refuse_impossible,
    within,
)
from patients.confirmations import Concern, ask
from patients.models import Assignment, Line, Patient, PrescribedExercise
from patients.orders import ItemChange, LineOrder
from patients.prescribing import Prescription
from patients.spans import Span
from programs.doses import measure_of
from programs.models import ProgramVersion


class AssignmentIsDraft(Conflict):
    code = "assignment_is_draft"
    message = gettext_lazy("This assignment is still a draft.")


class AssignmentAlreadyEnded(Conflict):
    code = "assignment_already_ended"
    message = gettext_lazy("This assignment has ended already.")


class LoggedOnDraft(Conflict):
    code = "logged_on_draft"
    message = gettext_lazy("Something was logged on this draft. It is kept.")


def draft_assignment(
    *,
    patient_id: UUID,
    title: str = "",
    program_id: UUID | None = None,
    changes: Sequence[ItemChange] = (),
    items: Sequence[LineOrder] = (),
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
    confirm: Collection[str] = (),
    by: Actor,
    now: dt.datetime,
) -> Assignment:
    """
    Draft an assignment, whole, from a program or from items. It expects nothing yet.

    Without a title it has the program's name; without a start it starts today, the patient's
    local date.

    :raises Invalid: naming every field that cannot be so
    :raises NotConfirmed: an exercise in force already, or a dose outside its usual range
    """
    if (program_id is None) == (not items) or (changes and items):
        raise Invalid.at("program", "program_or_items", _("Give either a program or items."))
    with transaction.atomic(savepoint=False):
        patient = lock_for_prescribing(patient_id, by)
        assert by.membership_id is not None, "a therapist has a membership"
        program, wanted = _wanted(patient, program_id, changes, items, by)
        refuse_impossible(wanted)
        assignment = Assignment(
            clinic_id=patient.clinic_id,
            patient=patient,
            therapist_id=by.membership_id,
            program_version=program,
            title=title or (program.name if program else ""),
            starts_on=starts_on or local_date(now, patient.time_zone),
            ends_on=ends_on,
            drafted_at=now,
        )
        _refuse_untitled_or_backwards(assignment)
        span = within(assignment, assignment.starts_on)
        ask(concerns_about(wanted, span, patient=patient), confirmed=confirm)
        _store(assignment, wanted, by=by, now=now)
        record("assignment_drafted", patient, assignment, by=by, now=now, confirmed=list(confirm))
    return assignment


def change_draft(
    *,
    assignment_id: UUID,
    title: str | UnsetType = UNSET,
    starts_on: dt.date | UnsetType = UNSET,
    ends_on: dt.date | UnsetType | None = UNSET,
    by: Actor,
    now: dt.datetime,
) -> Assignment:
    """
    Change a draft's title or dates; its rows begin with it still.

    :raises AssignmentNotDraft:
    """
    with transaction.atomic(savepoint=False):
        assignment = lock_draft(assignment_id, by)
        given = {"title": title, "starts_on": starts_on, "ends_on": ends_on}
        wanted = {
            name: value
            for name, value in given.items()
            if value is not UNSET and value != getattr(assignment, name)
        }
        if not wanted:
            return assignment
        before = assignment.starts_on
        for name, value in wanted.items():
            setattr(assignment, name, value)
        _refuse_untitled_or_backwards(assignment)
        move_rows(assignment, before)
        assignment.save(update_fields=[*wanted, "updated_at"])
        record(
            "assignment_changed", assignment.patient, assignment,
            by=by, now=now, fields=sorted(wanted),
        )  # fmt: skip
    return assignment


def delete_draft(*, assignment_id: UUID, by: Actor, now: dt.datetime) -> None:
    """
    Delete a draft: it was never prescribed, so nothing is lost.

    :raises AssignmentNotDraft:
    """
    with transaction.atomic(savepoint=False):
        assignment = lock_draft(assignment_id, by)
        record("assignment_draft_deleted", assignment.patient, assignment, by=by, now=now)
        if not drop_draft(assignment):
            raise LoggedOnDraft


def drop_draft(draft: Assignment) -> bool:
    """Delete a draft of a locked patient with its lines; False: something was logged on it."""
    try:
        with transaction.atomic():
            PrescribedExercise.objects.filter(line__assignment=draft).delete()
            draft.lines.all().delete()
            Assignment.objects.filter(pk=draft.pk).delete()
    except ProtectedError:
        return False
    return True


def end_assignment(
    *,
    assignment_id: UUID,
    on: dt.date | None = None,
    confirm: Collection[str] = (),
    logged: LoggedResults,
    by: Actor,
    now: dt.datetime,
) -> Assignment:
    """
    Make a date the last one: today, later, or yesterday, so that today expects nothing more.

    One that has not begun covers no date. Asked again for the same date, nothing changes.

    :raises AssignmentIsDraft:
    :raises AssignmentAlreadyEnded: it would be longer than its end, which is decided or over
    :raises ResultsToday: what was logged today would no longer be prescribed
    """
    with transaction.atomic(savepoint=False):
        assignment = lock_assignment(assignment_id, by)
        today = local_date(now, assignment.patient.time_zone)
        last = _last_date(assignment, on or today, today)
        if assignment.status == Assignment.Status.ENDED and last == assignment.ends_on:
            return assignment
        line_ids = list(assignment.lines.order_by("pk").values_list("pk", flat=True))
        since = min(last, assignment.ends_on or last) + DAY
        if since <= today and logged.exist(line_ids=line_ids, since=since, until=today):
            ask([results_today(field="on")], confirmed=confirm)
        assignment.ends_on = last
        assignment.status = Assignment.Status.ENDED
        assignment.ended_at = now
        assignment.save(update_fields=["ends_on", "status", "ended_at", "updated_at"])
        logged.rejudge(line_ids=line_ids, since=since)
        record("assignment_ended", assignment.patient, assignment, by=by, now=now)
    return assignment


def results_today(*, field: str) -> Concern:
    detail = _("Something has been logged for today. Confirm that it is counted anew.")
    return Concern(code="results_today", field=field, detail=detail)


def _wanted(
    patient: Patient,
    program_id: UUID | None,
    changes: Sequence[ItemChange],
    items: Sequence[LineOrder],
    by: Actor,
) -> tuple[ProgramVersion | None, list[Prescription]]:
    if program_id is not None:
        return prescriptions_of_program(program_id, changes, patient=patient, by=by)
    return None, prescriptions_of_orders(items, field="items", patient=patient, by=by)


def _refuse_untitled_or_backwards(assignment: Assignment) -> None:
    if not assignment.title:
        raise Invalid.at("title", "missing", _("Give the assignment a title."))
    if assignment.ends_on is not None and assignment.ends_on < assignment.starts_on:
        raise Invalid.at("ends_on", "before_start", _("The last date is before the first."))


def _store(
    assignment: Assignment, wanted: Sequence[Prescription], *, by: Actor, now: dt.datetime
) -> None:
    assignment.save(force_insert=True)
    lines = [
        Line(
            clinic_id=assignment.clinic_id,
            patient_id=assignment.patient_id,
            assignment=assignment,
            exercise_id=one.version.exercise_id,
            measure=measure_of(one.dose),
            position=position,
            note=one.note,
        )
        for position, one in enumerate(wanted, start=1)
    ]
    span = Span(assignment.starts_on)
    rows = [
        new_row(one, line, span, by=by, now=now) for one, line in zip(wanted, lines, strict=True)
    ]
    Line.objects.bulk_create(lines)
    PrescribedExercise.objects.bulk_create(rows)


def _last_date(assignment: Assignment, on: dt.date, today: dt.date) -> dt.date:
    """Return the last date that the assignment gets, or say why it cannot have it."""
    if assignment.status == Assignment.Status.DRAFT:
        raise AssignmentIsDraft
    if on < today - DAY:
        raise Invalid.at("on", "in_past", _("Yesterday is the earliest last date."))
    last = max(on, assignment.starts_on - DAY)
    is_decided = assignment.status == Assignment.Status.ENDED
    end = assignment.ends_on
    if end is not None and last > end and (is_decided or end < today):
        raise AssignmentAlreadyEnded
    return last
