from __future__ import annotations

import re
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


SO_FAR = [
    ("220", "300", "distance", "220 of 300 m"),
    ("299", "300", "distance", "299 of 300 m"),
    ("300", "300", "distance", "You met your goal: 300 m"),
    ("301", "300", "distance", "You met your goal: 301 m"),
    ("0", "1", "repetitions", "0 of 1 time"),
    ("1", "1", "repetitions", "You met your goal: 1 time"),
    ("8", "12", "repetitions", "8 of 12 times"),
    ("69", "70", "repetitions", "69 of 70 times"),
    ("70", "70", "repetitions", "You met your goal: 70 times"),
    ("80", "70", "repetitions", "You met your goal: 80 times"),
    ("1000", "2500", "steps", "1000 of 2500 steps"),
    ("0", "10.000", "steps", "0 of 10 steps"),
    ("0", "1", "steps", "0 of 1 step"),
    ("12.000", "10.000", "steps", "You met your goal: 12 steps"),
    # Time as it is said under an exercise: in minutes, from a minute on.
    ("45", "59", "duration", "45 of 59 seconds"),
    ("0", "1", "hold", "0 of 1 second"),
    ("45", "60", "hold", "45 seconds of 1 minute"),
    ("0", "60", "duration", "0 of 1 minute"),
    ("60", "60", "duration", "You met your goal: 1 minute"),
    ("60", "61", "duration", "1 minute of 1 minute 1 second"),
    ("90", "120", "duration", "1 minute 30 seconds of 2 minutes"),
    ("420", "600", "duration", "7 of 10 minutes"),
    ("420.000", "600.000", "hold", "7 of 10 minutes"),
    ("0", "600", "duration", "0 of 10 minutes"),
    ("599", "600", "duration", "9 minutes 59 seconds of 10 minutes"),
    ("600", "600", "duration", "You met your goal: 10 minutes"),
    ("725", "600", "duration", "You met your goal: 12 minutes 5 seconds"),
    ("80", "50", "hold", "You met your goal: 1 minute 20 seconds"),
]


@pytest.mark.parametrize(("now", "target", "measure", "words"), SO_FAR)
def test_how_far_is_said_in_numbers(now: str, target: str, measure: str, words: str) -> None:
    assert goal_wording.so_far(Decimal(now), Decimal(target), measure) == words


@given(now=st.integers(0, 20_000), target=st.integers(1, 20_000), measure=st.sampled_from(
    ["repetitions", "hold", "duration", "distance", "steps"]
))  # fmt: skip
def test_more_than_the_goal_is_never_said_to_be_a_part_of_it(
    now: int, target: int, measure: str
) -> None:
    words = goal_wording.so_far(Decimal(now), Decimal(target), measure)

    assert (" of " in words) is (now < target)
    assert words.startswith("You met your goal: ") is (now >= target)
    if measure in {"hold", "duration"} and target >= 60:
        assert not any(int(number) >= 60 for number in re.findall(r"([0-9]+) second", words))


TOWARDS = [
    ("20", "12", "14.500", "s", "14.5 s now, the goal is 12 s"),
    ("20", "12", "12.001", "s", "12.001 s now, the goal is 12 s"),
    ("20", "12", "12", "s", "You met your goal: 12 s"),
    ("20", "12", "9", "s", "You met your goal: 9 s"),
    ("0.5", "0.8", "0.79", "m/s", "0.79 m/s now, the goal is 0.8 m/s"),
    ("0.5", "0.8", "0.8", "m/s", "You met your goal: 0.8 m/s"),
    ("0.5", "0.8", "0.820", "m/s", "You met your goal: 0.82 m/s"),
]


@pytest.mark.parametrize(("baseline", "target", "now", "unit", "words"), TOWARDS)
def test_a_score_and_its_goal_are_said_where_less_may_be_better(
    baseline: str, target: str, now: str, unit: str, words: str
) -> None:
    said = goal_wording.towards(
        baseline=Decimal(baseline), target=Decimal(target), now=Decimal(now), unit=unit
    )

    assert said == words


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
    assert goal_wording.this_period(amount, Decimal(150), "distance") == period


@pytest.mark.parametrize(
    ("done", "measure", "period"),
    [
        ("0", "repetitions", "Today: 0 times"), ("1", "repetitions", "Today: 1 time"),
        ("1", "steps", "Today: 1 step"), ("59", "hold", "Today: 59 seconds"),
        ("60", "hold", "Today: 1 minute"), ("150", "duration", "Today: 2 minutes 30 seconds"),
        ("0", "duration", "Today: 0 seconds"),
    ],
)  # fmt: skip
def test_where_today_stands(done: str, measure: str, period: str) -> None:
    assert goal_wording.this_period("day_total", Decimal(done), measure) == period


@pytest.mark.parametrize(
    ("value", "text"),
    [("0", "0"), ("0.000", "0"), ("300", "300"), ("300.000", "300"), ("0.620", "0.62"), ("5E+2", "500")],
)  # fmt: skip
def test_a_number_has_no_zeros_that_say_nothing(value: str, text: str) -> None:
    assert goal_wording.plain(Decimal(value)) == text


def test_the_words_are_plain() -> None:
    said = [words for *_given, words in (*SO_FAR, *TOWARDS)]
    said += [*(f"{words} in one go" for words in said), "Today: 150 m in a day"]

    # The small grade hears three syllables in "minutes", which has two.
    assert max(grade(one.replace("minutes", "minute")) for one in said) <= 6
    assert not any("%" in one for one in said)
