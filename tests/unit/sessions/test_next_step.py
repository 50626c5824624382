"""The catalogue's next step: which quantity moves, how far, and never beyond the usual range."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from programs.content import Usual
from sessions.alert_rules import RULES
from sessions.alert_wording import ADVICE, advice
from sessions.next_step import DoseStep, NextStep, dose_step, next_step
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
]


@pytest.mark.parametrize(("ranges", "amounts", "is_up", "expected"), STEPS)
def test_a_step_of_the_dose(ranges, amounts, is_up, expected):
    step = dose_step(usual(**ranges), prescribed(**amounts), is_up=is_up)

    assert step == (
        DoseStep(quantity=expected[0], now=expected[1], then=expected[2]) if expected else None
    )


@pytest.mark.parametrize(
    ("measure", "quantity", "now", "then"),
    [
        ("duration", "duration_seconds", 300, 360),
        ("distance", "distance_m", 100, 110),
        ("steps", "steps", 1000, 1100),
    ],
)
def test_each_measure_has_its_own_step(measure, quantity, now, then):
    content = usual(**{quantity: (1, 5000)})

    step = dose_step(content, prescribed(measure, **{quantity: now}), is_up=True)

    assert step == DoseStep(quantity=quantity, now=now, then=then)


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


@pytest.mark.parametrize("entry", shipped().exercises, ids=lambda each: each.slug)
def test_every_shipped_exercise_has_a_next_step_both_ways(entry):
    usual_dose = entry.content.usual_dose
    start = {
        name: getattr(usual_dose, name).start if getattr(usual_dose, name) else None
        for name in (
            "sets", "repetitions", "hold_seconds", "duration_seconds", "distance_m", "steps",
        )
    }  # fmt: skip
    dose = {"measure": entry.content.measures[0], **start}

    for rule in ("too_easy", "too_hard"):
        step = next_step(rule, entry.content, dose)
        assert step.variants or step.dose


def test_every_rule_has_its_advice_and_the_clinics_own_words_come_first():
    assert set(ADVICE) == set(RULES)
    assert all(str(words).strip() for words in ADVICE.values())
    assert advice("fall", {}) == "Call the patient today. Ask about injury before exercise goes on."
    assert advice("fall", {"fall": "Ring the ward."}) == "Ring the ward."
