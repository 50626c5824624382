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


@given(
    minutes=st.lists(st.integers(0, 1439), max_size=6, unique=True),
    before=st.dictionaries(st.integers(1, 6), st.integers(0, 1439), max_size=6),
    data=st.data(),
)
def test_no_number_is_given_twice(minutes: list[int], before: dict[int, int], data) -> None:
    named = data.draw(st.permutations(range(1, 7)))
    chosen = [
        Chosen(_clock(one), frozenset({1}), named[place] if data.draw(st.booleans()) else None)
        for place, one in enumerate(minutes)
    ]

    slots = numbered(chosen, {slot: _clock(one) for slot, one in before.items()}, most=6)

    assert len(set(slots)) == len(slots) == len(chosen)
    assert set(slots) <= set(range(1, 7))
    assert all(one.slot in (None, slot) for one, slot in zip(chosen, slots, strict=True))


def _clock(minute: int) -> dt.time:
    return dt.time(minute // 60, minute % 60)
