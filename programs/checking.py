"""All that must hold in a catalogue before it is published, beyond the shape of its entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from programs.content import (
    Catalogue,
    ExerciseContent,
    ExerciseEntry,
    MeasureContent,
    ProgramEntry,
    Reviewed,
    SafetyContent,
)
from programs.exercise_rules import doubles, faults_of, hard_to_read, reading_faults


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
    yield from (fault.detail for fault in doubles(where, what, values, at="{}"))


def _exercises(entries: Sequence[ExerciseEntry]) -> Iterator[str]:
    slugs = {entry.slug for entry in entries}
    ids = {entry.id for entry in entries}
    for entry in entries:
        content = entry.content
        found = [
            *_review(content),
            *_variant(entry, slugs),
            *_complete(content, ids - {entry.id}),
            *(fault.detail for fault in faults_of(content)),
            *(fault.detail for fault in hard_to_read(content)),
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


def _complete(content: ExerciseContent, others: set[UUID]) -> Iterator[str]:
    """What ships says more than a clinic has to: a picture, what it is for, and where it is from."""
    for name in ("picture", "clinical", "evidence"):
        if not getattr(content, name):
            yield f"has no {name}"
    for linked in (*content.easier_exercises, *content.harder_exercises):
        if linked not in others:
            yield f"leads to {linked}, which is no other exercise"


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
    known = {entry.slug: entry.content for entry in catalogue.measures}
    for entry in catalogue.measures:
        found = [
            *_review(entry.content),
            *_scores(entry.content),
            *_variants(entry.content, known),
        ]
        yield from (f"{entry.slug}: {problem}" for problem in found)


def _scores(content: MeasureContent) -> Iterator[str]:
    limits = content.range
    if limits is not None and content.codes:
        yield "it has both a range and codes"
    yield from _doubles("codes", "code", content.codes)
    if limits is not None and limits.high is not None and limits.high <= limits.low:
        yield f"its range does not rise from {limits.low:g} to {limits.high:g}"
    for change in content.changes:
        if change.up_to is not None and change.up_to <= change.value:
            yield f"the {change.kind} does not rise from {change.value:g} to {change.up_to:g}"


def _variants(content: MeasureContent, known: Mapping[str, MeasureContent]) -> Iterator[str]:
    """Name the variants, and the instruments, that a figure is for and that are not there."""
    yield from _doubles("variants", "id", [one.id for one in content.variants])
    for change in content.changes:
        if not _has_variant(content, change.variant):
            yield f"the {change.kind} is for {change.variant}, which is no variant"
        baseline = change.baseline
        if baseline is None:
            continue
        if baseline.of not in known:
            yield f"the {change.kind} is by {baseline.of}, which is no measure"
        elif not _has_variant(known[baseline.of], baseline.variant):
            yield f"the {change.kind} is by {baseline.variant}, which is no variant"


def _has_variant(content: MeasureContent, variant: str | None) -> bool:
    return variant is None or variant in {one.id for one in content.variants}


def _reading(texts: list[str]) -> Iterator[str]:
    yield from (fault.detail for fault in reading_faults([("", text) for text in texts]))


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
