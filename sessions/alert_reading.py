"""Reading alerts with what stands behind them: a page in a fixed number of statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.forms.models import model_to_dict

from clinics.actors import Actor
from core.calendar import DAY
from patients.models import Line, PrescribedExercise
from programs.content import exercise_content
from sessions.actions.thresholds import newest_thresholds
from sessions.alert_rules import SUGGESTIONS
from sessions.models import Alert, AlertOccurrence
from sessions.next_step import NextStep, next_step
from sessions.reading import newest_occurrences


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What an alert rests on: its newest occurrences, its line's exercise, what may come next."""

    occurrences: Sequence[AlertOccurrence]
    exercise: str | None
    next_step: NextStep | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsRead:
    """Alerts with what stands behind each, and the clinic's own words for the rules."""

    alerts: Sequence[Alert]
    behind: Mapping[UUID, Behind]
    texts: Mapping[str, str]


def read_behind(alerts: Sequence[Alert], *, by: Actor, now: dt.datetime) -> AlertsRead:
    """Read what stands behind alerts that the actor may see, in four statements."""
    occurrences = newest_occurrences(alerts)
    line_ids = {each.line_id for each in alerts if each.line_id}
    lines = Line.objects.select_related("exercise__current").in_bulk(line_ids)
    rows = _newest_rows(line_ids, now=now)
    own = newest_thresholds(by)
    return AlertsRead(
        alerts=alerts,
        behind={
            each.pk: Behind(
                occurrences=occurrences[each.pk],
                exercise=_name(lines.get(each.line_id)) if each.line_id else None,
                next_step=_next_step(each, rows, lines),
            )
            for each in alerts
        },
        texts=own.texts if own else {},
    )


def _newest_rows(line_ids: set[UUID], *, now: dt.datetime) -> dict[UUID, PrescribedExercise]:
    """The newest row of each line that has begun anywhere by now."""
    begun = PrescribedExercise.objects.filter(
        line__in=line_ids, in_force_from__lte=now.date() + DAY
    )
    newest = begun.order_by("line", "-in_force_from").distinct("line")
    return {each.line_id: each for each in newest.select_related("exercise_version")}


def _name(line: Line | None) -> str | None:
    current = line.exercise.current if line else None
    return current.name if current else None


def _next_step(
    alert: Alert, rows: Mapping[UUID, PrescribedExercise], lines: Mapping[UUID, Line]
) -> NextStep | None:
    """What the catalogue's version that was prescribed knows of a next step."""
    if alert.rule not in SUGGESTIONS or alert.line_id is None:
        return None
    row, line = rows.get(alert.line_id), lines[alert.line_id]
    version = row.exercise_version if row else line.exercise.current
    if version is None:
        return None
    return next_step(
        alert.rule, exercise_content(version.content), model_to_dict(row) if row else None
    )
