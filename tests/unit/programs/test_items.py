"""What makes an item of a program or a prescription impossible, or worth a second look."""

from __future__ import annotations

from typing import Any

import pytest

from programs.doses import AsNeeded, DurationDose, OnWeekdays, RepetitionsDose, TimesPerWeek
from programs.items import (
    may_be_same_side,
    measure_errors,
    outside_usual_concerns,
    suiting_errors,
)
from tests.factories.programs import shipped_exercise

ONE_LIMB = {"left", "right", "affected", "unaffected", "alternating", "each"}
SIDES = sorted(ONE_LIMB | {"both"})


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("laterality", "suitable"), [("one", ONE_LIMB), ("alternate", ONE_LIMB), ("both", {"both"})]
)
def test_a_side_suits_by_laterality(laterality: str, suitable: set[str], side: str) -> None:
    errors = suiting_errors(side, laterality=laterality, field="items.3.side")

    told = [("items.3.side", "side_does_not_suit")]
    assert [(one.field, one.code) for one in errors] == ([] if side in suitable else told)


@pytest.mark.parametrize("one", SIDES)
@pytest.mark.parametrize("other", SIDES)
def test_only_the_two_limbs_of_a_pair_are_surely_apart(one: str, other: str) -> None:
    apart = [{"left", "right"}, {"affected", "unaffected"}]

    assert may_be_same_side(one, other) == ({one, other} not in apart)


@pytest.mark.parametrize(
    ("measures", "fits"),
    [(["repetitions"], True), (["hold", "repetitions"], True), (["hold"], False), ([], False)],
)
def test_a_dose_is_in_a_measure_that_the_exercise_has(measures: list[str], fits: bool) -> None:
    dose = RepetitionsDose(sets=1, repetitions=5)

    errors = measure_errors(dose, measures=measures, field="items.0.dose")

    told = [("items.0.dose.measure", "measure_does_not_suit")]
    assert [(one.field, one.code) for one in errors] == ([] if fits else told)


def test_a_measure_that_does_not_suit_says_which_ones_do() -> None:
    (error,) = measure_errors(
        DurationDose(sets=1, duration_seconds=60), measures=["hold", "repetitions"], field="dose"
    )

    assert error.detail == "This exercise is not measured so. Choose from: repetitions, hold."


# The bridge: 1 to 3 sets of 5 to 15, 1 or 2 times a day, 3 to 7 days a week.
BRIDGE = shipped_exercise("bridging")


@pytest.mark.parametrize(
    ("dose", "schedule", "outside"),
    [
        ({"sets": 1, "repetitions": 5}, TimesPerWeek(times_per_week=3), []),
        ({"sets": 3, "repetitions": 15}, TimesPerWeek(times_per_week=7), []),
        ({"sets": 4, "repetitions": 15}, AsNeeded(), ["dose.sets"]),
        ({"sets": 3, "repetitions": 16}, AsNeeded(), ["dose.repetitions"]),
        ({"sets": 3, "repetitions": 4}, AsNeeded(), ["dose.repetitions"]),
        (
            {"sets": 3, "repetitions": 10, "repetitions_max": 16},
            AsNeeded(),
            ["dose.repetitions_max"],
        ),
        (
            {"sets": 3, "repetitions": 10},
            TimesPerWeek(times_per_week=2),
            ["schedule.times_per_week"],
        ),
        (
            {"sets": 3, "repetitions": 10},
            OnWeekdays(weekdays=[1, 2], times_per_day=3),
            ["schedule.times_per_day", "schedule.weekdays"],
        ),
        ({"sets": 3, "repetitions": 10}, OnWeekdays(weekdays=[1, 2, 3], times_per_day=2), []),
    ],
)
@pytest.mark.parametrize("field", ["items.2", ""])
def test_what_lies_outside_the_usual_range_is_named(
    dose: dict[str, Any], schedule: Any, outside: list[str], field: str
) -> None:
    concerns = outside_usual_concerns(BRIDGE, RepetitionsDose(**dose), schedule, field=field)

    before = f"{field}." if field else ""
    assert [one.field for one in concerns] == [f"{before}{name}" for name in outside]
    assert {one.code for one in concerns} <= {"outside_usual_range"}


def test_a_concern_says_the_usual_range() -> None:
    (concern,) = outside_usual_concerns(
        BRIDGE, RepetitionsDose(sets=9, repetitions=10), AsNeeded(), field="items.0"
    )

    assert (concern.usual, concern.detail) == ((1, 3), "The usual range is 1 to 3.")
