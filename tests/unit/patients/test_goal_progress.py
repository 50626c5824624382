from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients import goal_wording
from patients.goal_progress import is_reached, progress
from tests.unit.sessions.reading import grade


@pytest.mark.parametrize(
    ("baseline", "target", "now", "part", "reached"),
    [
        # more is better
        ("150", "300", "0", Fraction(0), False),
        ("150", "300", "149", Fraction(0), False),
        ("150", "300", "150", Fraction(0), False),
        ("150", "300", "151", Fraction(1, 150), False),
        ("150", "300", "200", Fraction(1, 3), False),
        ("150", "300", "299", Fraction(149, 150), False),
        ("150", "300", "300", Fraction(1), True),
        ("150", "300", "301", Fraction(1), True),
        ("0", "0.8", "0.1", Fraction(1, 8), False),
        ("0.5", "0.8", "0.6", Fraction(1, 3), False),
        # less is better
        ("20", "12", "21", Fraction(0), False),
        ("20", "12", "20", Fraction(0), False),
        ("20", "12", "18", Fraction(1, 4), False),
        ("20", "12", "12.001", Fraction(7999, 8000), False),
        ("20", "12", "12", Fraction(1), True),
        ("20", "12", "9", Fraction(1), True),
    ],
)
def test_the_part_of_the_way_is_exact_and_from_0_to_1(
    baseline: str, target: str, now: str, part: Fraction, reached: bool
) -> None:
    known = {
        "baseline": Decimal(baseline),
        "target": Decimal(target),
        "now": Decimal(now),
    }

    assert progress(**known) == part
    assert is_reached(**known) is reached


AMOUNTS = st.decimals(0, 1_000, places=3, allow_nan=False)


@given(baseline=AMOUNTS, target=AMOUNTS, now=AMOUNTS)
def test_a_goal_is_reached_where_its_whole_way_is_done(
    baseline: Decimal, target: Decimal, now: Decimal
) -> None:
    if baseline == target:
        return

    part = progress(baseline=baseline, target=target, now=now)

    assert 0 <= part <= 1
    assert (part == 1) == is_reached(baseline=baseline, target=target, now=now)


@pytest.mark.parametrize(
    ("now", "target", "measure", "words"),
    [
        ("220", "300", "distance", "220 of 300 m"),
        ("8", "12", "repetitions", "8 of 12 times"),
        ("90", "120", "duration", "90 of 120 seconds"),
        ("45", "60", "hold", "45 of 60 seconds"),
        ("1000", "2500", "steps", "1000 of 2500 steps"),
        ("0", "10.000", "steps", "0 of 10 steps"),
    ],
)
def test_how_far_is_said_in_numbers(now: str, target: str, measure: str, words: str) -> None:
    unit = goal_wording.unit_of(measure)

    assert goal_wording.so_far(Decimal(now), Decimal(target), unit) == words


def test_a_score_and_its_goal_are_said_where_less_is_better() -> None:
    assert goal_wording.towards(Decimal("14.500"), Decimal(12), "s") == (
        "14.5 s now, the goal is 12 s"
    )


@pytest.mark.parametrize(
    ("amount", "when", "period"),
    [
        ("best_set", "in one go", ""),
        ("day_total", "in a day", "Today: 150 m"),
        ("week_total", "in a week", "This week: 150 m"),
        ("", "", ""),
    ],
)
def test_what_an_amount_is_counted_over(amount: str, when: str, period: str) -> None:
    assert goal_wording.when(amount) == when
    assert goal_wording.this_period(amount, Decimal(150), "m") == period


@pytest.mark.parametrize(
    ("value", "text"),
    [("0", "0"), ("0.000", "0"), ("300", "300"), ("300.000", "300"), ("0.620", "0.62"), ("5E+2", "500")],
)  # fmt: skip
def test_a_number_has_no_zeros_that_say_nothing(value: str, text: str) -> None:
    assert goal_wording.plain(Decimal(value)) == text


def test_the_words_are_plain() -> None:
    said = ["220 of 300 m in one go", "14 s now, the goal is 12 s", "Today: 150 m in a day"]

    assert max(grade(one) for one in said) <= 6
    assert not any("%" in one for one in said)
