"""All that must hold in a catalogue before it is published, beyond the shape of its entries."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from programs.content import (
    Catalogue,
    Check,
    ExerciseContent,
    ExerciseEntry,
    MeasureContent,
    ProgramEntry,
    Reviewed,
    SafetyContent,
    UsualDose,
    WrongSign,
)
from programs.dose import LOAD_KG_MAX, MEASURE_FIELDS, RANGES
from programs.readability import grade, sentences

READING_GRADE_MAX = 6.0
# The grade of a shorter sentence says more of one long word than of how hard it is to read.
WORDS_TO_GRADE = 6
PLACEHOLDERS = frozenset({"side", "other"})
USUAL_BOUNDS = {name: RANGES[name] for name in ("sets", "times_per_day")} | {
    name: RANGES[name] for fields in MEASURE_FIELDS.values() for name in fields
}


def problems_of(catalogue: Catalogue) -> list[str]:
    """Return every reason why the catalogue may not be published; none is as it should be."""
    return [
        *_doubles("exercises", "id", [entry.id for entry in catalogue.exercises]),
        *_doubles("programs", "id", [entry.id for entry in catalogue.programs]),
        *_doubles("programs", "slug", [entry.slug for entry in catalogue.programs]),
        *_doubles("measures", "slug", [entry.slug for entry in catalogue.measures]),
        *_exercises(catalogue.exercises),
        *_programs(catalogue.programs, {entry.slug for entry in catalogue.exercises}),
        *_measures(catalogue),
        *_safety(catalogue.safety),
    ]


def _doubles(where: str, what: str, values: Iterable[object]) -> Iterator[str]:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            yield f"{where}: the {what} {value} comes twice"
        seen.add(value)


def _exercises(entries: Sequence[ExerciseEntry]) -> Iterator[str]:
    slugs = {entry.slug for entry in entries}
    for entry in entries:
        content = entry.content
        found = [
            *_review(content),
            *_variant(entry, slugs),
            *_checks(content),
            *_faults(content),
            *_placeholders(content),
            *_usual_dose(content),
            *_reading(patient_texts(content)),
        ]
        yield from (f"{entry.slug}: {problem}" for problem in found)


def _review(content: Reviewed) -> Iterator[str]:
    signed = bool(content.reviewed_by and content.reviewed_on)
    if content.review_status == "reviewed" and not signed:
        yield "is reviewed, but by nobody named or on no date"
    if content.review_status == "draft" and (content.reviewed_by or content.reviewed_on):
        yield "is a draft, yet names who reviewed it"


def _variant(entry: ExerciseEntry, slugs: set[str]) -> Iterator[str]:
    base = entry.content.variant_of
    if base is not None and (base not in slugs or base == entry.slug):
        yield f"is a variant of {base}, which is no other exercise"


def _checks(content: ExerciseContent) -> Iterator[str]:
    yield from _doubles("checks", "id", [check.id for check in content.checks])
    for check in content.checks:
        if not check.fix.strip():
            yield f"the check {check.id} can say wrong and has no fix"
        if check.safety and check.optional:
            yield f"the check {check.id} cannot be both safety and optional"
        if check.safety and check.right != "yes":
            yield f"the safety check {check.id} must be asked so that no is the alarm"


def _faults(content: ExerciseContent) -> Iterator[str]:
    marked: list[tuple[str, Check | WrongSign]] = [
        *((f"the check {check.id}", check) for check in content.checks),
        *((f"the wrong sign {place}", sign) for place, sign in enumerate(content.wrong_signs)),
    ]
    for name, one in marked:
        if one.fault is not None and one.fault >= content.picture.faults:
            yield f"{name} shows fault {one.fault} of {content.picture.faults}"


def _placeholders(content: ExerciseContent) -> Iterator[str]:
    filled = [content.start, *content.steps, *content.cues]
    names = {name for text in filled for name in _fields(text)}
    for name in sorted(names - PLACEHOLDERS):
        yield f"has an unknown placeholder {{{name}}}"
    if content.laterality == "both" and names:
        yield "is done with both sides at once, yet names a side"
    if content.laterality == "one" and "side" not in names:
        yield "is done on one side, yet never says {side}"
    elsewhere = {name for text in _unfilled_texts(content) for name in _fields(text)}
    if elsewhere:
        yield "has a placeholder outside start, steps and cues"


def _fields(text: str) -> Iterator[str]:
    try:
        yield from (name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    except ValueError:
        yield "?"


def _usual_dose(content: ExerciseContent) -> Iterator[str]:
    usual = content.usual_dose
    yield from _doubles("measures", "measure", content.measures)
    needed = {name for measure in content.measures for name in MEASURE_FIELDS[measure]}
    for name in sorted(needed):
        if getattr(usual, name) is None:
            yield f"has no usual {name}, which its measures need"
    for name in sorted({name for fields in MEASURE_FIELDS.values() for name in fields} - needed):
        if getattr(usual, name) is not None:
            yield f"has a usual {name}, which none of its measures has"
    for name, (least, most) in USUAL_BOUNDS.items():
        yield from _ordered(name, getattr(usual, name), least, most)
    yield from _frequency_and_load(usual)


def _frequency_and_load(usual: UsualDose) -> Iterator[str]:
    yield from _ordered("days_per_week", usual.days_per_week, *RANGES["times_per_week"])
    yield from _ordered("load_kg", usual.load_kg, 0, LOAD_KG_MAX)
    least, most = RANGES["rest_seconds"]
    if usual.rest_seconds is not None and not least <= usual.rest_seconds <= most:
        yield f"rest_seconds is not from {least} to {most}"


def _ordered(name: str, usual: Any, least: int, most: int) -> Iterator[str]:
    if usual is None:
        return
    if not usual.low <= usual.start <= usual.high:
        yield f"{name} does not rise from {usual.low} over {usual.start} to {usual.high}"
    if not least <= usual.low <= usual.high <= most:
        yield f"{name} is not from {least} to {most}"


def patient_texts(content: ExerciseContent) -> list[str]:
    """Return everything that a patient reads of an exercise, with the sides said."""
    filled = [content.start, *content.steps, *content.cues]
    said = [text.replace("{side}", "right").replace("{other}", "left") for text in filled]
    return [*said, *_unfilled_texts(content)]


def _unfilled_texts(content: ExerciseContent) -> list[str]:
    return [
        content.name,
        content.purpose,
        *(text for sign in content.wrong_signs for text in (sign.sign, sign.fix)),
        *(text for check in content.checks for text in (check.ask, check.fix)),
        *(precaution.text for precaution in content.precautions if precaution.for_patient),
        content.goal_example,
        *content.easier,
        *content.harder,
    ]


def _reading(texts: list[str]) -> Iterator[str]:
    """Hold the texts together, and each sentence that is long enough, to the reading grade."""
    level = grade(texts)
    if level > READING_GRADE_MAX:
        yield f"reads at grade {level:.1f}, above {READING_GRADE_MAX:g}"
    for sentence in sentences(texts):
        if len(sentence.split()) >= WORDS_TO_GRADE and grade([sentence]) > READING_GRADE_MAX:
            yield f"reads at grade {grade([sentence]):.1f}, above {READING_GRADE_MAX:g}: {sentence}"


def _programs(entries: Sequence[ProgramEntry], slugs: set[str]) -> Iterator[str]:
    for entry in entries:
        content = entry.content
        found = [
            *_review(content),
            *_doubles("exercises", "exercise", content.exercises),
            *(f"has no exercise {slug}" for slug in content.exercises if slug not in slugs),
        ]
        yield from (f"{entry.slug}: {problem}" for problem in found)


def _measures(catalogue: Catalogue) -> Iterator[str]:
    slugs = {entry.slug for entry in catalogue.measures}
    for entry in catalogue.measures:
        found = [*_review(entry.content), *_scores(entry.content, slugs)]
        yield from (f"{entry.slug}: {problem}" for problem in found)


def _scores(content: MeasureContent, slugs: set[str]) -> Iterator[str]:
    limits = content.range
    if limits is not None and limits.high is not None and limits.high <= limits.low:
        yield f"its range does not rise from {limits.low:g} to {limits.high:g}"
    for change in content.changes:
        if change.up_to is not None and change.up_to <= change.value:
            yield f"the {change.kind} does not rise from {change.value:g} to {change.up_to:g}"
        if change.baseline is not None and change.baseline.of not in slugs:
            yield f"the {change.kind} is by {change.baseline.of}, which is no measure"


def _safety(content: SafetyContent) -> Iterator[str]:
    lines = [*content.stop_now, *content.stop_and_tell]
    questions = content.before
    found = [
        *_review(content),
        *_doubles("before", "id", [one.id for one in questions]),
        *_doubles("stop_now and stop_and_tell", "id", [one.id for one in lines]),
        *_doubles("screening", "id", [one.id for one in content.screening]),
        *_reading(
            [
                *(text for one in questions for text in (one.ask, one.fix)),
                *(one.text for one in lines),
                *(content.effort, content.fatigue, content.breathing, content.strong_side),
            ]
        ),
    ]
    yield from (f"safety: {problem}" for problem in found)
