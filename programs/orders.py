"""
What a therapist asks for: an exercise or a program of the clinic's own. Pure.

An answer of GET can be sent back: the same words in the same shapes, every list and text bounded.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from core.bodies import line, text, whole
from programs.content import (
    Amount,
    Band,
    CategoryWord,
    Check,
    CheckId,
    Clinical,
    Evidence,
    ExerciseContent,
    HelperWord,
    LateralityWord,
    MeasureWord,
    Picture,
    PositionWord,
    Precaution,
    SeenWord,
    Slug,
    Usual,
    UsualDose,
    UsualLoad,
    WrongSign,
)
from programs.doses import Dose, Schedule

Name = Annotated[str, line(120)]
Said = Annotated[str, line(400)]
Sayings = Annotated[tuple[Said, ...], Meta(max_length=20)]
Names = Annotated[tuple[Name, ...], Meta(max_length=20)]
Links = Annotated[tuple[UUID, ...], Meta(max_length=8)]
SideAsked = Literal["left", "right", "both", "alternating", "each", "affected", "unaffected"]
MOST_ITEMS = 40


class PictureOrder(Picture, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The picture of an exercise that the clinic sees, as that exercise shows it."""

    name: Slug
    faults: Amount


class WrongSignOrder(WrongSign, kw_only=True, frozen=True, forbid_unknown_fields=True):
    sign: Said
    fix: Said


class CheckOrder(Check, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A yes/no question. Its `id` keeps its right answer for good: answers are kept by it."""

    id: CheckId
    ask: Said
    fix: Said


class PrecautionOrder(Precaution, kw_only=True, frozen=True, forbid_unknown_fields=True):
    text: Said


class UsualOrder(Usual, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A usual range, both ends inclusive, and where one starts."""


class UsualLoadOrder(UsualLoad, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """As a usual range, in kilograms, by halves."""


class BandOrder(Band, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """From one end to the other, both included."""


class UsualDoseOrder(UsualDose, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The usual range of each amount that the measures have, and of how often."""

    sets: UsualOrder
    times_per_day: UsualOrder
    days_per_week: UsualOrder
    repetitions: UsualOrder | None = None
    hold_seconds: UsualOrder | None = None
    duration_seconds: UsualOrder | None = None
    distance_m: UsualOrder | None = None
    steps: UsualOrder | None = None
    load_kg: UsualLoadOrder | None = None
    percent_of_max: BandOrder | None = None
    tempo: Annotated[str, text(40)] = ""


class ClinicalOrder(Clinical, kw_only=True, frozen=True, forbid_unknown_fields=True):
    targets: Names
    intent: Name


class EvidenceOrder(Evidence, kw_only=True, frozen=True, forbid_unknown_fields=True):
    text: Said
    seen: SeenWord


class ExerciseOrder(
    msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True
):
    """
    All that an exercise of the clinic's own says.

    `{side}` and `{other}` in start, steps and cues stand for left and right. The first of
    `measures` is the one that a prescription is prefilled in.
    """

    name: Name
    category: CategoryWord
    position: PositionWord
    laterality: LateralityWord
    level: Annotated[int, whole(1, 4)]
    helper: HelperWord
    purpose: Said
    start: Said
    steps: Annotated[tuple[Said, ...], Meta(min_length=3, max_length=6)]
    cues: Annotated[tuple[Said, ...], Meta(min_length=1, max_length=20)]
    wrong_signs: Annotated[tuple[WrongSignOrder, ...], Meta(min_length=1, max_length=20)]
    checks: Annotated[tuple[CheckOrder, ...], Meta(min_length=1, max_length=10)]
    measures: Annotated[tuple[MeasureWord, ...], Meta(min_length=1, max_length=5)]
    usual_dose: UsualDoseOrder
    goal_example: Said
    equipment: Names = ()
    precautions: Annotated[tuple[PrecautionOrder, ...], Meta(max_length=20)] = ()
    contraindications: Sayings = ()
    easier: Sayings = ()
    harder: Sayings = ()
    easier_exercises: Links = ()
    harder_exercises: Links = ()
    picture: PictureOrder | None = None
    also: Annotated[tuple[CategoryWord, ...], Meta(max_length=5)] = ()
    clinical: ClinicalOrder | None = None
    icf: Names = ()
    evidence: Annotated[tuple[EvidenceOrder, ...], Meta(max_length=20)] = ()


class ItemOrder(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One exercise of a program with its whole dose."""

    exercise: UUID
    dose: Dose
    side: SideAsked
    schedule: Schedule


class ProgramOrder(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """All that a program of the clinic's own says; its items stand in their order."""

    name: Name
    items: Annotated[tuple[ItemOrder, ...], Meta(min_length=1, max_length=MOST_ITEMS)]
    weeks: Annotated[int, whole(1, 104)] | None = None


ORDERED = tuple(ExerciseOrder.__struct_fields__)


def content_of(order: ExerciseOrder) -> ExerciseContent:
    """Return what an order says as a draft that nobody has reviewed; it is not looked at yet."""
    said = {name: msgspec.to_builtins(getattr(order, name)) for name in ORDERED}
    empty = {name for name in ("evidence", "picture", "clinical") if not said[name]}
    given = {name: value for name, value in said.items() if name not in empty}
    return msgspec.convert({**given, "review_status": "draft"}, ExerciseContent)
