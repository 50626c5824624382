"""
Which version of its exercise a line prescribes, and what is confirmed of that version.

A line stays on the version that was prescribed until a therapist, revising it, wants the newest:
its contra-indications are then looked at anew, and rows that have been keep theirs.
"""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from clinics.actors import Actor
from core.errors import Invalid
from patients.confirmations import Concern
from patients.models import Assignment, Line, PrescribedExercise
from patients.prescribing import Prescription
from patients.screening import (
    ScreenedExercise,
    screened_exercise,
    stored_screening,
    with_exercise,
)
from programs.models import Exercise, ExerciseVersion


def newest_version(line: Line, base: PrescribedExercise) -> ExerciseVersion:
    """
    Return the version of a line's exercise that is offered now; `base`'s own, where it is that.

    :raises Invalid: the exercise is retired, and stays on the version that was prescribed
    """
    exercise = Exercise.objects.select_related("current").get(pk=line.exercise_id)
    newest: ExerciseVersion | None = exercise.current
    assert newest is not None, "what was prescribed has a version"
    if newest.pk != base.exercise_version_id and exercise.retired_at is not None:
        detail = _("This exercise is no longer offered. Its line stays as it was prescribed.")
        raise Invalid.at("newest_version", "retired_exercise", detail)
    return newest


def unscreened_exercise(assignment: Assignment, wanted: Prescription) -> list[Concern]:
    """Ask for the contra-indications of an exercise that joins an assignment in force."""
    if any(one.exercise == wanted.version.exercise_id for one in _confirmed(assignment)):
        return []
    return _to_confirm(assignment, wanted, field=wanted.at("exercise"))


def unscreened_version(
    assignment: Assignment, base: PrescribedExercise, wanted: Prescription
) -> list[Concern]:
    """Ask for those of a version that a line in force moves to, unless they were confirmed."""
    version = wanted.version
    said = {(one.exercise, one.version) for one in _confirmed(assignment)}
    if version.pk == base.exercise_version_id or (version.exercise_id, version.number) in said:
        return []
    return _to_confirm(assignment, wanted, field="newest_version")


def keep_screening(
    assignment: Assignment, wanted: Prescription, *, by: Actor, now: dt.datetime
) -> None:
    """Keep that a version's contra-indications were ruled out: who, when and their words."""
    added = screened_exercise(wanted.version, confirmed_by=by.user_id, confirmed_at=now)
    assignment.screening = with_exercise(assignment.screening, added)
    assignment.save(update_fields=["screening", "updated_at"])


def _confirmed(assignment: Assignment) -> list[ScreenedExercise]:
    """Return what was confirmed; of a draft everything is still to come."""
    if assignment.status == Assignment.Status.DRAFT:
        return []
    return stored_screening(assignment.screening).exercises


def _to_confirm(assignment: Assignment, wanted: Prescription, *, field: str) -> list[Concern]:
    asked = screened_exercise(wanted.version).contraindications
    if assignment.status == Assignment.Status.DRAFT or not asked:
        return []
    return [Concern(code="contraindications", field=field, detail="; ".join(asked))]
