from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from programs.dose import weekday_bits
from programs.usual_dose import (
    DefaultLine,
    Schedule,
    default_line,
    outside_usual,
    schedule_for,
    spread_weekdays,
)
from tests.factories.programs import shipped_exercise


@pytest.mark.parametrize(
    ("slug", "line"),
    [
        (
            "wall_stretch",
            DefaultLine(
                side="affected",
                measure="hold",
                sets=1,
                repetitions=3,
                hold_seconds=20,
                rest_seconds=15,
                schedule="times_per_week",
                times_per_week=5,
            ),
        ),
        (
            "walking_stick",
            DefaultLine(
                side="affected",
                measure="duration",
                sets=1,
                duration_seconds=300,
                rest_seconds=60,
                schedule="weekdays",
                weekdays=127,
                times_per_day=2,
            ),
        ),
        (
            "knee_twist",
            DefaultLine(
                side="both",
                measure="repetitions",
                sets=1,
                repetitions=10,
                rest_seconds=10,
                schedule="weekdays",
                weekdays=127,
                times_per_day=1,
            ),
        ),
        (
            "leg_press",
            DefaultLine(
                side="both",
                measure="repetitions",
                sets=2,
                repetitions=10,
                load_kg=Decimal("20.0"),
                rest_seconds=90,
                tempo="1 push, 3 back",
                schedule="times_per_week",
                times_per_week=3,
            ),
        ),
        (
            "side_stepping",
            DefaultLine(
                side="affected",
                measure="steps",
                sets=2,
                steps=10,
                rest_seconds=45,
                schedule="times_per_week",
                times_per_week=5,
            ),
        ),
    ],
)
def test_the_default_line_of_an_exercise(slug: str, line: DefaultLine) -> None:
    assert default_line(shipped_exercise(slug)) == line


def test_a_load_that_starts_at_nothing_is_no_load() -> None:
    knee = shipped_exercise("seated_knee_extension")

    assert (knee.usual_dose.load_kg is not None, default_line(knee).load_kg) == (True, None)


@pytest.mark.parametrize(
    ("days", "weekdays"),
    [
        (1, [1]),
        (2, [1, 4]),
        (3, [1, 3, 5]),
        (4, [1, 2, 4, 6]),
        (5, [1, 2, 3, 5, 6]),
        (6, [1, 2, 3, 4, 5, 6]),
        (7, [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_days_are_spread_evenly_over_the_week(days: int, weekdays: list[int]) -> None:
    assert spread_weekdays(days) == weekdays


@pytest.mark.parametrize(
    ("times", "days", "schedule"),
    [
        (1, 7, Schedule(schedule="weekdays", weekdays=127, times_per_day=1)),
        (3, 7, Schedule(schedule="weekdays", weekdays=127, times_per_day=3)),
        (
            2,
            3,
            Schedule(schedule="weekdays", weekdays=weekday_bits([1, 3, 5]), times_per_day=2),
        ),
        (1, 6, Schedule(schedule="times_per_week", times_per_week=6)),
        (1, 1, Schedule(schedule="times_per_week", times_per_week=1)),
    ],
)
def test_times_a_day_and_days_a_week_make_a_schedule(
    times: int, days: int, schedule: Schedule
) -> None:
    assert schedule_for(times_per_day=times, days_per_week=days) == schedule


USUAL_WALL: dict[str, Any] = {"sets": 1, "repetitions": 3, "hold_seconds": 20, "times_per_week": 5}


@pytest.mark.parametrize(
    ("change", "outside"),
    [
        ({}, []),
        ({"sets": 3, "repetitions": 4, "hold_seconds": 30, "times_per_week": 7}, []),
        ({"sets": 1, "repetitions": 2, "hold_seconds": 10, "times_per_week": 3}, []),
        ({"sets": 4}, ["sets"]),
        ({"repetitions": 1}, ["repetitions"]),
        ({"repetitions_max": 5}, ["repetitions_max"]),
        ({"hold_seconds": 31}, ["hold_seconds"]),
        ({"hold_seconds": 9, "sets": 5}, ["sets", "hold_seconds"]),
        ({"times_per_week": 2}, ["times_per_week"]),
        ({"times_per_week": None, "weekdays": 0b11, "times_per_day": 1}, ["weekdays"]),
        ({"times_per_week": None, "weekdays": 127, "times_per_day": 3}, ["times_per_day"]),
        ({"load_kg": Decimal(400)}, []),
    ],
)
def test_what_lies_outside_the_usual_range_is_named(
    change: dict[str, Any], outside: list[str]
) -> None:
    assert outside_usual(shipped_exercise("wall_stretch"), USUAL_WALL | change) == outside


@pytest.mark.parametrize(
    ("load", "outside"),
    [(None, []), (Decimal("100.0"), []), (Decimal("100.5"), ["load_kg"])],
)
def test_a_load_is_held_to_its_usual_range(load: Decimal | None, outside: list[str]) -> None:
    dose = {"sets": 2, "repetitions": 10, "load_kg": load, "times_per_week": 3}

    assert outside_usual(shipped_exercise("leg_press"), dose) == outside
