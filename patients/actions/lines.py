"""
Every write of a line: add, revise from a date, end, reorder, and its note.

A change never rewrites what was in force: it closes a row and opens its successor. What has been
logged is `sessions`' to know; it hands in `logged`, which counts results anew where rows change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec import UNSET, UnsetType

from clinics.actors import Actor
from core.calendar import DAY, local_date
from core.errors import Conflict, Invalid
from patients.actions.assignments import LoggedOnDraft, results_today
from patients.actions.prescribing import (
    AssignmentNotDraft,
    LoggedResults,
    concerns_about,
    lock_assignment,
    lock_line,
    lock_rows,
    new_row,
    prescriptions_of_orders,
    record,
    refuse_impossible,
    span_of,
    within,
)
from patients.confirmations import Concern, ask
from patients.models import Assignment, Line, PrescribedExercise
from patients.orders import MOST_LINES, LineOrder, RowOrder
from patients.prescribing import Prescription
from patients.screening import screened_exercise, stored_screening, with_exercise
from patients.spans import Cut, Span, cut_at, has_ended
from programs.doses import dose_of, measure_of, schedule_of


class LineAlreadyEnded(Conflict):
    code = "line_already_ended"
    message = gettext_lazy("This line has ended by then. Add a new one.")


class LineOfDraft(Conflict):
    code = "line_of_draft"
    message = gettext_lazy("A line of a draft is not ended. Delete it.")


class AssignmentOver(Conflict):
    code = "assignment_over"
    message = gettext_lazy("This assignment has ended.")


class TooManyLines(Conflict):
    code = "too_many_lines"
    message = gettext_lazy("This assignment has as many lines as one holds.")


def add_line(
    *,
    assignment_id: UUID,
    order: LineOrder,
    starts_on: dt.date | None = None,
    confirm: Collection[str] = (),
    by: Actor,
    now: dt.datetime,
) -> Line:
    """
    Add an exercise to an assignment from a date: its start in a draft, else today by default.

    :raises Invalid: naming each field that cannot be so
    :raises NotConfirmed: also for the contra-indications of an exercise that was not screened
    """
    with transaction.atomic(savepoint=False):
        assignment = lock_assignment(assignment_id, by)
        lines = list(assignment.lines.order_by("position", "pk"))
        if len(lines) >= MOST_LINES:
            raise TooManyLines
        day = _first_day(assignment, starts_on, default=None, now=now)
        (wanted,) = prescriptions_of_orders([order], field="", patient=assignment.patient, by=by)
        refuse_impossible([wanted])
        concerns = concerns_about([wanted], within(assignment, day), patient=assignment.patient)
        unscreened = _unscreened(assignment, wanted)
        ask([*concerns, *unscreened], confirmed=confirm)
        line = _new_line(assignment, wanted, after=lines[-1].position if lines else 0)
        line.save(force_insert=True)
        new_row(wanted, line, Span(day), by=by, now=now).save(force_insert=True)
        if unscreened:
            _keep_screening(assignment, wanted, by=by, now=now)
        record("line_added", assignment.patient, line, by=by, now=now, confirmed=list(confirm))
    return line


def revise_line(
    *,
    line_id: UUID,
    order: RowOrder,
    starts_on: dt.date | None = None,
    confirm: Collection[str] = (),
    logged: LoggedResults,
    by: Actor,
    now: dt.datetime,
) -> PrescribedExercise:
    """
    Change dose, side or schedule from a date on: the row is closed there and a successor opened.

    Tomorrow is the default (a draft's start in a draft, the first date of a line that begins
    later). Rows not yet begun at the date are replaced; where the line was to end, it still ends.

    :raises Invalid: `from_in_past`, a date outside the assignment's, another measure, or no change
    :raises LineAlreadyEnded: nothing of the line is left at that date
    :raises NotConfirmed: `results_today` where the date is today and something was logged on it
    """
    with transaction.atomic(savepoint=False):
        line = lock_line(line_id, by)
        rows = lock_rows([line])
        spans = [span_of(row) for row in rows]
        day = _first_day(
            line.assignment, starts_on, default=_default_day(line, spans, now), now=now
        )
        if has_ended(spans, day):
            raise LineAlreadyEnded
        cut = cut_at(spans, day)
        base = next((row for row in rows if span_of(row).covers(day)), rows[0])
        wanted = _revised(line, base, order)
        span = Span(day, cut.until)
        concerns = _concerns_of_revision(line, base, wanted, span, order)
        results = _concerns_of_results(line, day, logged, field="from", now=now)
        ask([*results, *concerns], confirmed=confirm)
        logged.release(line_ids=[line.pk], since=day)
        _make_way(rows, cut, day)
        row = new_row(wanted, line, span, by=by, now=now)
        if order.side is UNSET:
            row.side_asked = base.side_asked
        row.save(force_insert=True)
        logged.rejudge(line_ids=[line.pk], since=day)
        record(
            "line_revised", line.patient, line,
            by=by, now=now, row=str(row.pk), confirmed=list(confirm),
        )  # fmt: skip
    return row


def end_line(
    *,
    line_id: UUID,
    on: dt.date | None = None,
    confirm: Collection[str] = (),
    logged: LoggedResults,
    by: Actor,
    now: dt.datetime,
) -> Line:
    """
    Make a date the line's last one: today by default, later, or yesterday.

    Its row is closed without a successor; rows that would begin later go. Asked again for the same
    date, nothing changes.

    :raises LineOfDraft:
    :raises LineAlreadyEnded: it ends before that already
    :raises ResultsToday: what was logged today would no longer be prescribed
    """
    with transaction.atomic(savepoint=False):
        line = lock_line(line_id, by)
        if line.assignment.status == Assignment.Status.DRAFT:
            raise LineOfDraft
        today = local_date(now, line.patient.time_zone)
        last = on or today
        if last < today - DAY:
            raise Invalid.at("on", "in_past", _("Yesterday is the earliest last date."))
        rows = lock_rows([line])
        spans = [span_of(row) for row in rows]
        day = last + DAY
        if spans and spans[-1].until == day:
            return line
        if has_ended(spans, day):
            raise LineAlreadyEnded
        ask(_concerns_of_results(line, day, logged, field="on", now=now), confirmed=confirm)
        logged.release(line_ids=[line.pk], since=day)
        _make_way(rows, cut_at(spans, day), day)
        logged.rejudge(line_ids=[line.pk], since=day)
        record("line_ended", line.patient, line, by=by, now=now)
    return line


def change_line(
    *,
    line_id: UUID,
    note: str | UnsetType = UNSET,
    position: int | UnsetType = UNSET,
    by: Actor,
    now: dt.datetime,
) -> Line:
    """Change, in place, the note to the patient or the line's place among the others (1 is first)."""
    with transaction.atomic(savepoint=False):
        line = lock_line(line_id, by)
        changed = []
        if note is not UNSET and note != line.note:
            Line.objects.filter(pk=line.pk).update(note=note, updated_at=now)
            changed.append("note")
        if position is not UNSET and _move(line, position, now=now):
            changed.append("position")
        if changed:
            record("line_changed", line.patient, line, by=by, now=now, fields=changed)
        line.refresh_from_db(fields=["note", "position"])
    return line


