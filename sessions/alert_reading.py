"""Reading alerts with what stands behind them: a page in a fixed number of statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.forms.models import model_to_dict

from clinics.actors import Actor
from core.calendar import DAY
from patients.models import Line, PrescribedExercise
from programs.content import exercise_content
from programs.models import ExerciseVersion
from sessions.actions.thresholds import newest_thresholds
from sessions.alert_rules import SUGGESTIONS, Because
from sessions.models import Alert, AlertOccurrence
from sessions.next_step import NextStep, next_step
from sessions.reading import newest_occurrences


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurred:
    """An occurrence, the exercise that it is about, and the check's question."""

    row: AlertOccurrence
    because: Because
    exercise: str | None
    question: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """
    What an alert rests on: its newest occurrences, and what may come next.

    `line`, `exercise` and `question` are what it is about: the alert's own, or the newest's.
    """

    occurrences: Sequence[Occurred]
    line: UUID | None
    exercise: str | None
    question: str | None
    next_step: NextStep | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsRead:
    """Alerts with what stands behind each, and the clinic's own words for the rules."""

    alerts: Sequence[Alert]
    behind: Mapping[UUID, Behind]
    texts: Mapping[str, str]


def read_behind(alerts: Sequence[Alert], *, by: Actor, now: dt.datetime) -> AlertsRead:
    """Read what stands behind alerts that the actor may see, in four statements."""
    occurrences = {key: _reasons(rows) for key, rows in newest_occurrences(alerts).items()}
    about = {said.line for each in occurrences.values() for _row, said in each}
    line_ids = {key for key in about | {each.line_id for each in alerts} if key}
    lines = Lines(
        lines=Line.objects.select_related("exercise__current").in_bulk(line_ids),
        rows=_newest_rows(line_ids, now=now),
    )
    own = newest_thresholds(by)
    return AlertsRead(
        alerts=alerts,
        behind={each.pk: _behind(each, occurrences[each.pk], lines) for each in alerts},
        texts=own.texts if own else {},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The lines that alerts are about, and the newest row of each that has begun."""

    lines: Mapping[UUID, Line]
    rows: Mapping[UUID, PrescribedExercise]

    def name(self, line_id: UUID | None) -> str | None:
        """The exercise's name as it stands now."""
        line = self.lines.get(line_id) if line_id else None
        current = line.exercise.current if line else None
        return current.name if current else None

    def version(self, line_id: UUID) -> ExerciseVersion | None:
        """What was prescribed of the exercise; of one never prescribed, what stands."""
        row = self.rows.get(line_id)
        return row.exercise_version if row else self.lines[line_id].exercise.current

    def question(self, because: Because) -> str | None:
        if because.line is None or because.check is None or because.line not in self.lines:
            return None
        version = self.version(because.line)
        checks = exercise_content(version.content).checks if version else ()
        return next((each.ask for each in checks if each.id == because.check), None)


def read_occurrence(row: AlertOccurrence, *, now: dt.datetime) -> Occurred:
    """Read what one occurrence is about: its own exercise and check, or the alert's exercise."""
    [(_row, said)] = _reasons([row])
    line_id = said.line or row.alert.line_id
    line_ids = {line_id} if line_id else set()
    lines = Lines(
        lines=Line.objects.select_related("exercise__current").in_bulk(line_ids),
        rows=_newest_rows(line_ids, now=now),
    )
    return Occurred(
        row=row, because=said, exercise=lines.name(line_id), question=lines.question(said)
    )


def _reasons(rows: Sequence[AlertOccurrence]) -> list[tuple[AlertOccurrence, Because]]:
    return [(each, msgspec.convert(each.because, Because)) for each in rows]


def _behind(
    alert: Alert, reasons: Sequence[tuple[AlertOccurrence, Because]], lines: Lines
) -> Behind:
    occurred = [
        Occurred(
            row=row, because=said, exercise=lines.name(said.line), question=lines.question(said)
        )
        for row, said in reasons
    ]
    newest = occurred[0] if occurred else None
    line_id = alert.line_id or (newest.because.line if newest else None)
    return Behind(
        occurrences=occurred,
        line=line_id,
        exercise=lines.name(line_id),
        question=newest.question if newest else None,
        next_step=_next_step(alert, lines),
    )


def _newest_rows(line_ids: set[UUID], *, now: dt.datetime) -> dict[UUID, PrescribedExercise]:
    """The newest row of each line that has begun anywhere by now."""
    begun = PrescribedExercise.objects.filter(
        line__in=line_ids, in_force_from__lte=now.date() + DAY
    )
    newest = begun.order_by("line", "-in_force_from").distinct("line")
    return {each.line_id: each for each in newest.select_related("exercise_version")}


def _next_step(alert: Alert, lines: Lines) -> NextStep | None:
    """What the catalogue's version that was prescribed knows of a next step."""
    if alert.rule not in SUGGESTIONS or alert.line_id is None:
        return None
    version, row = lines.version(alert.line_id), lines.rows.get(alert.line_id)
    if version is None:
        return None
    return next_step(
        alert.rule, exercise_content(version.content), model_to_dict(row) if row else None
    )
