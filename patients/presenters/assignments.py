"""What answers about assignments and lines show: numbers, words, and who prescribed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet

from core.calendar import local_date
from patients.actions.activation import screening_of
from patients.bodies.assignments import (
    AssignmentOut,
    AssignmentSummary,
    ProgramRef,
    ScreeningOut,
    StatusWord,
    Therapist,
)
from patients.bodies.lines import LineAnswer, LineExercise, LineOfAssignment, PrescribedRow
from patients.models import Assignment, Line, Patient, PrescribedExercise
from patients.plan_in_force import effective_span
from patients.screening import stored_screening
from programs.content import exercise_content
from programs.doses import dose_of, schedule_of
from programs.models import ExerciseVersion
from programs.reading import newest_review
from programs.wording import dose_in_words, schedule_in_words, side_in_words

REVIEW = "newest_review"


def assignment_out(assignment: Assignment, *, now: dt.datetime) -> AssignmentOut:
    """Show an assignment with all its lines and rows; the same number of queries for any number."""
    lines = list(with_review(assignment.lines.order_by("position", "pk")))
    rows = _rows_of(lines)
    today = local_date(now, assignment.patient.time_zone)
    shown = [
        _line(line, rows.get(line.pk, []), assignment=assignment, today=today) for line in lines
    ]
    summary = assignment_summary(assignment, today=today)
    screening = _screening(assignment, lines, rows)
    return AssignmentOut(
        **{name: getattr(summary, name) for name in summary.__struct_fields__},
        lines=shown,
        screening=screening,
    )


def assignment_summary(assignment: Assignment, *, today: dt.date) -> AssignmentSummary:
    """Show an assignment in a list; load `therapist__user` and `program_version`."""
    version = assignment.program_version
    return AssignmentSummary(
        id=assignment.pk,
        patient=assignment.patient_id,
        title=assignment.title,
        status=status_on(assignment, today),
        starts_on=assignment.starts_on,
        ends_on=assignment.ends_on,
        program=ProgramRef(id=version.program_id, name=version.name, version=version.number)
        if version
        else None,
        therapist=Therapist(
            membership=assignment.therapist_id, name=assignment.therapist.user.name
        ),
        drafted_at=assignment.drafted_at,
        activated_at=assignment.activated_at,
        ended_at=assignment.ended_at,
    )


def status_on(assignment: Assignment, today: dt.date) -> StatusWord:
    """Tell what an assignment is on a date: an end that is decided and lies ahead ends nothing yet."""
    if assignment.status == Assignment.Status.DRAFT:
        return "draft"
    is_over = assignment.ends_on is not None and assignment.ends_on < today
    return "ended" if is_over else "active"


def with_review(lines: QuerySet[Line]) -> QuerySet[Line]:
    """Load the exercise as it is offered now, and its review, for a line of which no row is left."""
    found = lines.select_related("exercise__current")
    return found.annotate(**{REVIEW: newest_review("exercise__current", "exercise")})


def line_answer(line: Line, *, now: dt.datetime) -> LineAnswer:
    """Show one line with all its rows; load `with_review`, `assignment` and `patient`."""
    shown = _line(
        line,
        _rows_of([line]).get(line.pk, []),
        assignment=line.assignment,
        today=local_date(now, line.patient.time_zone),
    )
    return LineAnswer(
        **{name: getattr(shown, name) for name in shown.__struct_fields__},
        assignment=line.assignment_id,
        patient=line.patient_id,
    )


def _rows_of(lines: Iterable[Line]) -> dict[UUID, list[PrescribedExercise]]:
    rows: dict[UUID, list[PrescribedExercise]] = {}
    stored = (
        PrescribedExercise.objects.filter(line__in=[line.pk for line in lines])
        .select_related("exercise_version", "prescribed_by")
        .annotate(**{REVIEW: newest_review("exercise_version", "exercise")})
        .order_by("in_force_from", "pk")
    )
    for row in stored:
        rows.setdefault(row.line_id, []).append(row)
    return rows


def _line(
    line: Line, rows: Sequence[PrescribedExercise], *, assignment: Assignment, today: dt.date
) -> LineOfAssignment:
    line.assignment = assignment
    for row in rows:
        row.line = line
    version = rows[-1].exercise_version if rows else line.exercise.current
    assert version is not None, "what was prescribed has a version"
    patient = assignment.patient
    return LineOfAssignment(
        id=line.pk,
        position=line.position,
        measure=line.measure,
        note=line.note,
        exercise=_exercise(line, version, said=getattr(rows[-1] if rows else line, REVIEW)),
        rows=[_row(row, patient=patient, today=today) for row in rows],
    )


def _exercise(
    line: Line, version: ExerciseVersion, *, said: Mapping[str, str] | None
) -> LineExercise:
    """`said`: the newest review of the version, where there is one."""
    content = exercise_content(version.content)
    newest = line.exercise.current
    return LineExercise(
        id=line.exercise_id,
        name=version.name,
        version=version.number,
        newest_version=newest.number if newest else version.number,
        review_status=said["status"] if said else version.review_status,
        precautions=[one.text for one in content.precautions],
        contraindications=list(content.contraindications),
    )


def _row(row: PrescribedExercise, *, patient: Patient, today: dt.date) -> PrescribedRow:
    span = effective_span(row)
    is_draft = row.line.assignment.status == Assignment.Status.DRAFT
    return PrescribedRow(
        id=row.pk,
        starts_on=row.in_force_from,
        until=row.in_force_until,
        is_in_force=not is_draft and span is not None and span.covers(today),
        dose=dose_of(row),
        dose_words=dose_in_words(row, category=row.exercise_version.category),
        side=row.side,
        side_words=side_in_words(row.side, affected=patient.affected_side),
        side_asked=row.side_asked or None,
        schedule=schedule_of(row),
        schedule_words=schedule_in_words(row),
        is_outside_usual_range=row.is_outside_usual_range,
        prescribed_by=row.prescribed_by.name,
        prescribed_at=row.prescribed_at,
    )


def _screening(
    assignment: Assignment,
    lines: Sequence[Line],
    rows: dict[UUID, list[PrescribedExercise]],
) -> ScreeningOut | None:
    if assignment.screening is not None:
        return ScreeningOut(
            asked=stored_screening(assignment.screening),
            confirmed_by=assignment.screened_by.name if assignment.screened_by else None,
            confirmed_at=assignment.screened_at,
        )
    if assignment.status != Assignment.Status.DRAFT:
        return None
    versions = [row.exercise_version for line in lines for row in rows.get(line.pk, [])]
    return ScreeningOut(asked=screening_of(versions), confirmed_by=None, confirmed_at=None)
