"""The shapes of requests and answers about exercises, programs and instruments."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from core.bodies import Body, line, text, whole
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
    Variant,
)
from programs.doses import Dose, Schedule
from programs.orders import ExerciseOrder, Name, ProgramOrder

SearchWords = Annotated[str, text(80)]
SourceWord = Literal["shared", "own"]
RetiredWord = Literal["hide", "show", "only"]
VersionNumber = Annotated[int, whole(1, 1_000_000)]
ConfirmReading = Annotated[tuple[Literal["reads_hard"], ...], Meta(max_length=1)]

ConfirmItems = Annotated[
    tuple[Literal["outside_usual_range", "repeated_exercise"], ...], Meta(max_length=2)
]


class ExerciseQuery(PageQuery, kw_only=True):
    """
    `search` finds the exercises whose name or purpose hold each of its words.

    `source` keeps what ships with the platform, or the clinic's own; `retired` also shows, or shows
    only, what is no longer offered.
    """

    search: SearchWords = ""
    category: CategoryWord | None = None
    level: Annotated[int, whole(1, 4)] | None = None
    position: PositionWord | None = None
    measure: MeasureWord | None = None
    source: SourceWord | None = None
    retired: RetiredWord = "hide"


class ProgramQuery(PageQuery, kw_only=True):
    """`search` finds the programs whose name holds each of its words; else as for exercises."""

    search: SearchWords = ""
    source: SourceWord | None = None
    retired: RetiredWord = "hide"


class NewExercise(ExerciseOrder, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """
    An exercise of the clinic's own.

    `key` is chosen by the client: the same exercise sent again with it is made once.
    """

    key: UUID
    confirm: ConfirmReading = ()


class NextExercise(ExerciseOrder, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The whole of an exercise as it is from now on, in place of the version named."""

    replaces: VersionNumber
    confirm: ConfirmReading = ()


class NewProgram(ProgramOrder, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """
    A program of the clinic's own.

    `key` is chosen by the client: the same program sent again with it is made once.
    """

    key: UUID
    confirm: ConfirmItems = ()


class NextProgram(ProgramOrder, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The whole of a program as it is from now on, in place of the version named."""

    replaces: VersionNumber
    confirm: ConfirmItems = ()


class ReviewOrder(Body):
    """What the caller says of the version that they looked at; `draft` takes a review back."""

    version: VersionNumber
    status: ReviewWord
    note: Annotated[str, text(500)] = ""


class SharedQuery(PageQuery):
    """`kind`: exercises, programs or outcome measures."""

    kind: Literal["exercise", "program", "measure"] = "exercise"


class SharedReviewOrder(ReviewOrder, kw_only=True):
    """Also which clinician said so."""

    reviewer_name: Annotated[str, line(120)]


class CopyOrder(Body):
    """A copy to change: with a key of the client's own, and a name where it gets another."""

    key: UUID
    name: Name | None = None


class ReviewOut(msgspec.Struct, kw_only=True):
    """Whether a clinician has reviewed an entry, also in words to show beside it."""

    status: ReviewWord
    words: str


class EntryReviewOut(ReviewOut, kw_only=True):
    """Also who said so and when, where somebody did; a new version is a draft again."""

    by: str | None
    at: dt.datetime | None
    note: str


class SharedOut(msgspec.Struct, kw_only=True):
    """
    An entry that ships with the platform, its current version and whether it is reviewed.

    Of an outcome measure the `id` is that of its version, and one that is not offered is retired.
    """

    id: UUID
    name: str
    version: int
    is_retired: bool
    review: EntryReviewOut


class CopiedFrom(msgspec.Struct, kw_only=True):
    """The version that a clinic's own entry began as a copy of."""

    id: UUID
    version: int
    name: str


class VariantOut(msgspec.Struct, kw_only=True):
    """An easier or a harder exercise; one that is retired is offered no longer."""

    id: UUID
    name: str
    is_retired: bool


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
    picture: Picture | None
    core_six: bool
    is_own: bool
    is_retired: bool
    review: EntryReviewOut


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
    clinical: Clinical | None
    icf: list[str]
    evidence: list[EvidenceOut]
    easier_exercises: list[VariantOut]
    harder_exercises: list[VariantOut]
    copied_from: CopiedFrom | None


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
    picture: Picture | None
    is_retired: bool


class ProgramSummary(msgspec.Struct, kw_only=True):
    id: UUID
    version: int
    name: str
    weeks: int | None
    exercises: list[str]
    is_own: bool
    is_retired: bool
    review: EntryReviewOut


class ProgramOut(msgspec.Struct, kw_only=True):
    id: UUID
    version: int
    name: str
    weeks: int | None
    items: list[ProgramItemOut]
    is_own: bool
    is_retired: bool
    copied_from: CopiedFrom | None
    review: EntryReviewOut


class PublishedChange(msgspec.Struct, kw_only=True):
    """A published change with its source; `seen_words` says how sure we are of the source."""

    change: Change
    seen_words: str


class OutcomeMeasureOut(msgspec.Struct, kw_only=True):
    """
    An instrument. It has a `range`, or `codes`, the lowest first, whose scores are codes.

    A score says its variant where there are `variants`, its aid where it `needs_aid`, its side
    where it `is_sided`, and none of them elsewhere.
    """

    slug: str
    version: int
    name: str
    unit: str
    better: str
    range: ScoreRange | None
    codes: list[str]
    variants: list[Variant]
    needs_aid: bool
    is_sided: bool
    note: str
    changes: list[PublishedChange]
    loinc: str
    review: EntryReviewOut


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
    picture: PictureForPatient | None
