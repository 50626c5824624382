"""The shapes of answers about exercises, programs and instruments, and of their queries."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec

from core.bodies import text, whole
from core.pagination import PageQuery
from programs.content import (
    CategoryWord,
    Change,
    Clinical,
    HelperWord,
    LateralityWord,
    MeasureWord,
    Picture,
    PositionWord,
    Precaution,
    ReviewWord,
    ScoreRange,
    SeenWord,
    UsualDose,
)
from programs.doses import Dose, Schedule

SearchWords = Annotated[str, text(80)]


class ExerciseQuery(PageQuery, kw_only=True):
    """`search` finds the exercises whose name or purpose hold each of its words."""

    search: SearchWords = ""
    category: CategoryWord | None = None
    level: Annotated[int, whole(1, 4)] | None = None
    position: PositionWord | None = None


class ProgramQuery(PageQuery, kw_only=True):
    """`search` finds the programs whose name holds each of its words."""

    search: SearchWords = ""


class ReviewOut(msgspec.Struct, kw_only=True):
    """Whether a clinician has reviewed an entry, also in words to show beside it."""

    status: ReviewWord
    words: str


class ExerciseSummary(msgspec.Struct, kw_only=True):
    id: UUID
    version: int
    name: str
    category: CategoryWord
    level: int
    position: PositionWord
    helper: HelperWord
    laterality: LateralityWord
    measures: list[MeasureWord]
    purpose: str
    picture: Picture
    core_six: bool
    is_own: bool
    review: ReviewOut


class WrongSignOut(msgspec.Struct, kw_only=True):
    """What goes wrong and its fix; `fault` counts the picture's faults from 0."""

    sign: str
    fix: str
    fault: int | None


class CheckOut(msgspec.Struct, kw_only=True):
    """A yes/no question about how it went, its right answer and the fix for the other one."""

    id: str
    ask: str
    right: str
    fix: str
    fault: int | None
    safety: bool
    optional: bool


class EvidenceOut(msgspec.Struct, kw_only=True):
    """A claim and where it is from; an empty source has no name that we know."""

    text: str
    source: str
    seen: SeenWord
    seen_words: str


class ExerciseOut(ExerciseSummary, kw_only=True):
    """
    All of an exercise. `{side}` and `{other}` in start, steps and cues stand for left and right.

    `default` is the dose, side and schedule that a prescription is prefilled with.
    """

    also: list[CategoryWord]
    equipment: list[str]
    start: str
    steps: list[str]
    cues: list[str]
    wrong_signs: list[WrongSignOut]
    checks: list[CheckOut]
    precautions: list[Precaution]
    contraindications: list[str]
    usual_dose: UsualDose
    default: LineOut
    goal_example: str
    easier: list[str]
    harder: list[str]
    variant_of: str | None
    clinical: Clinical
    icf: list[str]
    evidence: list[EvidenceOut]
    is_retired: bool


class DoseOut(msgspec.Struct, kw_only=True):
    """
    A dose in the one measure of its line; what the measure does not have is null.

    `words` is the dose for the middle of a sentence, `details` what else to know, a sentence each.
    """

    measure: MeasureWord
    sets: int
    repetitions: int | None
    repetitions_max: int | None
    hold_seconds: int | None
    duration_seconds: int | None
    distance_m: int | None
    steps: int | None
    load_kg: float | None
    rest_seconds: int | None
    tempo: str
    device: str
    effort_ceiling: int | None
    words: str
    details: list[str]


class ScheduleOut(msgspec.Struct, kw_only=True):
    """`weekdays` are ISO weekdays, 1 Monday to 7 Sunday."""

    kind: str
    weekdays: list[int]
    times_per_day: int | None
    times_per_week: int | None
    words: str


class LineOut(msgspec.Struct, kw_only=True):
    """A side, a dose and a schedule to start a prescription with, in the shape it is sent in."""

    side: str
    dose: Dose
    dose_words: str
    schedule: Schedule
    schedule_words: str


class ProgramItemOut(LineOut, kw_only=True):
    position: int
    exercise: UUID
    name: str
    picture: Picture


class ProgramSummary(msgspec.Struct, kw_only=True):
    id: UUID
    version: int
    name: str
    weeks: int | None
    exercises: list[str]
    is_own: bool
    review: ReviewOut


class ProgramOut(msgspec.Struct, kw_only=True):
    id: UUID
    version: int
    name: str
    weeks: int | None
    items: list[ProgramItemOut]
    is_own: bool
    is_retired: bool
    review: ReviewOut


class ChangeOut(msgspec.Struct, kw_only=True):
    """A published change with its source; `seen_words` says how sure we are of the source."""

    change: Change
    seen_words: str


class OutcomeMeasureOut(msgspec.Struct, kw_only=True):
    slug: str
    version: int
    name: str
    unit: str
    better: str
    range: ScoreRange
    changes: list[ChangeOut]
    loinc: str
    review: ReviewOut


class OutcomeMeasureList(msgspec.Struct, kw_only=True):
    results: list[OutcomeMeasureOut]


class PictureForPatient(msgspec.Struct, kw_only=True):
    """`side` says which mirror of the picture to show; the text is never mirrored."""

    name: str
    faults: int
    side: str


class ExerciseForPatient(msgspec.Struct, kw_only=True):
    """An exercise as the patient reads it, with the sides in words."""

    name: str
    purpose: str
    side_words: str
    start: str
    steps: list[str]
    cues: list[str]
    wrong_signs: list[WrongSignOut]
    precautions: list[str]
    equipment: list[str]
    picture: PictureForPatient
