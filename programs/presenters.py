"""What answers show of the catalogue, and the pieces of it that a patient's plan is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _

from programs.bodies import (
    CheckOut,
    CopiedFrom,
    DoseOut,
    EntryReviewOut,
    EvidenceOut,
    ExerciseForPatient,
    ExerciseOut,
    ExerciseSummary,
    LineOut,
    OutcomeMeasureOut,
    PictureForPatient,
    ProgramItemOut,
    ProgramOut,
    ProgramSummary,
    PublishedChange,
    ReviewOut,
    ScheduleOut,
    SharedOut,
    VariantOut,
    WrongSignOut,
)
from programs.content import (
    ExerciseContent,
    Picture,
    ReviewWord,
    SeenWord,
    exercise_content,
    measure_content,
)
from programs.dose import weekday_list
from programs.doses import dose_of, schedule_of
from programs.models import (
    Exercise,
    ExerciseVersion,
    OutcomeMeasure,
    Program,
    ProgramItem,
    ProgramVersion,
    ReviewStatus,
)
from programs.reading import ProgramInFull
from programs.usual_dose import default_line
from programs.wording import (
    DoseRow,
    ScheduleRow,
    details_in_words,
    dose_in_words,
    leading_side,
    schedule_in_words,
    side_in_words,
    with_sides,
)

__all__ = [
    "checks_out",
    "dose_in_words",
    "dose_out",
    "entry_review_out",
    "exercise_for_patient",
    "exercise_out",
    "exercise_summary",
    "outcome_measure_out",
    "program_out",
    "program_summary",
    "review_out",
    "schedule_in_words",
    "schedule_out",
    "shared_out",
]

SEEN_WORDS = {
    "seen": _("seen in the source"),
    "secondary": _("seen in a text that quotes the source"),
    "reported": _("reported, not seen"),
    "judgement": _("our own judgement"),
}


def review_out(status: str) -> ReviewOut:
    """Say whether a clinician has reviewed an entry, also in words."""
    return ReviewOut(status=cast("ReviewWord", status), words=str(ReviewStatus(status).label))


def entry_review_out(version: ExerciseVersion | ProgramVersion | OutcomeMeasure) -> EntryReviewOut:
    """Say whether a version is reviewed: its newest review counts, else what it says itself."""
    newest: dict[str, Any] | None = getattr(version, "newest_review", None)
    said = review_out(newest["status"] if newest else version.review_status)
    return EntryReviewOut(
        status=said.status,
        words=said.words,
        by=newest["by"] if newest else None,
        at=dt.datetime.fromisoformat(newest["at"]) if newest else None,
        note=newest["note"] if newest else "",
    )


def shared_measure_out(measure: OutcomeMeasure) -> SharedOut:
    """Present an outcome measure to those who run the platform."""
    return SharedOut(
        id=measure.pk,
        name=measure.name,
        version=measure.number,
        is_retired=not measure.is_offered,
        review=entry_review_out(measure),
    )


def shared_out(version: ExerciseVersion | ProgramVersion | OutcomeMeasure) -> SharedOut:
    """Present what ships to those who run the platform, with its entry loaded."""
    if isinstance(version, OutcomeMeasure):
        return shared_measure_out(version)
    entry = version.exercise if isinstance(version, ExerciseVersion) else version.program
    return SharedOut(
        id=entry.pk,
        name=version.name,
        version=version.number,
        is_retired=entry.retired_at is not None,
        review=entry_review_out(version),
    )


def exercise_summary(version: ExerciseVersion) -> ExerciseSummary:
    """Present an exercise in a list, from its current version with the exercise loaded."""
    return ExerciseSummary(**_summary(version, exercise_content(version.content)))


def exercise_out(
    version: ExerciseVersion, variants: Mapping[UUID, ExerciseVersion] | None = None
) -> ExerciseOut:
    """Present all of an exercise, from a version as `reading` loads it and what it leads to."""
    content = exercise_content(version.content)
    return ExerciseOut(
        **_summary(version, content),
        also=list(content.also),
        equipment=list(content.equipment),
        start=content.start,
        steps=list(content.steps),
        cues=list(content.cues),
        wrong_signs=wrong_signs_out(content),
        checks=checks_out(content),
        precautions=list(content.precautions),
        contraindications=list(content.contraindications),
        usual_dose=content.usual_dose,
        default=_default(content),
        goal_example=content.goal_example,
        easier=list(content.easier),
        harder=list(content.harder),
        variant_of=content.variant_of,
        clinical=content.clinical,
        icf=list(content.icf),
        evidence=evidence_out(content),
        easier_exercises=_variants(content.easier_exercises, variants or {}),
        harder_exercises=_variants(content.harder_exercises, variants or {}),
        copied_from=_copied_from_exercise(version.exercise.copied_from),
    )


def _variants(ids: Iterable[UUID], known: Mapping[UUID, ExerciseVersion]) -> list[VariantOut]:
    return [
        VariantOut(id=one, name=known[one].name, is_retired=_is_retired(known[one].exercise))
        for one in ids
        if one in known
    ]


def _is_retired(entry: Exercise | Program) -> bool:
    return entry.retired_at is not None


def _copied_from_exercise(source: ExerciseVersion | None) -> CopiedFrom | None:
    if source is None:
        return None
    return CopiedFrom(id=source.exercise_id, version=source.number, name=source.name)


def _copied_from_program(source: ProgramVersion | None) -> CopiedFrom | None:
    if source is None:
        return None
    return CopiedFrom(id=source.program_id, version=source.number, name=source.name)


def _summary(version: ExerciseVersion, content: ExerciseContent) -> dict[str, Any]:
    return {
        "id": version.exercise_id,
        "version": version.number,
        "name": content.name,
        "category": content.category,
        "level": content.level,
        "position": content.position,
        "helper": content.helper,
        "laterality": content.laterality,
        "measures": list(content.measures),
        "purpose": content.purpose,
        "picture": content.picture,
        "core_six": content.core_six,
        "is_own": version.clinic_id is not None,
        "is_retired": _is_retired(version.exercise),
        "review": entry_review_out(version),
    }


def wrong_signs_out(content: ExerciseContent) -> list[WrongSignOut]:
    return [WrongSignOut(**msgspec.structs.asdict(sign)) for sign in content.wrong_signs]


def checks_out(content: ExerciseContent, ids: Collection[str] | None = None) -> list[CheckOut]:
    """Present the checks of an exercise, or those of them that are to be asked, in its order."""
    return [
        CheckOut(**msgspec.structs.asdict(check))
        for check in content.checks
        if ids is None or check.id in ids
    ]


def evidence_out(content: ExerciseContent) -> list[EvidenceOut]:
    return [
        EvidenceOut(
            text=one.text, source=one.source, seen=one.seen, seen_words=seen_in_words(one.seen)
        )
        for one in content.evidence
    ]


def seen_in_words(seen: SeenWord) -> str:
    """Say how sure we are of a source."""
    return str(SEEN_WORDS[seen])


def dose_out(row: DoseRow, *, category: str = "") -> DoseOut:
    """Present a row's dose in numbers and in words."""
    return DoseOut(
        measure=cast("Any", row.measure),
        sets=row.sets,
        repetitions=row.repetitions,
        repetitions_max=row.repetitions_max,
        hold_seconds=row.hold_seconds,
        duration_seconds=row.duration_seconds,
        distance_m=row.distance_m,
        steps=row.steps,
        load_kg=None if row.load_kg is None else float(row.load_kg),
        rest_seconds=row.rest_seconds,
        tempo=row.tempo,
        device=row.device,
        effort_ceiling=row.effort_ceiling,
        words=dose_in_words(row, category=category),
        details=details_in_words(row),
    )


