"""Doses, sides and schedules in words that a patient reads."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from programs.dose import weekday_bits
from programs.models import ProgramItem
from programs.readability import grade
from programs.wording import (
    details_in_words,
    dose_in_words,
    leading_side,
    schedule_in_words,
    side_in_words,
    time_in_words,
    with_sides,
)


def row(**columns: Any) -> ProgramItem:
    return ProgramItem(**{"side": "left", "sets": 1, "schedule": "as_needed"} | columns)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"measure": "repetitions", "sets": 3, "repetitions": 10}, "3 sets of 10"),
        ({"measure": "repetitions", "repetitions": 10}, "1 set of 10"),
        (
            {"measure": "repetitions", "sets": 2, "repetitions": 8, "repetitions_max": 12},
            "2 sets of 8 to 12",
        ),
        (
            {
                "measure": "hold",
                "sets": 2,
                "repetitions": 8,
                "repetitions_max": 12,
                "hold_seconds": 20,
            },
            "2 sets of 8 to 12, hold 20 seconds",
        ),
        (
            {"measure": "hold", "repetitions": 3, "hold_seconds": 1},
            "1 set of 3, hold 1 second",
        ),
        ({"measure": "duration", "duration_seconds": 600}, "10 minutes"),
        ({"measure": "duration", "sets": 2, "duration_seconds": 90}, "2 times 1 minute 30 seconds"),
        ({"measure": "distance", "distance_m": 50}, "50 metres"),
        ({"measure": "distance", "sets": 3, "distance_m": 1}, "3 times 1 metre"),
        ({"measure": "steps", "steps": 100}, "100 steps"),
        ({"measure": "steps", "sets": 2, "steps": 1}, "2 times 1 step"),
        (
            {
                "measure": "repetitions",
                "sets": 2,
                "repetitions": 10,
                "load_kg": Decimal("20.0"),
            },
            "2 sets of 10, with 20 kg",
        ),
        (
            {"measure": "repetitions", "repetitions": 10, "load_kg": Decimal("0.5")},
            "1 set of 10, with 0.5 kg",
        ),
        (
            {"measure": "repetitions", "repetitions": 10, "load_kg": Decimal("0.0")},
            "1 set of 10",
        ),
        (
            {"measure": "repetitions", "sets": 2, "repetitions": 5, "side": "each"},
            "2 sets of 5, on each side",
        ),
        (
            {"measure": "steps", "steps": 20, "side": "alternating"},
            "20 steps, changing sides each time",
        ),
    ],
)
def test_a_dose_in_words(columns: dict[str, Any], words: str) -> None:
    assert dose_in_words(row(**columns)) == words


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"measure": "duration", "duration_seconds": 600}, "walk 10 minutes"),
        ({"measure": "distance", "sets": 2, "distance_m": 50}, "walk 2 times 50 metres"),
        ({"measure": "steps", "steps": 100}, "walk 100 steps"),
        ({"measure": "repetitions", "repetitions": 10}, "1 set of 10"),
    ],
)
def test_walking_is_said_as_walking(columns: dict[str, Any], words: str) -> None:
    assert dose_in_words(row(**columns), category="gait") == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "1 minute 1 second"),
        (7200, "120 minutes"),
        (0, "0 seconds"),
    ],
)
def test_a_time_in_words(seconds: int, words: str) -> None:
    assert time_in_words(seconds) == words


@pytest.mark.parametrize(
    ("columns", "details"),
    [
        ({"sets": 2, "rest_seconds": 90}, ["Rest 1 minute 30 seconds between sets."]),
        ({"sets": 1, "rest_seconds": 90}, []),
        ({"sets": 2, "rest_seconds": 0}, []),
        ({"tempo": "1 push, 3 back"}, ["Count: 1 push, 3 back."]),
        ({"device": "walking stick"}, ["Use: walking stick."]),
        ({"effort_ceiling": 0}, ["Effort: no more than 0 out of 10."]),
        (
            {"sets": 3, "rest_seconds": 30, "effort_ceiling": 5},
            ["Rest 30 seconds between sets.", "Effort: no more than 5 out of 10."],
        ),
    ],
)
def test_what_else_there_is_to_a_dose(columns: dict[str, Any], details: list[str]) -> None:
    assert details_in_words(row(measure="repetitions", repetitions=10, **columns)) == details


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"schedule": "as_needed"}, "when you need it"),
        ({"schedule": "times_per_week", "times_per_week": 1}, "1 day a week"),
        ({"schedule": "times_per_week", "times_per_week": 3}, "3 days a week"),
        ({"schedule": "weekdays", "weekdays": 127, "times_per_day": 1}, "every day"),
        (
            {"schedule": "weekdays", "weekdays": 127, "times_per_day": 2},
            "2 times a day, every day",
        ),
        ({"schedule": "weekdays", "weekdays": 64, "times_per_day": 1}, "on Sunday"),
        (
            {"schedule": "weekdays", "weekdays": weekday_bits([1, 5]), "times_per_day": 1},
            "on Monday and Friday",
        ),
        (
            {"schedule": "weekdays", "weekdays": weekday_bits([1, 3, 5]), "times_per_day": 3},
            "3 times a day, on Monday, Wednesday and Friday",
        ),
    ],
)
def test_a_schedule_in_words(columns: dict[str, Any], words: str) -> None:
    assert schedule_in_words(row(measure="steps", steps=10, **columns)) == words


@pytest.mark.parametrize(
    ("side", "affected", "leading"),
    [
        ("left", "right", "left"),
        ("right", "left", "right"),
        ("each", "right", "right"),
        ("alternating", "left", "left"),
        ("both", "right", "right"),
        ("each", "both", "left"),
        ("each", "none", "left"),
    ],
)
def test_the_affected_side_leads_where_both_do_it(side: str, affected: str, leading: str) -> None:
    assert leading_side(side, affected=affected) == leading


@pytest.mark.parametrize(
    ("side", "affected", "words"),
    [
        ("left", "left", "Use your left leg."),
        ("right", "left", "Use your right leg."),
        ("both", "left", "Use both legs."),
        ("alternating", "right", "Start with your right leg. Then change legs each time."),
        ("each", "left", "Do it with your left leg. Then do it all with your right leg."),
    ],
)
def test_a_side_in_words(side: str, affected: str, words: str) -> None:
    assert side_in_words(side, affected=affected) == words


def test_sides_are_filled_in() -> None:
    text = "Keep the {side} knee straight. Bend your {other} knee."

    assert with_sides(text, side="left") == "Keep the left knee straight. Bend your right knee."
    assert with_sides(text, side="right") == "Keep the right knee straight. Bend your left knee."


def test_the_words_are_plain() -> None:
    said = [
        side_in_words("each", affected="left"),
        side_in_words("alternating", affected="left"),
        "Do " + dose_in_words(row(measure="hold", sets=2, repetitions=8, hold_seconds=20)) + ".",
        "Do it " + schedule_in_words(row(schedule="weekdays", weekdays=21, times_per_day=2)) + ".",
        *details_in_words(row(measure="steps", sets=2, rest_seconds=60, effort_ceiling=4)),
    ]

    assert grade(said) < 5
