"""The catalogue's next step: which quantity moves, how far, and never beyond the usual range."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from programs.content import ExerciseEntry, Usual
from programs.dose import MEASURE_FIELDS, RANGES
from sessions.alert_rules import RULES
from sessions.alert_wording import ADVICE, advice
from sessions.next_step import STEPS as STEP_OF
from sessions.next_step import DoseStep, NextStep, dose_step, next_step, one_step
from tests.factories.programs import shipped

HEEL_RAISE = next(each.content for each in shipped().exercises if each.slug == "heel_raise")


def usual(**ranges: tuple[int, int] | None):
    """Heel raises with these usual ranges."""
    dose = msgspec.structs.replace(
        HEEL_RAISE.usual_dose,
        **{
            name: Usual(low=ends[0], high=ends[1], start=ends[0]) if ends else None
            for name, ends in ranges.items()
        },
    )
    return msgspec.structs.replace(HEEL_RAISE, usual_dose=dose)


def prescribed(measure: str = "repetitions", sets: int = 2, **amounts: int) -> dict[str, Any]:
    every = dict.fromkeys(
        ("repetitions", "hold_seconds", "duration_seconds", "distance_m", "steps")
    )
    return {"measure": measure, "sets": sets, **every, **amounts}


# usual ranges, dose, up → quantity, now, then
STEPS = [
    ({"repetitions": (5, 15), "sets": (1, 3)}, {"repetitions": 10}, True, ("repetitions", 10, 12)),
    ({"repetitions": (5, 15), "sets": (1, 3)}, {"repetitions": 14}, True, ("repetitions", 14, 15)),
    ({"repetitions": (5, 15), "sets": (1, 3)}, {"repetitions": 15}, True, ("sets", 2, 3)),
    ({"repetitions": (5, 15), "sets": (1, 2)}, {"repetitions": 15}, True, None),
    ({"repetitions": (5, 15), "sets": (1, 2)}, {"repetitions": 20}, True, None),
    ({"repetitions": (5, 15), "sets": (1, 3)}, {"repetitions": 10}, False, ("repetitions", 10, 8)),
    ({"repetitions": (5, 15), "sets": (1, 3)}, {"repetitions": 6}, False, ("repetitions", 6, 5)),
    ({"repetitions": (5, 15), "sets": (1, 3)}, {"repetitions": 5}, False, ("sets", 2, 1)),
    ({"repetitions": (5, 15), "sets": (2, 3)}, {"repetitions": 5}, False, None),
    ({"repetitions": (5, 15), "sets": (2, 3)}, {"repetitions": 3}, False, None),
    # A quarter of 7 is 1; of 3 less than 1, and still 1. Never 0.
    ({"repetitions": (1, 15), "sets": (1, 3)}, {"repetitions": 7}, True, ("repetitions", 7, 8)),
    ({"repetitions": (1, 15), "sets": (1, 3)}, {"repetitions": 8}, True, ("repetitions", 8, 10)),
    ({"repetitions": (1, 15), "sets": (1, 3)}, {"repetitions": 1}, True, ("repetitions", 1, 2)),
    ({"repetitions": (1, 15), "sets": (1, 3)}, {"repetitions": 3}, False, ("repetitions", 3, 2)),
    ({"repetitions": (1, 15), "sets": (1, 3)}, {"repetitions": 1}, False, ("sets", 2, 1)),
    ({"repetitions": (0, 15), "sets": (1, 3)}, {"repetitions": 1}, False, ("sets", 2, 1)),
    ({"repetitions": (0, 15), "sets": (0, 3)}, {"repetitions": 1, "sets": 1}, False, None),
    ({"repetitions": (5, 300), "sets": (1, 3)}, {"repetitions": 199}, True,
     ("repetitions", 199, 200)),
    ({"repetitions": (5, 300), "sets": (1, 30)}, {"repetitions": 200, "sets": 20}, True, None),
]  # fmt: skip


@pytest.mark.parametrize(("ranges", "amounts", "is_up", "expected"), STEPS)
def test_a_step_of_the_dose(ranges, amounts, is_up, expected):
    step = dose_step(usual(**ranges), prescribed(**amounts), is_up=is_up)

    assert step == (
        DoseStep(quantity=expected[0], now=expected[1], then=expected[2]) if expected else None
    )


# measure, quantity, as it is, a step up, a step down
SAID = [
    # Beatriz's side steps, which began with ten.
    ("steps", "steps", 10, 12, 8),
    ("steps", "steps", 40, 50, 30),
    ("steps", "steps", 140, 170, 110),
    ("steps", "steps", 399, 450, 300),
    ("steps", "steps", 400, 500, 300),
    ("steps", "steps", 1000, 1100, 900),
    ("steps", "steps", 1234, 1300, 1200),
    ("distance", "distance_m", 10, 12, 8),
    ("distance", "distance_m", 20, 25, 15),
    ("distance", "distance_m", 100, 110, 90),
    ("distance", "distance_m", 107, 110, 100),
    ("duration", "duration_seconds", 5, 6, None),
    ("duration", "duration_seconds", 6, 7, 5),
    ("duration", "duration_seconds", 30, 35, 25),
    ("duration", "duration_seconds", 60, 75, 45),
    ("duration", "duration_seconds", 180, 210, 150),
    ("duration", "duration_seconds", 239, 270, 180),
    ("duration", "duration_seconds", 240, 300, 180),
    ("duration", "duration_seconds", 300, 360, 240),
]


@pytest.mark.parametrize(("measure", "quantity", "now", "up", "down"), SAID)
def test_a_step_is_small_beside_what_is_done_now_and_ends_where_a_person_would(
    measure, quantity, now, up, down
):
    content = usual(**{quantity: (1, 5000), "sets": (2, 2)})
    dose = prescribed(measure, **{quantity: now})

    steps = [dose_step(content, dose, is_up=is_up) for is_up in (True, False)]

    assert [each and each.then for each in steps] == [up, down]


@pytest.mark.parametrize(
    ("now", "up", "down"),
    [(1, 2, None), (3, 4, 2), (4, 5, 3), (8, 10, 6), (10, 12, 8), (15, 18, 12), (19, 23, 15),
     (20, 25, 15), (22, 25, 20), (30, 35, 25), (45, 50, 40)],
)  # fmt: skip
def test_seconds_of_a_hold(now, up, down):
    content = usual(repetitions=(5, 5), hold_seconds=(1, 60), sets=(2, 2))
    dose = prescribed("hold", repetitions=5, hold_seconds=now)

    steps = [dose_step(content, dose, is_up=is_up) for is_up in (True, False)]

    assert [each and each.then for each in steps] == [up, down]


@pytest.mark.parametrize("quantity", STEP_OF)
def test_no_amount_moves_by_more_than_its_step_or_a_quarter_and_each_moves(quantity):
    low, high = RANGES[quantity]
    for now in range(low, min(high, 3000) + 1):
        longest = max(1, min(STEP_OF[quantity], now // 4))

        assert now < one_step(quantity, now, is_up=True) <= now + longest
        assert now > one_step(quantity, now, is_up=False) >= now - longest


def test_of_a_hold_the_repetitions_come_first_and_the_seconds_then():
    content = usual(repetitions=(3, 5), hold_seconds=(10, 30))
    dose = {"measure": "hold", "hold_seconds": 20}

    assert dose_step(content, prescribed(**dose, repetitions=4), is_up=True) == DoseStep(
        quantity="repetitions", now=4, then=5
    )
    assert dose_step(content, prescribed(**dose, repetitions=5), is_up=True) == DoseStep(
        quantity="hold_seconds", now=20, then=25
    )


def test_a_quantity_without_a_usual_range_does_not_move():
    content = usual(repetitions=None, sets=(1, 2))

    assert dose_step(content, prescribed(repetitions=10), is_up=True) is None


def test_what_each_suggestion_proposes():
    dose = prescribed(repetitions=10)
    up, down = (dose_step(HEEL_RAISE, dose, is_up=each) for each in (True, False))

    assert next_step("too_easy", HEEL_RAISE, dose) == NextStep(
        kind="progress", variants=HEEL_RAISE.harder, dose=up
    )
    assert next_step("too_hard", HEEL_RAISE, dose) == NextStep(
        kind="regress", variants=HEEL_RAISE.easier, dose=down
    )
    assert next_step("unsure", HEEL_RAISE, dose) == NextStep(
        kind="show_again", variants=HEEL_RAISE.steps, dose=None
    )
    assert next_step("too_easy", HEEL_RAISE, None).dose is None


def started(entry: ExerciseEntry, measure: str) -> dict[str, Any]:
    """The dose that the catalogue begins an exercise with, in one of its measures."""
    usual_dose = entry.content.usual_dose
    amounts = {name: getattr(usual_dose, name).start for name in MEASURE_FIELDS[measure]}
    return prescribed(measure, sets=usual_dose.sets.start, **amounts)


BEGUN = [(each, measure) for each in shipped().exercises for measure in each.content.measures]


@pytest.mark.parametrize("entry", shipped().exercises, ids=lambda each: each.slug)
def test_every_shipped_exercise_has_a_next_step_both_ways(entry):
    dose = started(entry, entry.content.measures[0])

    for rule in ("too_easy", "too_hard"):
        step = next_step(rule, entry.content, dose)
        assert step.variants or step.dose


@pytest.mark.parametrize(("entry", "measure"), BEGUN, ids=lambda each: getattr(each, "slug", each))
@pytest.mark.parametrize("is_up", [True, False])
def test_no_shipped_dose_moves_by_more_than_a_quarter_or_one(entry, measure, is_up):
    """Each quantity in its turn, those before it being at the end of their range."""
    dose, moved = started(entry, measure), []

    while step := dose_step(entry.content, dose, is_up=is_up):
        change = step.then - step.now
        assert change > 0 if is_up else change < 0
        assert abs(change) <= min(STEP_OF[step.quantity], max(1, step.now / 4))
        limits, (least, most) = (
            getattr(entry.content.usual_dose, step.quantity),
            RANGES[step.quantity],
        )
        assert max(limits.low, least) <= step.then <= min(limits.high, most)
        moved.append(step.quantity)
        dose = {**dose, step.quantity: step.then}

    # Steps upon steps lead to the end of every range, one quantity after the other, sets last.
    quantities = [*MEASURE_FIELDS[measure], "sets"]
    assert moved == sorted(moved, key=quantities.index)
    for name in quantities:
        limits, (least, most) = getattr(entry.content.usual_dose, name), RANGES[name]
        assert dose[name] == (min(limits.high, most) if is_up else max(limits.low, least))


# exercise, measure, a quantity of it as the catalogue begins, one step up, one down
LARGE_BEFORE = [
    ("side_stepping", "steps", "steps", 10, 12, 8),
    ("walking_frame", "steps", "steps", 40, 50, 30),
    ("bridging", "hold", "hold_seconds", 3, 4, 2),
    ("weight_shift", "hold", "hold_seconds", 3, 4, 2),
]


@pytest.mark.parametrize(("slug", "measure", "quantity", "now", "up", "down"), LARGE_BEFORE)
def test_what_the_catalogue_begins_with_moves_by_little(slug, measure, quantity, now, up, down):
    entry = next(each for each in shipped().exercises if each.slug == slug)

    assert started(entry, measure)[quantity] == now
    assert one_step(quantity, now, is_up=True) == up
    assert one_step(quantity, now, is_up=False) == down


def test_every_rule_has_its_advice_and_the_clinics_own_words_come_first():
    assert set(ADVICE) == set(RULES)
    assert all(str(words).strip() for words in ADVICE.values())
    assert advice("fall", {}) == "Call the patient today. Ask about injury before exercise goes on."
    assert advice("fall", {"fall": "Ring the ward."}) == "Ring the ward."