def order_lines(
    *, assignment_id: UUID, lines: Sequence[UUID], by: Actor, now: dt.datetime
) -> Assignment:
    """
    Put the lines of an assignment in this order, in place.

    :raises Invalid: the lines named are not exactly those of the assignment, each once
    """
    with transaction.atomic(savepoint=False):
        assignment = lock_assignment(assignment_id, by)
        own = list(assignment.lines.select_for_update().order_by("pk"))
        if sorted(lines) != sorted(line.pk for line in own):
            detail = _("Name each line of this assignment once.")
            raise Invalid.at("lines", "lines_differ", detail)
        if _renumber(own, lines, now=now):
            record("lines_reordered", assignment.patient, assignment, by=by, now=now)
    return assignment


def delete_draft_line(*, line_id: UUID, by: Actor, now: dt.datetime) -> None:
    """
    Take a line out of a draft.

    :raises AssignmentNotDraft: it is prescribed; end it instead
    """
    with transaction.atomic(savepoint=False):
        line = lock_line(line_id, by)
        if line.assignment.status != Assignment.Status.DRAFT:
            raise AssignmentNotDraft
        try:
            line.rows.all().delete()
            record("line_deleted", line.patient, line, by=by, now=now)
            line.delete()
        except ProtectedError:
            raise LoggedOnDraft from None


def _default_day(line: Line, spans: Sequence[Span], now: dt.datetime) -> dt.date | None:
    """Return tomorrow, or the first date of a line that begins later or is in a draft."""
    if not spans:
        return None
    if line.assignment.status == Assignment.Status.DRAFT:
        return spans[0].starts
    return max(local_date(now, line.patient.time_zone) + DAY, spans[0].starts)


def _first_day(
    assignment: Assignment, asked: dt.date | None, *, default: dt.date | None, now: dt.datetime
) -> dt.date:
    """Return the date from which a change holds, or say why it cannot be that one."""
    today = local_date(now, assignment.patient.time_zone)
    is_draft = assignment.status == Assignment.Status.DRAFT
    earliest = assignment.starts_on if is_draft else max(today, assignment.starts_on)
    day = asked or default or earliest
    if not is_draft and assignment.ends_on is not None and assignment.ends_on < today:
        raise AssignmentOver
    if day < today and not is_draft:
        raise Invalid.at(
            "from", "from_in_past", _("What has been is not changed. Today is the first date.")
        )
    if day < assignment.starts_on:
        raise Invalid.at("from", "from_before_start", _("The assignment starts later."))
    if assignment.ends_on is not None and day > assignment.ends_on:
        raise Invalid.at("from", "from_after_end", _("The assignment has ended by then."))
    return day


