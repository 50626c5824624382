"""How near times may come, and which number each of them keeps."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.reminder_times import Chosen, minutes_apart, numbered


def at(said: str, *days: int, slot: int | None = None) -> Chosen:
    return Chosen(dt.time.fromisoformat(said), frozenset(days or range(1, 8)), slot)


@pytest.mark.parametrize(
    ("one", "other", "minutes"),
    [
        (at("09:00"), at("09:00"), 0),
        (at("09:00"), at("09:29"), 29),
        (at("09:30"), at("09:00"), 30),
        (at("09:00", 1), at("09:00", 2), 24 * 60),
        (at("09:00", 1), at("09:10", 2, 3), 24 * 60 + 10),
        (at("23:50", 1), at("00:10", 2), 20),
        (at("23:50", 1), at("00:10", 1), 23 * 60 + 40),
        (at("23:59", 7), at("00:00", 1), 1),
        (at("00:00", 1), at("12:00", 4), 3 * 24 * 60 + 12 * 60),
    ],
)
def test_how_near_two_times_come(one: Chosen, other: Chosen, minutes: int) -> None:
    assert minutes_apart(one, other) == minutes_apart(other, one) == minutes


BEFORE = {1: dt.time(9), 2: dt.time(12), 4: dt.time(18)}


@pytest.mark.parametrize(
    ("chosen", "slots"),
    [
        ([], []),
        ([at("09:00"), at("12:00"), at("18:00")], [1, 2, 4]),
        ([at("18:00"), at("09:00")], [4, 1]),
        ([at("10:00", slot=1)], [1]),
        ([at("10:00")], [3]),
        ([at("10:00"), at("11:00"), at("15:00"), at("17:00")], [3, 5, 6, 1]),
        ([at("12:00", slot=1), at("09:00", slot=2)], [1, 2]),
        ([at("09:00"), at("10:00", slot=1)], [3, 1]),
        ([at("10:00", slot=6)], [6]),
    ],
)
def test_a_time_keeps_its_number(chosen: list[Chosen], slots: list[int]) -> None:
    assert numbered(chosen, BEFORE, most=6) == slots


@pytest.mark.parametrize(
    ("lately", "slots"),
    [
        ([], [3, 5, 6]),
        ([3], [5, 6, 1]),
        ([5, 3, 5], [6, 1, 2]),
        ([3, 5, 6], [1, 2, 4]),
        ([1, 2, 3, 5, 6], [4, 3, 5]),
        ([1, 2, 3, 4, 5, 6], [3, 5, 6]),
    ],
)
def test_what_went_out_lately_gives_its_number_away_last(
    lately: list[int], slots: list[int]
) -> None:
    """First numbers of nothing, then those of times that go now, then those of what went out."""
    chosen = [at("10:00"), at("11:00"), at("15:00")]

    assert numbered(chosen, BEFORE, most=6, lately=lately) == slots


def test_a_time_that_stays_or_names_its_number_keeps_it_though_it_went_out() -> None:
    chosen = [at("09:00"), at("12:30", slot=2), at("17:00", slot=3)]

    assert numbered(chosen, BEFORE, most=6, lately=[1, 2, 3]) == [1, 2, 3]


@given(
    minutes=st.lists(st.integers(0, 1439), max_size=6, unique=True),
    before=st.dictionaries(st.integers(1, 6), st.integers(0, 1439), max_size=6),
    lately=st.sets(st.integers(1, 6)),
    data=st.data(),
)
def test_no_number_is_given_twice(
    minutes: list[int], before: dict[int, int], lately: set[int], data
) -> None:
    named = data.draw(st.permutations(range(1, 7)))
    chosen = [
        Chosen(_clock(one), frozenset({1}), named[place] if data.draw(st.booleans()) else None)
        for place, one in enumerate(minutes)
    ]

    stood = {slot: _clock(one) for slot, one in before.items()}
    slots = numbered(chosen, stood, most=6, lately=lately)

    assert len(set(slots)) == len(slots) == len(chosen)
    assert set(slots) <= set(range(1, 7))
    given_anew = [
        s for one, s in zip(chosen, slots, strict=True) if one.slot is None and s not in before
    ]
    if lately & set(given_anew):
        assert not set(range(1, 7)) - set(slots) - lately
    assert all(one.slot in (None, slot) for one, slot in zip(chosen, slots, strict=True))


def _clock(minute: int) -> dt.time:
    return dt.time(minute // 60, minute % 60)
