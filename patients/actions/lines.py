"""
Every write of a line's rows: add, revise from a date, end. Its place and note: `line_places`.

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
from msgspec import UNSET

from clinics.actors import Actor
from core.calendar import DAY, local_date
from core.errors import Conflict, Invalid
from patients.actions.assignments import LoggedOnDraft, results_today
from patients.actions.line_versions import (
    keep_screening,
    newest_version,
    unscreened_exercise,
    unscreened_version,
)
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
        unscreened = unscreened_exercise(assignment, wanted)
        ask([*concerns, *unscreened], confirmed=confirm)
        line = _new_line(assignment, wanted, after=lines[-1].position if lines else 0)
        line.save(force_insert=True)
        new_row(wanted, line, Span(day), by=by, now=now).save(force_insert=True)
        if unscreened:
            keep_screening(assignment, wanted, by=by, now=now)
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
    Change dose, side, schedule or the exercise's version from a date on: the row is closed there
    and a successor opened.

    Tomorrow is the default (a draft's start in a draft, the first date of a line that begins
    later). Rows not yet begun at the date are replaced; where the line was to end, it still ends.

    :raises Invalid: `from_in_past`, a date outside the assignment's, another measure, or no change
    :raises LineAlreadyEnded: nothing of the line is left at that date
    :raises NotConfirmed: `results_today` where the date is today and something was logged on it,
        `contraindications` where the newest version has some
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
        unscreened = unscreened_version(line.assignment, base, wanted)
        results = _concerns_of_results(line, day, logged, field="from", now=now)
        ask([*results, *concerns, *unscreened], confirmed=confirm)
        logged.release(line_ids=[line.pk], since=day)
        _make_way(rows, cut, day)
        row = new_row(wanted, line, span, by=by, now=now)
        if order.side is UNSET:
            row.side_asked = base.side_asked
        row.save(force_insert=True)
        if unscreened:
            keep_screening(line.assignment, wanted, by=by, now=now)
        logged.rejudge(line_ids=[line.pk], since=day)
        details = {"row": str(row.pk), "confirmed": list(confirm)} | _moved(base, wanted)
        record("line_revised", line.patient, line, by=by, now=now, **details)
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
    version = newest_version(line, base) if order.newest_version else base.exercise_version
    as_it_was = order.dose is UNSET and order.side is UNSET and order.schedule is UNSET
    if as_it_was and version.pk == base.exercise_version_id:
        field = "newest_version" if order.newest_version else "dose"
        raise Invalid.at(field, "nothing_changes", _("Say what changes: dose, side or schedule."))
    wanted = Prescription(
        field="",
        version=version,
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


def _moves(base: PrescribedExercise, wanted: Prescription) -> bool:
    """Tell whether another version of the exercise is prescribed than before."""
    return wanted.version.pk != base.exercise_version_id


def _moved(base: PrescribedExercise, wanted: Prescription) -> dict[str, Any]:
    """Say for the audit to which version a line moved, if it did."""
    return {"version": wanted.version.number} if _moves(base, wanted) else {}


def _concerns_of_revision(
    line: Line, base: PrescribedExercise, wanted: Prescription, span: Span, order: RowOrder
) -> list[Concern]:
    """Ask only about what changes: a dose that is as it was, for its version, has been confirmed."""
    concerns = concerns_about(
        [wanted],
        within(line.assignment, span.starts, span.until),
        patient=line.patient,
        apart_from=line.pk,
    )
    silent = set()
    if order.dose is UNSET and order.schedule is UNSET and not _moves(base, wanted):
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
