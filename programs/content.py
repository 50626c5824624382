"""
What the catalogue says: the shapes of an exercise, a program, an instrument and the safety texts.

Published versions keep these shapes as JSON for good, so fields are only ever added, with a
default: a default is left out of the JSON, and an added field changes no published hash.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

Slug = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,59}$")]
CheckId = Annotated[str, Meta(pattern="^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
Words = Annotated[str, Meta(min_length=1, max_length=120)]
Sentence = Annotated[str, Meta(min_length=1, max_length=400)]
Amount = Annotated[int, Meta(ge=0)]
HalfKilograms = Annotated[float, Meta(ge=0, multiple_of=0.5)]
YesOrNo = Literal["yes", "no"]
ReviewWord = Literal["draft", "reviewed"]
MeasureWord = Literal["repetitions", "hold", "duration", "distance", "steps"]
CategoryWord = Literal[
    "stretching", "mobility", "strengthening", "weight_bearing", "balance", "gait"
]
PositionWord = Literal["lying_back", "lying_side", "sitting", "standing", "walking", "machine"]
HelperWord = Literal["none", "near", "hands_on"]
LateralityWord = Literal["one", "both", "alternate"]
# How sure we are of a source: read in its own text, in a text that tabulates it, told of it
# without seeing it, or our own judgement.
SeenWord = Literal["seen", "secondary", "reported", "judgement"]


class Content(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The base of everything that is published."""


class Reviewed(Content, kw_only=True, frozen=True):
    """What carries a review: a clinician's name and date stand behind `reviewed`."""

    review_status: ReviewWord
    reviewed_by: Annotated[str, Meta(max_length=120)] = ""
    reviewed_on: dt.date | None = None


class Picture(Content, kw_only=True, frozen=True):
    """A picture by name, with as many pictures of faults beside it."""

    name: Slug
    faults: Amount


class WrongSign(Content, kw_only=True, frozen=True):
    """What goes wrong and its one fix; `fault` counts the picture's faults from 0."""

    sign: Sentence
    fix: Sentence
    fault: Amount | None = None


class Check(Content, kw_only=True, frozen=True):
    """A yes/no question about how it went. Its `id` never changes: answers are kept by it."""

    id: CheckId
    ask: Sentence
    right: YesOrNo
    fix: Sentence
    fault: Amount | None = None
    safety: bool = False
    optional: bool = False


class Precaution(Content, kw_only=True, frozen=True):
    text: Sentence
    for_patient: bool


class Usual(Content, kw_only=True, frozen=True):
    """A usual range, both ends inclusive, and where one starts."""

    low: Amount
    high: Amount
    start: Amount


class UsualLoad(Content, kw_only=True, frozen=True):
    """As `Usual`, in kilograms."""

    low: HalfKilograms
    high: HalfKilograms
    start: HalfKilograms


class Band(Content, kw_only=True, frozen=True):
    low: Amount
    high: Amount


class UsualDose(Content, kw_only=True, frozen=True):
    """The usual range of each quantity; the names are those of programs.dose.DoseFields."""

    sets: Usual
    times_per_day: Usual
    days_per_week: Usual
    repetitions: Usual | None = None
    hold_seconds: Usual | None = None
    duration_seconds: Usual | None = None
    distance_m: Usual | None = None
    steps: Usual | None = None
    load_kg: UsualLoad | None = None
    percent_of_max: Band | None = None
    rest_seconds: Amount | None = None
    tempo: Annotated[str, Meta(max_length=40)] = ""


class Clinical(Content, kw_only=True, frozen=True):
    targets: tuple[Words, ...]
    intent: Words


class Evidence(Content, kw_only=True, frozen=True):
    """A claim and where it is from; an empty source has no name that we know."""

    text: Sentence
    seen: SeenWord
    source: Annotated[str, Meta(max_length=200)] = ""


class ExerciseContent(Reviewed, kw_only=True, frozen=True):
    """
    One exercise. `{side}` and `{other}` in start, steps and cues stand for left and right.

    The first of `measures` is the one that the default dose is in.
    """

    name: Words
    category: CategoryWord
    position: PositionWord
    laterality: LateralityWord
    level: Annotated[int, Meta(ge=1, le=4)]
    helper: HelperWord
    equipment: tuple[Words, ...]
    purpose: Sentence
    start: Sentence
    steps: Annotated[tuple[Sentence, ...], Meta(min_length=3, max_length=6)]
    cues: Annotated[tuple[Sentence, ...], Meta(min_length=1)]
    wrong_signs: Annotated[tuple[WrongSign, ...], Meta(min_length=1)]
    checks: Annotated[tuple[Check, ...], Meta(min_length=1)]
    precautions: tuple[Precaution, ...]
    contraindications: tuple[Sentence, ...]
    measures: Annotated[tuple[MeasureWord, ...], Meta(min_length=1)]
    usual_dose: UsualDose
    goal_example: Sentence
    easier: tuple[Sentence, ...]
    harder: tuple[Sentence, ...]
    icf: tuple[Words, ...]
    picture: Picture | None = None
    clinical: Clinical | None = None
    evidence: Annotated[tuple[Evidence, ...], Meta(min_length=1)] = ()
    also: tuple[CategoryWord, ...] = ()
    core_six: bool = False
    variant_of: Slug | None = None
    easier_exercises: tuple[UUID, ...] = ()
    harder_exercises: tuple[UUID, ...] = ()


class ProgramContent(Reviewed, kw_only=True, frozen=True):
    """A program as it is written: slugs of exercises, each with its own default dose."""

    name: Words
    exercises: Annotated[tuple[Slug, ...], Meta(min_length=1, max_length=40)]
    weeks: Annotated[int, Meta(ge=1, le=104)] | None = None


