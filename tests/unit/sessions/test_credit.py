from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.credit import (
    AmountMissing,
    Credit,
    SetDone,
    amounts_of,
    best_set,
    completion,
    counts_as_zero,
    credit,
    denominator_of,
    exceeded,
    missing_amounts,
    target_of,
    total,
)
from tests.unit.sessions.facts import (
    EIGHT_TO_TWELVE,
    FIVE_HOLDS,
    TEN_MINUTES,
    THOUSAND_STEPS,
    THREE_BY_TEN,
    THREE_HUNDRED_METRES,
    Asked,
    holds,
    metres,
    reps,
    seconds,
    steps,
)

TARGETS = [
    ("repetitions", THREE_BY_TEN, (10,), 10),
    ("repetitions", EIGHT_TO_TWELVE, (8,), 8),  # the lower end is the target
    ("hold", FIVE_HOLDS, (5, 20), 100),
    ("duration", TEN_MINUTES, (600,), 600),
    ("distance", THREE_HUNDRED_METRES, (300,), 300),
    ("steps", THOUSAND_STEPS, (1000,), 1000),
]


def is_exceeded(sets, measure, dose):
    return exceeded(sets, measure, dose, credit(sets, measure, dose))


@pytest.mark.parametrize(("measure", "dose", "target", "denominator"), TARGETS)
def test_a_set_is_to_reach_the_amounts_of_its_measure(measure, dose, target, denominator):
    assert target_of(measure, dose) == target
    assert denominator_of(measure, dose) == denominator


CREDITS = [
    # Worked example 1: Monday in full, Wednesday one set and a half.
    ("repetitions", THREE_BY_TEN, reps(10, 10, 10), Credit(30, 10)),
    ("repetitions", THREE_BY_TEN, reps(10, 5), Credit(15, 10)),
    # Worked example 2: thirty in one set are one set.
    ("repetitions", THREE_BY_TEN, reps(30), Credit(10, 10)),
    ("repetitions", THREE_BY_TEN, reps(0), Credit(0, 10)),
    ("repetitions", THREE_BY_TEN, [], Credit(0, 10)),
    ("repetitions", THREE_BY_TEN, reps(10, 10, 10, 10), Credit(40, 10)),
    # The lower end of a range earns the whole set; between the ends earns no more.
    ("repetitions", EIGHT_TO_TWELVE, reps(8, 12, 7), Credit(23, 8)),
    # Worked example 4: two holds of five in full on the left.
    ("hold", FIVE_HOLDS, holds((5, 20), (5, 20)), Credit(200, 100)),
    # Both shares are capped apart: more holds do not make up for shorter ones.
    ("hold", FIVE_HOLDS, holds((10, 10)), Credit(50, 100)),
    ("hold", FIVE_HOLDS, holds((4, 30)), Credit(80, 100)),
    ("hold", FIVE_HOLDS, holds((4, 15)), Credit(60, 100)),
    ("hold", FIVE_HOLDS, holds((5, 0)), Credit(0, 100)),
    # Worked example 5: five minutes of ten.
    ("duration", TEN_MINUTES, seconds(300), Credit(300, 600)),
    ("distance", THREE_HUNDRED_METRES, metres(301), Credit(300, 300)),
    ("steps", THOUSAND_STEPS, steps(999), Credit(999, 1000)),
]


@pytest.mark.parametrize(("measure", "dose", "sets", "expected"), CREDITS)
def test_credit_is_the_exact_sum_over_the_sets(measure, dose, sets, expected):
    assert credit(sets, measure, dose) == expected


def test_load_changes_no_credit():
    light = credit(
        reps(10, load_kg="0.5"), "repetitions", Asked(repetitions=10, load_kg=Decimal(9))
    )
    assert light == Credit(10, 10)


@pytest.mark.parametrize(
    ("earned", "sets", "expected"),
    [
        (Credit(30, 10), 3, Fraction(1)),
        (Credit(29, 10), 3, Fraction(29, 30)),
        (Credit(40, 10), 3, Fraction(1)),
        (Credit(0, 10), 3, Fraction(0)),
        (Credit(1, 3), 1, Fraction(1, 3)),
        (Credit(7_199, 7_200), 1, Fraction(7_199, 7_200)),
    ],
)
def test_completion_is_capped_at_one_and_exact_just_below(earned, sets, expected):
    assert completion(earned, sets) == expected


def test_three_thirds_are_one_where_floats_might_not_be():
    third = Credit(1, 3)
    assert third.value * 3 == 1
    assert completion(Credit(3, 3), 1) == 1