def _revised(line: Line, base: PrescribedExercise, order: RowOrder) -> Prescription:
    """Return what is prescribed from now on: what is asked, and the rest as the row had it."""
    if order.dose is UNSET and order.side is UNSET and order.schedule is UNSET:
        raise Invalid.at("dose", "nothing_changes", _("Say what changes: dose, side or schedule."))
    wanted = Prescription(
        field="",
        version=base.exercise_version,
        dose=order.dose or dose_of(base),
        side_asked=order.side or base.side,
        schedule=order.schedule or schedule_of(base),
        affected_side=line.patient.affected_side,
    )
    if measure_of(wanted.dose) != line.measure:
        detail = _("The measure of a line never changes. Add a new line.")
        raise Invalid.at("dose.measure", "measure_fixed", detail)
    refuse_impossible([wanted])
    return wanted


def _concerns_of_revision(
    line: Line, base: PrescribedExercise, wanted: Prescription, span: Span, order: RowOrder
) -> list[Concern]:
    """Ask only about what changes: a dose that is as it was has been confirmed."""
    concerns = concerns_about(
        [wanted],
        within(line.assignment, span.starts, span.until),
        patient=line.patient,
        apart_from=line.pk,
    )
    silent = set()
    if order.dose is UNSET and order.schedule is UNSET:
        silent.add("outside_usual_range")
    if wanted.side == base.side:
        silent.add("already_prescribed")
    return [one for one in concerns if one.code not in silent]


def _concerns_of_results(
    line: Line, day: dt.date, logged: LoggedResults, *, field: str, now: dt.datetime
) -> list[Concern]:
    today = local_date(now, line.patient.time_zone)
    if day <= today and logged.exist(line_ids=[line.pk], since=today, until=today):
        return [results_today(field=field)]
    return []


def _make_way(rows: Sequence[PrescribedExercise], cut: Cut, day: dt.date) -> None:
    """Close and remove rows; one on which something was counted is protected until released."""
    gone = [rows[place].pk for place in cut.replaced]
    PrescribedExercise.objects.filter(pk__in=gone).delete()
    if cut.closed is not None:
        rows[cut.closed].in_force_until = day
        rows[cut.closed].save(update_fields=["in_force_until", "updated_at"])


def _new_line(assignment: Assignment, wanted: Prescription, *, after: int) -> Line:
    return Line(
        clinic_id=assignment.clinic_id,
        patient_id=assignment.patient_id,
        assignment=assignment,
        exercise_id=wanted.version.exercise_id,
        measure=measure_of(wanted.dose),
        position=after + 1,
        note=wanted.note,
    )


def _unscreened(assignment: Assignment, wanted: Prescription) -> list[Concern]:
    """Ask for the contra-indications of an exercise that joins an assignment in force."""
    if assignment.status == Assignment.Status.DRAFT:
        return []
    kept = stored_screening(assignment.screening)
    asked = screened_exercise(wanted.version)
    if not asked.contraindications or any(one.exercise == asked.exercise for one in kept.exercises):
        return []
    detail = "; ".join(asked.contraindications)
    return [Concern(code="contraindications", field=wanted.at("exercise"), detail=detail)]


def _keep_screening(
    assignment: Assignment, wanted: Prescription, *, by: Actor, now: dt.datetime
) -> None:
    added = screened_exercise(wanted.version, confirmed_by=by.user_id, confirmed_at=now)
    assignment.screening = with_exercise(assignment.screening, added)
    assignment.save(update_fields=["screening", "updated_at"])


def _move(line: Line, position: int, *, now: dt.datetime) -> bool:
    own = list(line.assignment.lines.select_for_update().order_by("pk"))
    others = [one.pk for one in _by_position(own) if one.pk != line.pk]
    if not 1 <= position <= len(own):
        detail = _("There is no such place.")
        raise Invalid.at("position", "out_of_range", detail)
    return _renumber(own, [*others[: position - 1], line.pk, *others[position - 1 :]], now=now)


def _by_position(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda one: (one.position, one.pk))


def _renumber(lines: Sequence[Line], order: Sequence[UUID], *, now: dt.datetime) -> bool:
    """Number lines from 1 in this order; tell whether any of them moved."""
    places: dict[UUID, int] = {pk: place for place, pk in enumerate(order, start=1)}
    moved: list[Any] = [line for line in lines if line.position != places[line.pk]]
    for line in moved:
        line.position, line.updated_at = places[line.pk], now
    Line.objects.bulk_update(moved, ["position", "updated_at"])
    return bool(moved)