class ScoreRange(Content, kw_only=True, frozen=True):
    """
    The scores that are taken. A `high` that is ours, not the instrument's own, catches slips.

    Without `whole_numbers` a score has up to three decimals.
    """

    low: float
    high: float | None = None
    low_is_allowed: bool = True
    whole_numbers: bool = False
    high_is_ours: bool = False


class Variant(Content, kw_only=True, frozen=True):
    """One way of doing an instrument; scores of two ways are never compared."""

    id: Slug
    name: Words


class Baseline(Content, kw_only=True, frozen=True):
    """A subgroup by a score before, with the edges as the source has them."""

    of: Slug
    variant: Slug | None = None
    at_least: float | None = None
    below: float | None = None
    above: float | None = None
    at_most: float | None = None


class Change(Content, kw_only=True, frozen=True):
    """
    A published change: `mcid` is one that matters, `mdc` one beyond the measurement's error.

    `shown_only`: told for what it is; no change is read by it.
    """

    kind: Literal["mcid", "mdc"]
    value: Annotated[float, Meta(gt=0)]
    seen: SeenWord
    up_to: Annotated[float, Meta(gt=0)] | None = None
    in_percent: bool = False
    group: Annotated[str, Meta(max_length=160)] = ""
    baseline: Baseline | None = None
    source: Annotated[str, Meta(max_length=200)] = ""
    variant: Slug | None = None
    shown_only: bool = False


class MeasureContent(Reviewed, kw_only=True, frozen=True):
    """
    A standard instrument. Of the changes of a kind, the first whose baseline fits is used.

    A scale of codes (`1+` lies between `1` and `2`) has `codes`, the lowest first, and no range.
    `needs_aid`, `is_sided`: whether a score says with which walking aid, and of which side.
    """

    name: Words
    unit: Annotated[str, Meta(min_length=1, max_length=16)]
    better: Literal["higher", "lower"]
    changes: tuple[Change, ...]
    range: ScoreRange | None = None
    loinc: Annotated[str, Meta(max_length=20)] = ""
    codes: tuple[Annotated[str, Meta(min_length=1, max_length=8)], ...] = ()
    variants: tuple[Variant, ...] = ()
    needs_aid: bool = False
    is_sided: bool = False
    note: Annotated[str, Meta(max_length=300)] = ""

    @property
    def sourced_changes(self) -> tuple[Change, ...]:
        """The published changes that are told and used: those whose source is named."""
        return tuple(change for change in self.changes if change.source)

    @property
    def is_offered(self) -> bool:
        """Whether it has a valid range, or codes, and a published change whose source is named."""
        has_range = self.range is not None or bool(self.codes)
        return has_range and bool(self.sourced_changes)


class Question(Content, kw_only=True, frozen=True):
    """A question before a session, with what to put right where the answer is not the right one."""

    id: CheckId
    ask: Sentence
    right: YesOrNo
    fix: Sentence


class SafetyLine(Content, kw_only=True, frozen=True):
    id: CheckId
    text: Sentence


class PainRule(Content, kw_only=True, frozen=True):
    """Pain from 0 to 10 in three bands, and how soon it should settle."""

    green: Band
    amber: Band
    red: Band
    settle_hours: Amount


class SafetyContent(Reviewed, kw_only=True, frozen=True):
    """The general safety texts, and the list that a therapist confirms before a program starts."""

    before: Annotated[tuple[Question, ...], Meta(min_length=1)]
    stop_now: Annotated[tuple[SafetyLine, ...], Meta(min_length=1)]
    stop_and_tell: Annotated[tuple[SafetyLine, ...], Meta(min_length=1)]
    pain_rule: PainRule
    effort: Sentence
    fatigue: Sentence
    breathing: Sentence
    strong_side: Sentence
    screening: Annotated[tuple[SafetyLine, ...], Meta(min_length=1)]


def as_json(content: msgspec.Struct) -> Any:
    """Return the JSON values to store, with what is at its default left out."""
    return msgspec.to_builtins(content)


def content_hash(content: msgspec.Struct, *, beside: str = "") -> bytes:
    """Return the SHA-256 of what a content says; `beside` adds what else makes it a new version."""
    encoder = msgspec.json.Encoder(order="sorted")
    return hashlib.sha256(encoder.encode([content, beside])).digest()


def exercise_content(stored: Any) -> ExerciseContent:
    """Read an ExerciseVersion's stored content."""
    return msgspec.convert(stored, ExerciseContent)


def safety_content(stored: Any) -> SafetyContent:
    """Read a SafetyBlock's stored content."""
    return msgspec.convert(stored, SafetyContent)


def measure_content(stored: Any) -> MeasureContent:
    """Read an OutcomeMeasure's stored content."""
    return msgspec.convert(stored, MeasureContent)


class ExerciseEntry(msgspec.Struct, kw_only=True, frozen=True):
    """An exercise of the shipped catalogue: who it is for good, and what it says now."""

    id: UUID
    slug: str
    content: ExerciseContent


class ProgramEntry(msgspec.Struct, kw_only=True, frozen=True):
    id: UUID
    slug: str
    content: ProgramContent


class MeasureEntry(msgspec.Struct, kw_only=True, frozen=True):
    slug: str
    content: MeasureContent


class Catalogue(msgspec.Struct, kw_only=True, frozen=True):
    """All that ships."""

    exercises: tuple[ExerciseEntry, ...]
    programs: tuple[ProgramEntry, ...]
    measures: tuple[MeasureEntry, ...]
    safety: SafetyContent