def schedule_out(row: ScheduleRow) -> ScheduleOut:
    """Present a row's schedule in numbers and in words."""
    return ScheduleOut(
        kind=row.schedule,
        weekdays=weekday_list(row.weekdays),
        times_per_day=row.times_per_day,
        times_per_week=row.times_per_week,
        words=schedule_in_words(row),
    )


def _default(content: ExerciseContent) -> LineOut:
    row = ProgramItem(**msgspec.structs.asdict(default_line(content)))
    return LineOut(**_line(row, content.category))


def _line(row: ProgramItem, category: str) -> dict[str, Any]:
    return {
        "side": row.side,
        "dose": dose_of(row),
        "dose_words": dose_in_words(row, category=category),
        "schedule": schedule_of(row),
        "schedule_words": schedule_in_words(row),
    }


def program_summary(program: ProgramInFull) -> ProgramSummary:
    """Present a program in a list."""
    version = program.version
    return ProgramSummary(
        id=version.program_id,
        version=version.number,
        name=version.name,
        weeks=version.weeks,
        exercises=[exercise.name for item, exercise in program.items],
        is_own=version.clinic_id is not None,
        is_retired=_is_retired(version.program),
        review=entry_review_out(version),
    )


def program_out(program: ProgramInFull) -> ProgramOut:
    """Present a program with its exercises and their doses."""
    version = program.version
    return ProgramOut(
        id=version.program_id,
        version=version.number,
        name=version.name,
        weeks=version.weeks,
        items=[_item(item, exercise) for item, exercise in program.items],
        is_own=version.clinic_id is not None,
        is_retired=_is_retired(version.program),
        copied_from=_copied_from_program(version.program.copied_from),
        review=entry_review_out(version),
    )


