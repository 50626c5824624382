"""What answers show of goals: where they stand, in numbers and in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from patients import goal_wording
from patients.models import Goal
from programs.models import OutcomeMeasure
from programs.reading import newest_measures
from sessions.goal_bodies import AimOut, GoalStanding, MyGoal
from sessions.goal_values import Standing, standings

Measures = Mapping[str, OutcomeMeasure]


def goals_for_staff(goals: Sequence[Goal], *, today: dt.date) -> list[GoalStanding]:
    """Present goals of one patient, exercise and `set_by` loaded, in three statements."""
    measures = _measures(goals)
    return [_for_staff(one, measures) for one in standings(goals, today=today)]


def goals_for_patient(goals: Sequence[Goal], *, today: dt.date) -> list[MyGoal]:
    """Present goals in the active language, in three statements."""
    measures = _measures(goals)
    return [_for_patient(one, measures) for one in standings(goals, today=today)]


def _measures(goals: Sequence[Goal]) -> Measures:
    return newest_measures({goal.slug for goal in goals if goal.kind == Goal.Kind.MEASURE})


def _for_staff(standing: Standing, measures: Measures) -> GoalStanding:
    goal = standing.goal
    period = standing.this_period
    return GoalStanding(
        id=goal.pk,
        aim=_aim(goal),
        name=_name(goal, measures),
        unit=_unit(goal, measures),
        baseline=float(goal.baseline),
        target=float(goal.target),
        now=float(standing.now),
        this_period=None if period is None else float(period),
        progress=float(standing.progress),
        reached_on=standing.reached_on,
        starts_on=goal.starts_on,
        due_on=goal.due_on,
        text=goal.text,
        words=_words(standing, measures),
        status=goal.status,
        set_by=goal.set_by.name,
        set_at=goal.set_at,
        ended_on=goal.ended_on,
        ended_reason=goal.ended_reason,
    )


def _for_patient(standing: Standing, measures: Measures) -> MyGoal:
    goal = standing.goal
    unit = _unit(goal, measures)
    period = standing.this_period
    return MyGoal(
        id=goal.pk,
        text=goal.text,
        words=_words(standing, measures),
        when=goal_wording.when(goal.amount),
        this_period=(
            ""
            if period is None
            else goal_wording.this_period(goal.amount, period, goal.exercise_measure)
        ),
        unit=unit,
        baseline=float(goal.baseline),
        target=float(goal.target),
        now=float(standing.now),
        reached_on=standing.reached_on,
        due_on=goal.due_on,
    )


def _aim(goal: Goal) -> AimOut:
    is_exercise = goal.kind == Goal.Kind.EXERCISE
    return AimOut(
        kind=goal.kind,
        exercise=goal.exercise_id,
        measure=goal.exercise_measure if is_exercise else goal.slug,
        amount=goal.amount or None,
        variant=goal.variant or None,
        aid=goal.aid or None,
        side=goal.side or None,
    )


def _name(goal: Goal, measures: Measures) -> str:
    if goal.exercise is None:
        return measures[goal.slug].name
    return goal.exercise.current.name if goal.exercise.current else ""


def _unit(goal: Goal, measures: Measures) -> str:
    if goal.kind == Goal.Kind.EXERCISE:
        return goal_wording.unit_of(goal.exercise_measure)
    return str(measures[goal.slug].content["unit"])


def _words(standing: Standing, measures: Measures) -> str:
    goal = standing.goal
    if goal.kind == Goal.Kind.EXERCISE:
        return goal_wording.so_far(standing.now, goal.target, goal.exercise_measure)
    return goal_wording.towards(
        baseline=goal.baseline, target=goal.target, now=standing.now, unit=_unit(goal, measures)
    )
