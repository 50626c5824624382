"""
The goals that a session moves: what they stood at before it, and after it.

A best set stands at the best so far; a day's or a week's total at that of the session's own day,
or of its ISO week. Nothing that was done before a goal was set counts for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from patients import goal_wording
from patients.goal_progress import is_reached
from sessions.bodies import GoalOut

# A goal is read with each line that moves it, inside the statement that reads the line (`w`). A
# best set is the first of an index for each line of the exercise; what is older than the goal and
# higher is passed over. A total is summed over one day, or one week.
GOALS_OF_LINE = """
(SELECT jsonb_agg(jsonb_build_object(
     'id', g.id, 'text', g.text, 'measure', g.exercise_measure, 'amount', g.amount,
     'baseline', g.baseline, 'target', g.target,
     'before', CASE g.amount WHEN 'best_set' THEN (
         SELECT max(top.best_set)
         FROM patients_line gl CROSS JOIN LATERAL (
             SELECT e.best_set FROM rehab_sessions_exerciseresult e
             WHERE e.line_id = gl.id AND e.counts AND e.performed_on >= g.starts_on
               AND e.session_id IS DISTINCT FROM %(except)s
             ORDER BY e.best_set DESC LIMIT 1) AS top
         WHERE gl.patient_id = g.patient_id AND gl.exercise_id = g.exercise_id
           AND gl.measure = g.exercise_measure)
     ELSE (
         SELECT sum(e.total) FROM rehab_sessions_exerciseresult e
         JOIN patients_line gl ON gl.id = e.line_id AND gl.exercise_id = g.exercise_id
             AND gl.measure = g.exercise_measure
         WHERE e.patient_id = g.patient_id AND e.counts
           AND e.session_id IS DISTINCT FROM %(except)s
           AND e.performed_on BETWEEN
               greatest(g.starts_on, CASE g.amount WHEN 'week_total' THEN
                   date_trunc('week', %(day)s::date)::date ELSE %(day)s::date END)
               AND CASE g.amount WHEN 'week_total' THEN
                   date_trunc('week', %(day)s::date)::date + 6 ELSE %(day)s::date END)
     END) ORDER BY g.set_at, g.id)
 FROM patients_goal g
 WHERE g.patient_id = %(patient)s AND g.status = 'active' AND g.exercise_id = w.exercise_id
   AND g.exercise_measure = w.measure AND g.starts_on <= %(day)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalFact:
    """An active goal that a line moves, and what it stands at without the session judged."""

    id: UUID
    text: str
    measure: str
    amount: str
    baseline: Decimal
    target: Decimal
    before: int


class Done(Protocol):
    """What one result of the session brings to the goals of its line."""

    @property
    def goals(self) -> tuple[GoalFact, ...]: ...
    @property
    def total(self) -> int: ...
    @property
    def best_set(self) -> int: ...


def goal_fact(raw: dict[str, Any]) -> GoalFact:
    return GoalFact(
        id=UUID(raw["id"]),
        text=raw["text"],
        measure=raw["measure"],
        amount=raw["amount"],
        baseline=Decimal(str(raw["baseline"])),
        target=Decimal(str(raw["target"])),
        before=int(raw["before"] or 0),
    )


def moved(results: Iterable[Done]) -> list[GoalOut]:
    """Return the goals that these results moved, in the order in which they were set."""
    known: dict[UUID, GoalFact] = {}
    after: dict[UUID, int] = {}
    for result in results:
        for goal in result.goals:
            known[goal.id] = goal
            stands = after.get(goal.id, goal.before)
            after[goal.id] = (
                max(stands, result.best_set) if goal.amount == "best_set" else stands + result.total
            )
    return [_out(goal, after[goal.id]) for goal in known.values() if after[goal.id] != goal.before]


def _out(goal: GoalFact, after: int) -> GoalOut:
    now = Decimal(after)
    return GoalOut(
        id=goal.id,
        text=goal.text,
        amount=goal.amount,
        unit=goal_wording.unit_of(goal.measure),
        baseline=float(goal.baseline),
        target=float(goal.target),
        before=goal.before,
        after=after,
        reached=is_reached(baseline=goal.baseline, target=goal.target, now=now),
        words=goal_wording.so_far(now, goal.target, goal.measure),
        when=goal_wording.when(goal.amount),
    )
