"""Goals of sessions that are held, corrected and withdrawn, and the rule alone."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from core.bodies import Instant
from core.tenancy import clinic_context
from patients.models import Line
from sessions import migrations
from sessions.actions.correct import correct_session, withdraw_session
from sessions.actions.decide import accept_held, refuse_held
from sessions.actions.store import log_session
from sessions.goals import GoalFact, moved
from sessions.models import ExerciseResult, ExerciseSession
from tests.factories import measured, people, prescribed
from tests.factories.people import World
from tests.unit.sessions.bodies import NOW, correction, log, result, session
from tests.unit.sessions.moving_goals import november, said, send


@pytest.fixture
def line(world: World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


# ---- held, corrected, withdrawn -----------------------------------------------------------------


def row_of(body_id: UUID) -> UUID:
    return ExerciseSession.objects.get(phone_id=body_id).pk


def test_a_held_session_tells_no_goals_and_moves_none_until_it_is_accepted(
    world: World, line: Line
) -> None:
    measured.goal(world.ana, "heel_raise", "day_total", from_=dt.date(2026, 1, 5))
    held = send(world, result(line, 12), performed_at="2026-10-01T09:30:00+00:00")
    assert held.answer.feedback.goals is None
    other = send(world, result(line, 3), performed_at="2026-10-25T09:30:00+00:00")
    assert said(other) == [(0, 3, False)]

    accepted = accept_held(
        session_id=held.session_id,
        performed_at=Instant.parse("2026-10-25T12:00:00+00:00"),
        by=people.acting(world.rui),
        now=NOW,
    )

    assert said(accepted) == [(3, 15, False)]


def test_a_refused_session_moves_nothing(world: World, line: Line) -> None:
    measured.goal(world.ana, "heel_raise", "best_set", from_=dt.date(2026, 1, 5))
    held = send(world, result(line, 19), performed_at="2026-10-01T09:30:00+00:00")
    refuse_held(
        session_id=held.session_id, reason="Not hers.", by=people.acting(world.rui), now=NOW
    )

    assert said(send(world, result(line, 12))) == [(0, 12, False)]


@pytest.mark.parametrize(
    ("amount", "sets", "expected"),
    [
        ("best_set", (9,), [(8, 9, False)]),
        ("best_set", (7,), []),
        ("day_total", (9,), [(8, 17, False)]),
        ("day_total", (0,), []),
        ("week_total", (15,), [(8, 23, True)]),
    ],
)
def test_a_correction_is_judged_without_what_it_replaces(
    world: World, line: Line, amount: str, sets: tuple[int, ...], expected: list[Any]
) -> None:
    measured.goal(world.ana, "heel_raise", amount)
    send(world, result(line, 8))
    body = session(result(line, 100))
    wrong = log_session(
        patient_id=world.ana.pk, content=log(body), by=people.acting_for(world.ana), now=NOW
    )
    assert said(wrong)[0][2]

    right = correct_session(
        session_id=wrong.session_id,
        content=correction(body, corrects=1, results=[result(line, *sets)]),
        by=people.acting_for(world.ana),
        now=NOW,
    )

    assert said(right) == expected


def test_what_is_withdrawn_no_longer_stands(world: World, line: Line) -> None:
    for amount in ("best_set", "day_total"):
        measured.goal(world.ana, "heel_raise", amount, target="100")
    mistake = send(world, result(line, 90))
    withdraw_session(
        session_id=mistake.session_id, reason="A slip.", by=people.acting_for(world.ana), now=NOW
    )

    assert said(send(world, result(line, 10))) == [(0, 10, False), (0, 10, False)]


def test_the_same_upload_again_tells_what_it_told(world: World, line: Line) -> None:
    measured.goal(world.ana, "heel_raise", "day_total")
    body = session(result(line, 10))
    first, again = (
        log_session(
            patient_id=world.ana.pk, content=log(body), by=people.acting_for(world.ana), now=NOW
        )
        for _time in range(2)
    )

    assert (again.outcome, said(again)) == ("duplicate", said(first))
    assert said(first) == [(0, 10, False)]


# ---- the rule alone -----------------------------------------------------------------------------


class Brought:
    """What one result brings."""

    def __init__(self, total: int, best_set: int, *goals: GoalFact) -> None:
        self.total, self.best_set, self.goals = total, best_set, goals


def fact(number: int, amount: str, before: int = 0) -> GoalFact:
    return GoalFact(
        id=UUID(int=number), text="", measure="distance", amount=amount,
        baseline=Decimal(150), target=Decimal(300), before=before,
    )  # fmt: skip


def test_results_of_one_goal_are_taken_together_and_each_goal_once() -> None:
    walk, day = fact(1, "best_set", 200), fact(2, "day_total", 200)

    told = moved([Brought(180, 90, walk, day), Brought(250, 250, walk, day), Brought(10, 10)])

    assert [(one.before, one.after, one.reached) for one in told] == [
        (200, 250, False),
        (200, 630, True),
    ]


# ---- what was stored before ---------------------------------------------------------------------


def test_best_sets_of_earlier_results_are_filled_in(world: World, line: Line) -> None:
    held = prescribed.line(
        world.ana, "wall_stretch", measure="hold", repetitions=3, hold_seconds=20
    )
    walk = prescribed.line(world.ana, "walking_stick", measure="distance", distance_m=100)
    send(
        world,
        result(line, 10, 12),
        {
            "line": str(held.pk),
            "side": "both",
            "sets": [
                {"repetitions": 3, "hold_seconds": 20},
                {"repetitions": 2, "hold_seconds": 35},
            ],
        },
        {
            "line": str(walk.pk),
            "side": "both",
            "sets": [{"distance_m": 120, "steps": 200}, {"distance_m": 90}],
        },
    )
    skipped = {"line": str(line.pk), "side": "both", "skipped": "fatigue"}
    send(world, skipped, performed_at=november(22))
    known = dict(ExerciseResult.objects.values_list("pk", "best_set"))
    ExerciseResult.objects.update(best_set=0)
    (path,) = Path(migrations.__path__[0]).glob("*_best_sets.py")
    fill = importlib.import_module(f"sessions.migrations.{path.stem}").FILL

    with connection.cursor() as cursor:
        cursor.execute(fill)
    with clinic_context(world.clinic.pk):
        filled = dict(ExerciseResult.objects.values_list("pk", "best_set"))

    assert sorted(known.values()) == [0, 12, 70, 120]
    assert filled == known
