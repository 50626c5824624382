"""What answers about assessments show: each score, and what its change says."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from patients.bodies.assessments import AssessmentOut, FigureOut, ScoreChangeOut
from patients.models import Assessment
from patients.score_history import Kept, Since, change_since, first, previous
from programs.content import Baseline, MeasureContent, measure_content
from programs.models import OutcomeMeasure
from programs.presenters import seen_in_words
from programs.reading import newest_measures
from programs.score_changes import Figure
from programs.scores import Score

READINGS = {
    "real_change": _("real change"),
    "within_measurement_error": _("within measurement error"),
    "worse": _("worse"),
}
NO_FIGURE = _("no published figure fits")


def assessments_out(rows: Sequence[Assessment], *, patient_id: UUID) -> list[AssessmentOut]:
    """Present scores of one patient, `recorded_by` loaded, in two statements for any number."""
    measures = newest_measures({row.slug for row in rows})
    history = history_of(patient_id)
    return [_shown(row, measures[row.slug], history) for row in rows]


def history_of(patient_id: UUID) -> list[Kept]:
    """Return all scores that count of a patient; a record holds no more than so many."""
    rows = Assessment.objects.filter(patient=patient_id, status=Assessment.Status.CURRENT)
    return [kept(row) for row in rows.order_by("assessed_on", "id")]


def kept(row: Assessment) -> Kept:
    return Kept(id=row.pk, slug=row.slug, on=row.assessed_on, score=score_in(row))


def score_in(row: Assessment) -> Score:
    return Score(
        value=row.score,
        code=row.code,
        is_unable=row.is_unable,
        variant=row.variant,
        aid=row.aid,
        side=row.side,
    )


def _shown(row: Assessment, measure: OutcomeMeasure, history: Sequence[Kept]) -> AssessmentOut:
    content = measure_content(measure.content)
    later = kept(row)
    counts = row.status == Assessment.Status.CURRENT
    changes = [
        change_since(content, find(history, later), later, history) if counts else None
        for find in (previous, first)
    ]
    since_previous, since_first = (_change(one, content) for one in changes)
    return AssessmentOut(
        id=row.pk,
        measure=row.slug,
        name=content.name,
        unit=content.unit,
        assessed_on=row.assessed_on,
        score=row.code or _number(row.score),
        is_unable=row.is_unable,
        variant=row.variant or None,
        aid=row.aid or None,
        side=row.side or None,
        note=row.note,
        status=row.status,
        replaces=row.replaces_id,
        recorded_by=row.recorded_by.name,
        recorded_at=row.recorded_at,
        withdrawn_reason=row.withdrawn_reason,
        since_previous=since_previous,
        since_first=since_first,
    )


def _change(since: Since | None, content: MeasureContent) -> ScoreChangeOut | None:
    if since is None or since.earlier.score.value is None:
        return None
    reading = since.reading
    return ScoreChangeOut(
        since=since.earlier.on,
        score=float(since.earlier.score.value),
        difference=float(reading.difference),
        reading=reading.word,
        words=str(READINGS[reading.word] if reading.word else NO_FIGURE),
        figure=_figure(reading.figure, content),
        matters=reading.matters,
        mcid=_figure(reading.mcid, content),
    )


def _figure(figure: Figure | None, content: MeasureContent) -> FigureOut | None:
    if figure is None:
        return None
    change = figure.change
    return FigureOut(
        kind=change.kind,
        amount=float(figure.amount),
        group=change.group,
        baseline=_subgroup(change.baseline) if change.baseline else "",
        source=change.source,
        seen_words=seen_in_words(change.seen),
    )


def _subgroup(baseline: Baseline) -> str:
    """Say a subgroup's edges: "gait_speed at least 0.4, at most 0.8"."""
    edges = [
        words % {"edge": f"{edge:g}"}
        for words, edge in (
            (_("at least %(edge)s"), baseline.at_least),
            (_("above %(edge)s"), baseline.above),
            (_("below %(edge)s"), baseline.below),
            (_("at most %(edge)s"), baseline.at_most),
        )
        if edge is not None
    ]
    return f"{baseline.of} {', '.join(edges)}"


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
