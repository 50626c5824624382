"""The goals that a session moves, as its answer says: each kind, and what moves none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from core.tenancy import clinic_context
from patients.models import Goal, Line
from sessions.models import ExerciseResult
from tests.factories import measured, people, prescribed
from tests.factories.people import World
from tests.unit.sessions.bodies import NOW, result
from tests.unit.sessions.moving_goals import at, november, said, send

# Monday 23 November 2026 is today.
DAY = dt.timedelta(days=1)


@pytest.fixture
def line(world: World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


# ---- each amount --------------------------------------------------------------------------------


def test_a_goal_is_told_with_its_numbers_and_its_words(world: World, line: Line) -> None:
    goal = measured.goal(world.ana, "heel_raise", "best_set")

    (told,) = send(world, result(line, 12, 15, 8)).answer.feedback.goals or []

    assert (told.id, told.text) == (goal.pk, "Up on your toes.")
    assert (told.baseline, told.target, told.before, told.after) == (10.0, 20.0, 0, 15)
    assert (told.reached, told.words, told.when) == (False, "15 of 20 times", "in one go")


@pytest.mark.parametrize(
    ("amount", "sets", "expected"),
    [
        ("best_set", (19,), [(0, 19, False)]),
        ("best_set", (20,), [(0, 20, True)]),
        ("best_set", (21,), [(0, 21, True)]),
        ("best_set", (10, 10), [(0, 10, False)]),
        ("day_total", (19,), [(0, 19, False)]),
        ("day_total", (10, 10), [(0, 20, True)]),
        ("day_total", (10, 11), [(0, 21, True)]),
        ("week_total", (10, 9), [(0, 19, False)]),
        ("week_total", (10, 10), [(0, 20, True)]),
        ("best_set", (0, 0), []),
        ("day_total", (0,), []),
    ],
)
def test_what_one_session_brings(
    world: World, line: Line, amount: str, sets: tuple[int, ...], expected: list[Any]
) -> None:
    measured.goal(world.ana, "heel_raise", amount)

    assert said(send(world, result(line, *sets))) == expected


def test_a_best_set_moves_only_when_it_is_beaten(world: World, line: Line) -> None:
    measured.goal(world.ana, "heel_raise", "best_set")
    send(world, result(line, 12), performed_at=november(20))

    assert said(send(world, result(line, 12), performed_at=november(21))) == []
    assert said(send(world, result(line, 11, 13), performed_at=november(22))) == [(12, 13, False)]
    # One that comes late beats what was done since, or does not.
    assert said(send(world, result(line, 13), performed_at=november(19))) == []
    assert said(send(world, result(line, 25), performed_at=november(19))) == [(13, 25, True)]


def test_a_day_adds_up_over_its_sessions_and_a_new_day_starts_anew(
    world: World, line: Line
) -> None:
    measured.goal(world.ana, "heel_raise", "day_total", target="30")

    told = [
        said(send(world, result(line, 12), performed_at=at(day, time)))
        for day, time in (
            (dt.date(2026, 11, 21), "08:00"),
            (dt.date(2026, 11, 21), "23:59"),
            (dt.date(2026, 11, 22), "00:00"),
            (dt.date(2026, 11, 21), "12:00"),
        )
    ]

    assert told == [[(0, 12, False)], [(12, 24, False)], [(0, 12, False)], [(24, 36, True)]]


@pytest.mark.parametrize(
    ("first", "then", "before"),
    [
        # Monday to Sunday, whatever the month
        (dt.date(2026, 11, 16), dt.date(2026, 11, 22), 12),
        (dt.date(2026, 11, 15), dt.date(2026, 11, 16), 0),
        (dt.date(2026, 11, 22), dt.date(2026, 11, 23), 0),
        (dt.date(2026, 11, 22), dt.date(2026, 11, 16), 12),
        # ISO week 53 of 2026 runs from 28 December to 3 January.
        (dt.date(2026, 12, 28), dt.date(2027, 1, 3), 12),
        (dt.date(2026, 12, 31), dt.date(2027, 1, 1), 12),
        (dt.date(2026, 12, 27), dt.date(2026, 12, 28), 0),
        (dt.date(2027, 1, 3), dt.date(2027, 1, 4), 0),
    ],
)
def test_a_week_is_an_iso_week_also_at_the_edge_of_a_year(
    world: World, line: Line, first: dt.date, then: dt.date, before: int
) -> None:
    measured.goal(world.ana, "heel_raise", "week_total", target="30")
    late = dt.datetime(2027, 1, 5, 12, tzinfo=dt.UTC) if then.month != 11 else NOW
    send(world, result(line, 12), performed_at=at(first), now=late)

    told = said(send(world, result(line, 7), performed_at=at(then), now=late))

    assert told == [(before, before + 7, False)]


def test_both_sides_and_all_lines_of_the_exercise_count_together(world: World, line: Line) -> None:
    each = prescribed.line(world.ana, side="each")
    for amount in ("best_set", "day_total"):
        measured.goal(world.ana, "heel_raise", amount, target="100")
    send(world, result(line, 5), performed_at=november(22))

    told = send(
        world,
        result(line, 10),
        result(each, 7, 8, side="left"),
        result(each, 11, side="right"),
        performed_at=november(22),
    )

    assert said(told) == [(5, 11, False), (5, 41, False)]


def test_another_measure_and_another_exercise_move_nothing(world: World, line: Line) -> None:
    bridging = prescribed.line(world.ana, "bridging")
    measured.goal(world.ana, "heel_raise", "day_total")
    measured.goal(world.ana, "heel_raise", "day_total", exercise_measure="duration")

    assert said(send(world, result(bridging, 10))) == []
    assert said(send(world, result(line, 10))) == [(0, 10, False)]


def test_a_hold_counts_the_seconds_held_in_all(world: World) -> None:
    held = prescribed.line(
        world.ana, "wall_stretch", measure="hold", repetitions=3, hold_seconds=20
    )
    for amount in ("best_set", "day_total"):
        measured.goal(world.ana, "wall_stretch", amount, exercise_measure="hold", target="120")
    sets = [
        {"repetitions": 3, "hold_seconds": 20},
        {"repetitions": 2, "hold_seconds": 35},
        {"repetitions": 0, "hold_seconds": 90},
    ]

    told = send(world, {"line": str(held.pk), "side": "both", "sets": sets})

    assert said(told) == [(0, 70, False), (0, 130, True)]
    assert [goal.unit for goal in told.answer.feedback.goals or []] == ["seconds", "seconds"]
    kept = ExerciseResult.objects.get()
    assert (kept.best_set, kept.total) == (70, 130)


def test_what_is_off_the_plan_moves_goals_too(world: World, line: Line) -> None:
    measured.goal(world.ana, "heel_raise", "day_total")
    line.rows.update(in_force_until=dt.date(2026, 11, 10))

    told = send(world, result(line, 10))

    assert ExerciseResult.objects.get().is_off_plan
    assert said(told) == [(0, 10, False)]


def test_what_is_skipped_moves_nothing(world: World, line: Line) -> None:
    measured.goal(world.ana, "heel_raise", "day_total")
    skipped = {"line": str(line.pk), "side": "both", "skipped": "fatigue"}

    assert said(send(world, skipped)) == []


def test_a_goal_counts_from_its_first_date_until_it_ends(world: World, line: Line) -> None:
    for amount in ("best_set", "week_total"):
        measured.goal(world.ana, "heel_raise", amount, from_=dt.date(2026, 11, 18), target="100")
    assert said(send(world, result(line, 30), performed_at=november(17))) == []

    assert said(send(world, result(line, 10), performed_at=november(18))) == [
        (0, 10, False),
        (0, 10, False),
    ]
    Goal.objects.update(
        status="ended", ended_at=NOW, ended_on=dt.date(2026, 11, 19), ended_reason="Enough.",
        ended_by=world.rui.user,
    )  # fmt: skip
    assert said(send(world, result(line, 50), performed_at=november(20))) == []


def test_without_goals_nothing_is_told(world: World, line: Line) -> None:
    assert said(send(world, result(line, 10))) == []


def test_another_patient_s_goals_are_not_told(world: World, line: Line) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui])
    measured.goal(bruno, "heel_raise", "day_total")

    assert said(send(world, result(line, 10))) == []


def test_the_words_are_in_the_patient_s_language(world: World, line: Line) -> None:
    """A language without words of its own falls back, and no number is lost."""
    world.ana.language = "pt"
    world.ana.save()
    measured.goal(world.ana, "heel_raise", "week_total")

    (told,) = send(world, result(line, 10)).answer.feedback.goals or []

    assert ("10" in told.words, "20" in told.words) == (True, True)