@pytest.mark.parametrize(
    ("measure", "done", "expected"),
    [
        ("repetitions", SetDone(repetitions=0), True),
        ("repetitions", SetDone(repetitions=1), False),
        ("repetitions", SetDone(repetitions=5, distance_m=0), False),  # beside the measure
        ("hold", SetDone(repetitions=5, hold_seconds=0), True),
        ("hold", SetDone(repetitions=0, hold_seconds=20), True),
        ("hold", SetDone(repetitions=1, hold_seconds=1), False),
        ("duration", SetDone(duration_seconds=0), True),
        ("distance", SetDone(distance_m=0), True),
        ("steps", SetDone(steps=0), True),
    ],
)
def test_a_set_counts_as_zero_where_any_amount_of_its_measure_is(measure, done, expected):
    assert counts_as_zero(done, measure) is expected


@pytest.mark.parametrize(
    ("measure", "sets", "expected"),
    [
        ("repetitions", reps(10, 30, 5), 45),  # uncapped
        ("hold", holds((5, 20), (3, 40)), 220),
        ("duration", seconds(600, 61), 661),
        ("distance", metres(250), 250),
        ("steps", steps(0), 0),
        ("steps", [], 0),
    ],
)
def test_the_total_is_what_was_achieved(measure, sets, expected):
    assert total(sets, measure) == expected


HEAVY = Asked(sets=1, repetitions=10, load_kg=Decimal("5.0"))
UNLOADED = Asked(sets=1, repetitions=10, load_kg=Decimal(0))
SHORT_HOLD = Asked(sets=1, repetitions=5, hold_seconds=3)
RANGED_HOLD = Asked(sets=1, repetitions=5, repetitions_max=8, hold_seconds=20)
EXCEEDED = [
    # an extra set
    ("repetitions", THREE_BY_TEN, reps(10, 10, 10), False),
    ("repetitions", THREE_BY_TEN, reps(10, 10, 10, 1), True),
    ("repetitions", THREE_BY_TEN, reps(10, 10, 10, 0), False),  # nothing was done in it
    ("repetitions", THREE_BY_TEN, reps(10, 10, 5, 5), True),  # complete, with one set more
    # only where completion is 1
    ("repetitions", THREE_BY_TEN, reps(10, 10, 5, 4), False),
    ("repetitions", THREE_BY_TEN, reps(30), False),
    # beyond the target, or the upper end where there is a range
    ("repetitions", THREE_BY_TEN, reps(10, 10, 11), True),
    ("repetitions", EIGHT_TO_TWELVE, reps(8, 9), False),
    ("repetitions", EIGHT_TO_TWELVE, reps(12, 12), False),
    ("repetitions", EIGHT_TO_TWELVE, reps(8, 13), True),
    ("steps", THOUSAND_STEPS, steps(1000), False),
    ("steps", THOUSAND_STEPS, steps(1001), True),
    # seconds and metres: by more than 10 %
    ("duration", TEN_MINUTES, seconds(660), False),
    ("duration", TEN_MINUTES, seconds(661), True),
    ("duration", Asked(duration_seconds=5), seconds(5), False),
    ("duration", Asked(duration_seconds=5), seconds(6), True),
    ("distance", THREE_HUNDRED_METRES, metres(330), False),
    ("distance", THREE_HUNDRED_METRES, metres(331), True),
    ("distance", Asked(distance_m=15), metres(16), False),  # 16.5 is the edge
    ("distance", Asked(distance_m=15), metres(17), True),
    # a hold: each amount alone
    ("hold", FIVE_HOLDS, holds((5, 22), (5, 20)), False),
    ("hold", FIVE_HOLDS, holds((5, 23), (5, 20)), True),
    ("hold", FIVE_HOLDS, holds((6, 20), (5, 20)), True),
    ("hold", FIVE_HOLDS, holds((5, 20), (5, 20), (6, 0)), False),
    ("hold", SHORT_HOLD, holds((5, 3)), False),
    ("hold", SHORT_HOLD, holds((5, 4)), True),
    ("hold", RANGED_HOLD, holds((8, 22)), False),
    ("hold", RANGED_HOLD, holds((9, 20)), True),
    # more than the prescribed load
    ("repetitions", HEAVY, reps(10, load_kg="5.0"), False),
    ("repetitions", HEAVY, reps(10, load_kg="5.5"), True),
    ("repetitions", HEAVY, reps(10), False),
    ("repetitions", HEAVY, reps(9, load_kg="20"), False),
    ("repetitions", UNLOADED, reps(10, load_kg="0.5"), True),
    ("repetitions", THREE_BY_TEN, reps(10, 10, 10, load_kg="20"), False),  # none prescribed
]


