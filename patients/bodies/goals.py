"""The shapes of requests about goals. What a goal's progress is, nobody sends: it is derived."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from core.bodies import Body, LocalDate, line
from core.pagination import PageQuery
from programs.content import MeasureWord, Slug
from programs.scores import AidWord, SideWord

AmountWord = Literal["best_set", "day_total", "week_total"]
Number = Annotated[float, msgspec.Meta(ge=0, le=999_999)]
Words = Annotated[str, line(200)]


class Aim(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """What a goal is about."""


class ExerciseAim(Aim, kw_only=True, frozen=True, tag="exercise"):
    """
    An amount of an exercise, over all lines of it in one measure.

    For `hold` an amount is repetitions times seconds: the seconds held in all.
    """

    exercise: UUID
    measure: MeasureWord
    amount: AmountWord


class MeasureAim(Aim, kw_only=True, frozen=True, tag="measure"):
    """A score of an outcome measure, by its slug, done in one way."""

    measure: Slug
    variant: Slug | None = None
    aid: AidWord | None = None
    side: SideWord | None = None


class NewGoal(Body):
    """Without `baseline`, a goal of an outcome measure starts at the latest score alike."""

    aim: ExerciseAim | MeasureAim
    baseline: Number | None = None
    target: Number
    due_on: LocalDate
    text: Words


class GoalChange(Body):
    """What is left out stays as it is."""

    baseline: Number | UnsetType = UNSET
    target: Number | UnsetType = UNSET
    due_on: LocalDate | UnsetType = UNSET
    text: Words | UnsetType = UNSET


class EndGoal(Body):
    reason: Annotated[str, line(500)]


class GoalsQuery(PageQuery):
    """Without `status`: active and ended ones."""

    status: Literal["active", "ended"] | None = None
