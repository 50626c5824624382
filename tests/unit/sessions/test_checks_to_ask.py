from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.checks_to_ask import checks_to_ask
from tests.unit.sessions.facts import FELT_SAFE, HEEL_DOWN, KNEE_STRAIGHT, NO_HANDS

WALL_STRETCH = (HEEL_DOWN, KNEE_STRAIGHT, NO_HANDS)
WALKING = (HEEL_DOWN, KNEE_STRAIGHT, FELT_SAFE)


def asked(definitions, so_far, since=None, last=None):
    return checks_to_ask(
        definitions,
        sessions_so_far=so_far,
        sessions_since_not_yet=since,
        last_not_yet_check=last,
    )


def test_one_after_the_first_session_and_one_in_three_after_that_in_turn():
    assert [asked(WALL_STRETCH, so_far) for so_far in range(13)] == [
        ["heel-down"],
        [],
        [],
        ["knee-straight"],
        [],
        [],
        ["no-hands"],
        [],
        [],
        ["heel-down"],
        [],
        [],
        ["knee-straight"],
    ]


def test_a_safety_check_is_asked_after_every_session():
    assert [asked(WALKING, so_far) for so_far in range(4)] == [
        ["heel-down", "felt-safe"],
        ["felt-safe"],
        ["felt-safe"],
        ["knee-straight", "felt-safe"],
    ]


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (0, ["knee-straight"]),
        (1, ["knee-straight"]),
        (2, ["knee-straight"]),
        (3, []),
        (4, []),
        (None, []),
    ],
)
def test_each_of_the_three_sessions_after_a_not_yet_asks_that_check_again(since, expected):
    assert asked(WALL_STRETCH, 7, since, "knee-straight") == expected


def test_the_check_that_was_wrong_comes_before_the_one_in_turn():
    assert asked(WALL_STRETCH, 3, 0, "heel-down") == ["heel-down"]
    assert asked(WALL_STRETCH, 6, 3, "heel-down") == ["no-hands"]


def test_after_a_not_yet_the_safety_check_is_still_asked():
    assert asked(WALKING, 4, 1, "heel-down") == ["heel-down", "felt-safe"]


@pytest.mark.parametrize("last", ["from-an-older-version", None])
def test_a_check_that_no_longer_exists_gives_way_to_the_next_in_turn(last):
    assert asked(WALL_STRETCH, 4, 0, last) == ["knee-straight"]


@pytest.mark.parametrize("so_far", [0, 1, 3])
def test_an_exercise_without_checks_asks_none(so_far):
    assert asked((), so_far, 0, "heel-down") == []


@pytest.mark.parametrize("so_far", [0, 1, 2])
def test_an_exercise_with_only_a_safety_check_asks_it_once(so_far):
    assert asked((FELT_SAFE,), so_far, 0, "felt-safe") == ["felt-safe"]


@given(
    definitions=st.permutations([*WALL_STRETCH, FELT_SAFE]).flatmap(
        lambda all_of_them: st.integers(0, 4).map(lambda count: tuple(all_of_them[:count]))
    ),
    so_far=st.integers(0, 10_000),
    since=st.none() | st.integers(0, 10),
    last=st.sampled_from([None, "heel-down", "felt-safe", "gone"]),
)
def test_at_most_one_check_of_form_and_always_every_safety_check(definitions, so_far, since, last):
    ids = asked(definitions, so_far, since, last)
    safety = [check.id for check in definitions if check.safety]
    form = [check.id for check in definitions if not check.safety]
    assert len(ids) == len(set(ids))
    assert [name for name in ids if name in safety] == safety
    assert len([name for name in ids if name in form]) <= 1
    assert set(ids) <= {check.id for check in definitions}


@given(first=st.integers(0, 1000))
def test_any_three_sessions_in_a_row_ask_exactly_one_check_of_form(first):
    three = [asked(WALL_STRETCH, first + each) for each in range(3)]
    assert sum(len(ids) for ids in three) == 1