@pytest.mark.parametrize(("measure", "dose", "sets", "expected"), EXCEEDED)
def test_exceeded_at_every_edge(measure, dose, sets, expected):
    assert is_exceeded(sets, measure, dose) is expected


def test_a_load_that_came_as_a_binary_half_compares_exactly():
    done = SetDone(repetitions=10, load_kg=5.5)
    assert is_exceeded([done], "repetitions", HEAVY) is True


@pytest.mark.parametrize(
    ("measure", "done", "missing"),
    [
        ("repetitions", SetDone(repetitions=0), ()),
        ("repetitions", SetDone(steps=5), ("repetitions",)),
        ("hold", SetDone(repetitions=5), ("hold_seconds",)),
        ("hold", SetDone(load_kg=Decimal(5)), ("repetitions", "hold_seconds")),
    ],
)
def test_a_set_that_leaves_out_an_amount_is_named(measure, done, missing):
    assert missing_amounts(done, measure) == missing


def test_what_was_not_said_is_never_taken_for_zero():
    with pytest.raises(AmountMissing) as caught:
        amounts_of(SetDone(repetitions=5), "hold")
    assert caught.value.name == "hold_seconds"


DOSES = st.builds(
    Asked,
    sets=st.integers(1, 20),
    repetitions=st.integers(1, 200),
    hold_seconds=st.integers(1, 600),
)
HOLDS = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 21_600)), max_size=50)


@given(dose=DOSES, done=HOLDS)
def test_credit_lies_between_nothing_and_one_a_set(dose, done):
    earned = credit(holds(*done), "hold", dose)
    assert 0 <= earned.numerator <= earned.denominator * len(done)
    assert earned.denominator == dose.repetitions * dose.hold_seconds


@given(dose=DOSES, done=HOLDS)
def test_credit_is_the_sum_that_the_contract_writes(dose, done):
    by_the_book = sum(
        min(Fraction(1), Fraction(count, dose.repetitions))
        * min(Fraction(1), Fraction(held, dose.hold_seconds))
        for count, held in done
    )
    assert credit(holds(*done), "hold", dose).value == by_the_book


@given(dose=DOSES, done=HOLDS)
def test_completion_is_one_exactly_where_the_credits_reach_the_sets(dose, done):
    earned = credit(holds(*done), "hold", dose)
    whole = completion(earned, dose.sets)
    assert 0 <= whole <= 1
    assert (whole == 1) is (earned.numerator >= earned.denominator * dose.sets)


@given(
    dose=DOSES,
    done=HOLDS,
    more=st.tuples(st.integers(0, 1000), st.integers(0, 21_600)),
    where=st.integers(0, 49),
    extra=st.tuples(st.integers(0, 50), st.integers(0, 50)),
)
def test_doing_more_never_lowers_credit(dose, done, more, where, extra):
    before = credit(holds(*done), "hold", dose)
    longer = [*done, more]
    at = where % len(longer)
    longer[at] = (longer[at][0] + extra[0], longer[at][1] + extra[1])
    assert credit(holds(*longer), "hold", dose).numerator >= before.numerator


@given(dose=DOSES, done=HOLDS)
def test_nothing_is_exceeded_while_the_dose_is_incomplete(dose, done):
    sets = holds(*done)
    if completion(credit(sets, "hold", dose), dose.sets) < 1:
        assert is_exceeded(sets, "hold", dose) is False
    else:
        assert is_exceeded([*sets, *holds((1, 1))], "hold", dose) is (
            len([pair for pair in done if 0 not in pair]) + 1 > dose.sets
            or is_exceeded(sets, "hold", dose)
        )


@pytest.mark.parametrize(
    ("measure", "sets", "most"),
    [
        ("repetitions", reps(), 0),
        ("repetitions", reps(0), 0),
        ("repetitions", reps(8, 12, 10), 12),
        ("hold", holds((3, 20), (2, 35)), 70),
        ("hold", holds((0, 90), (5, 0)), 0),
        ("duration", seconds(60, 45), 60),
        ("distance", metres(80, 220, 100), 220),
        ("steps", steps(900), 900),
    ],
)
def test_the_best_set_is_the_most_that_one_set_achieved(measure, sets, most):
    assert best_set(sets, measure) == most
    assert best_set(sets, measure) <= total(sets, measure)
