"""
What a therapist confirms before an assignment becomes active, and what is kept of it.

The same shape says what is to be confirmed and, stored, what was: the words as they stood then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec import Meta

from core.errors import FieldError, Invalid
from programs.content import exercise_content, safety_content
from programs.models import ExerciseVersion, SafetyBlock


class ScreeningItem(msgspec.Struct, kw_only=True, frozen=True):
    """One point of the safety block's list."""

    id: str
    text: str


class ScreenedExercise(msgspec.Struct, kw_only=True, frozen=True):
    """
    An exercise's contra-indications, none of which applies to this patient.

    Who and when are set where the exercise joined an assignment that was active already.
    """

    exercise: UUID
    name: str
    version: int
    contraindications: list[str]
    confirmed_by: UUID | None = None
    confirmed_at: dt.datetime | None = None


class Screening(msgspec.Struct, kw_only=True, frozen=True):
    """The whole list; `safety_block` is the number of the version that its items are from."""

    safety_block: int
    items: list[ScreeningItem]
    exercises: list[ScreenedExercise]


class ScreeningAnswers(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """
    What is confirmed: items of the list by id, and exercises by id.

    Naming an exercise confirms that none of its contra-indications applies to this patient.
    """

    items: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=100)]
    exercises: Annotated[list[UUID], Meta(max_length=100)]


class ScreeningIncomplete(Invalid):
    """Each point that is not confirmed is an error of its own."""

    code = "screening_incomplete"
    message = gettext_lazy("Every point of the screening must be confirmed.")


def to_screen(block: SafetyBlock, versions: Iterable[ExerciseVersion]) -> Screening:
    """Say what is to be confirmed for a prescription of these exercises, each once, in order."""
    once = {version.exercise_id: version for version in versions}
    return Screening(
        safety_block=block.number,
        items=[
            ScreeningItem(id=item.id, text=item.text)
            for item in safety_content(block.content).screening
        ],
        exercises=[screened_exercise(version) for version in once.values()],
    )


def screened_exercise(
    version: ExerciseVersion,
    *,
    confirmed_by: UUID | None = None,
    confirmed_at: dt.datetime | None = None,
) -> ScreenedExercise:
    return ScreenedExercise(
        exercise=version.exercise_id,
        name=version.name,
        version=version.number,
        contraindications=list(exercise_content(version.content).contraindications),
        confirmed_by=confirmed_by,
        confirmed_at=confirmed_at,
    )


def refuse_incomplete(screening: Screening, answers: ScreeningAnswers) -> None:
    """
    Refuse answers that leave a point open, or confirm one that is not asked.

    :raises ScreeningIncomplete: naming each such point
    """
    errors = [
        *_item_errors(screening.items, answers.items),
        *_exercise_errors(screening.exercises, answers.exercises),
    ]
    if errors:
        raise ScreeningIncomplete(errors)


def stored_screening(value: Any) -> Screening:
    """Read what an assignment keeps."""
    return msgspec.convert(value, Screening)


def with_exercise(value: Any, added: ScreenedExercise) -> Any:
    """Return what an assignment keeps, as JSON values, with one more exercise confirmed."""
    kept = stored_screening(value)
    return msgspec.to_builtins(msgspec.structs.replace(kept, exercises=[*kept.exercises, added]))


def _item_errors(items: Sequence[ScreeningItem], confirmed: Sequence[str]) -> list[FieldError]:
    asked = {item.id for item in items}
    return [
        FieldError(field="screening.items", code="not_confirmed", detail=f"{item.id}: {item.text}")
        for item in items
        if item.id not in confirmed
    ] + [_unknown(f"screening.items.{i}") for i, one in enumerate(confirmed) if one not in asked]


def _exercise_errors(
    exercises: Sequence[ScreenedExercise], confirmed: Sequence[UUID]
) -> list[FieldError]:
    asked = {one.exercise for one in exercises}
    return [
        FieldError(
            field="screening.exercises",
            code="not_confirmed",
            detail=f"{one.exercise}: {one.name}: {'; '.join(one.contraindications)}",
        )
        for one in exercises
        if one.contraindications and one.exercise not in confirmed
    ] + [
        _unknown(f"screening.exercises.{i}") for i, one in enumerate(confirmed) if one not in asked
    ]


def _unknown(field: str) -> FieldError:
    return FieldError(field=field, code="not_asked", detail=_("This is not part of the screening."))