def _item(item: ProgramItem, exercise: ExerciseVersion) -> ProgramItemOut:
    content = exercise_content(exercise.content)
    return ProgramItemOut(
        position=item.position,
        exercise=item.exercise_id,
        name=content.name,
        picture=content.picture,
        is_retired=_is_retired(exercise.exercise),
        **_line(item, content.category),
    )


def outcome_measure_out(measure: OutcomeMeasure) -> OutcomeMeasureOut:
    """Present an instrument that is offered; it has a range or codes then."""
    content = measure_content(measure.content)
    return OutcomeMeasureOut(
        slug=measure.slug,
        version=measure.number,
        name=content.name,
        unit=content.unit,
        better=content.better,
        range=content.range,
        codes=list(content.codes),
        variants=list(content.variants),
        needs_aid=content.needs_aid,
        is_sided=content.is_sided,
        note=content.note,
        changes=[
            PublishedChange(change=change, seen_words=seen_in_words(change.seen))
            for change in content.sourced_changes
        ],
        loinc=content.loinc,
        review=entry_review_out(measure),
    )


def exercise_for_patient(
    content: ExerciseContent, *, side: str, affected: str
) -> ExerciseForPatient:
    """
    Present an exercise as the patient reads it.

    `side` is the prescribed one (`left`, `right`, `both`, `alternating`, `each`); `affected` is
    that of the patient's record. Precautions meant for clinicians are left out.
    """
    leading = leading_side(side, affected=affected)
    return ExerciseForPatient(
        name=content.name,
        purpose=content.purpose,
        side_words=side_in_words(side, affected=affected),
        start=with_sides(content.start, side=leading),
        steps=[with_sides(step, side=leading) for step in content.steps],
        cues=[with_sides(cue, side=leading) for cue in content.cues],
        wrong_signs=wrong_signs_out(content),
        precautions=[one.text for one in content.precautions if one.for_patient],
        equipment=list(content.equipment),
        picture=_picture_for_patient(content.picture, leading),
    )


def _picture_for_patient(picture: Picture | None, side: str) -> PictureForPatient | None:
    if picture is None:
        return None
    return PictureForPatient(name=picture.name, faults=picture.faults, side=side)
