"""What goals stand at, derived from what was logged and assessed: two statements for any number."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from patients.goal_progress import is_reached, progress
from patients.models import Assessment, Goal

OF_EXERCISES = (Path(__file__).parent / "sql" / "goal_values.sql").read_text()
EXERCISE, MEASURE = Goal.Kind.EXERCISE, Goal.Kind.MEASURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    What a goal stands at: the best set, day or week since it was set, or the latest score.

    Without any it stands at its baseline. `reached_on` is the first date on which the target was
    met, and stays. `this_period` is today's total, or this week's.
    """

    goal: Goal
    now: Decimal
    reached_on: dt.date | None
    this_period: Decimal | None

    @property
    def progress(self) -> Fraction:
        return progress(baseline=self.goal.baseline, target=self.goal.target, now=self.now)


def standings(goals: Sequence[Goal], *, today: dt.date) -> list[Standing]:
    """Return what each goal stands at on the patients' local date `today`, in the order given."""
    amounts = _amounts([goal for goal in goals if goal.kind == EXERCISE], today)
    scores = _scores([goal for goal in goals if goal.kind == MEASURE])
    return [
        _of_exercise(goal, amounts) if goal.kind == EXERCISE else _of_measure(goal, scores)
        for goal in goals
    ]


Amounts = Mapping[UUID, tuple[Decimal, dt.date | None, Decimal]]
Scores = Mapping[UUID, list[Assessment]]


def _amounts(goals: Sequence[Goal], today: dt.date) -> Amounts:
    """Return the best, when the target was met, and today's or this week's total, by goal."""
    values: dict[str, Any] = {
        "goals": [goal.pk for goal in goals],
        "todays": [today for _goal in goals],
    }
    with connection.cursor() as cursor:
        cursor.execute(OF_EXERCISES, values)
        rows = cursor.fetchall()
    return {
        goal_id: (Decimal(best), reached_on, Decimal(period))
        for goal_id, best, reached_on, period in rows
    }


def _scores(goals: Sequence[Goal]) -> Scores:
    """Return the scores of the goals' patients and instruments, by goal, the earliest first."""
    rows = Assessment.objects.filter(
        patient__in={goal.patient_id for goal in goals},
        slug__in={goal.slug for goal in goals},
        status=Assessment.Status.CURRENT,
        score__isnull=False,
    ).order_by("assessed_on", "id")
    found: dict[UUID, list[Assessment]] = defaultdict(list)
    of_patient: dict[UUID, list[Goal]] = defaultdict(list)
    for goal in goals:
        of_patient[goal.patient_id].append(goal)
    for row in rows:
        for goal in of_patient[row.patient_id]:
            if _moves(row, goal):
                found[goal.pk].append(row)
    return found


def _moves(row: Assessment, goal: Goal) -> bool:
    """A score alike, from the date on which the goal was set until it ended."""
    same = ("patient_id", "slug", "variant", "aid", "side")
    return (
        all(getattr(row, name) == getattr(goal, name) for name in same)
        and goal.starts_on <= row.assessed_on
        and (goal.ended_on is None or row.assessed_on <= goal.ended_on)
    )


def _of_exercise(goal: Goal, amounts: Amounts) -> Standing:
    best, reached_on, period = amounts.get(goal.pk, (None, None, Decimal(0)))
    is_total = goal.amount != Goal.Amount.BEST_SET and goal.status == Goal.Status.ACTIVE
    return Standing(
        goal=goal,
        now=goal.baseline if best is None else best,
        reached_on=reached_on,
        this_period=period if is_total else None,
    )


def _of_measure(goal: Goal, scores: Scores) -> Standing:
    rows = scores.get(goal.pk, [])
    met = (
        row.assessed_on
        for row in rows
        if row.score is not None
        and is_reached(baseline=goal.baseline, target=goal.target, now=row.score)
    )
    latest = rows[-1].score if rows else None
    return Standing(
        goal=goal,
        now=goal.baseline if latest is None else latest,
        reached_on=next(met, None),
        this_period=None,
    )
