"""Which times are quiet, and which hours hold which others."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.quiet_hours import QuietHours


def hours(said: str) -> QuietHours:
    """`21:00-08:00` as quiet hours."""
    begins, ends = said.split("-")
    return QuietHours(dt.time.fromisoformat(begins), dt.time.fromisoformat(ends))


@pytest.mark.parametrize(
    ("said", "quiet", "not_quiet"),
    [
        ("21:00-08:00", "21:00 23:59 00:00 07:59", "08:00 12:00 20:59"),
        ("13:00-15:00", "13:00 14:59", "12:59 15:00 00:00"),
        ("00:00-08:00", "00:00 07:59", "08:00 23:59"),
        ("21:00-00:00", "21:00 23:59", "00:00 20:59"),
        ("08:00-08:00", "", "07:59 08:00 08:01"),
        ("08:01-08:00", "08:01 00:00 07:59", "08:00"),
    ],
)
def test_they_begin_at_a_minute_and_end_before_one(said: str, quiet: str, not_quiet: str) -> None:
    for at in quiet.split():
        assert hours(said).cover(dt.time.fromisoformat(at)), at
    for at in not_quiet.split():
        assert not hours(said).cover(dt.time.fromisoformat(at)), at


@pytest.mark.parametrize(
    ("wider", "begun", "held"),
    [
        ("21:00-08:00", True, True),
        ("20:59-08:01", True, True),
        ("21:01-08:00", False, False),
        ("21:00-07:59", True, False),
        ("22:00-09:00", False, False),
        ("08:00-21:00", False, False),
        ("20:00-20:00", False, False),
        ("08:01-08:00", True, True),
        ("12:00-11:59", True, True),
    ],
)
def test_which_hours_hold_those_from_nine_to_eight(wider: str, begun: bool, held: bool) -> None:
    night = hours("21:00-08:00")

    assert night.begin_within(hours(wider)) is begun
    assert night.lie_within(hours(wider)) is held


def test_no_hours_lie_in_any() -> None:
    none = hours("08:00-08:00")

    for wider in ("21:00-07:00", "08:00-08:00", "10:00-11:00"):
        assert none.begin_within(hours(wider))
        assert none.lie_within(hours(wider))


times = st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 1, 29, 30, 59]))
any_hours: Any = st.builds(QuietHours, times, times)


@given(narrow=any_hours, wide=any_hours)
def test_hours_lie_within_others_where_each_of_their_minutes_does(
    narrow: QuietHours, wide: QuietHours
) -> None:
    minutes = [dt.time(hour, minute) for hour in range(24) for minute in (0, 1, 29, 30, 58, 59)]

    assert narrow.lie_within(wide) == all(wide.cover(at) for at in minutes if narrow.cover(at))
