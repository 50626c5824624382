from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import days
from patients.paused_dates import Span, before, covers, union, whole_weeks, without

FIRST = dt.date(2026, 11, 1)
WINDOW = list(days(FIRST, dt.date(2026, 12, 31)))


def d(day: int) -> dt.date:
    """A day of November 2026; the 2nd, 9th, 16th, 23rd and 30th are Mondays."""
    return dt.date(2026, 11, day)


def one_span(start: int, length: int | None) -> Span:
    first = FIRST + dt.timedelta(days=start)
    return Span(first, None if length is None else first + dt.timedelta(days=length - 1))


SPANS = st.lists(
    st.builds(one_span, st.integers(0, 40), st.none() | st.integers(0, 15)), max_size=6
)


def dates(spans: list[Span]) -> set[dt.date]:
    return {day for day in WINDOW if covers(spans, day)}


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([Span(d(2), d(4))], [Span(d(2), d(4))]),
        ([Span(d(2), d(1))], []),
        ([Span(d(2), d(4)), Span(d(3), d(8))], [Span(d(2), d(8))]),
        ([Span(d(5), d(8)), Span(d(2), d(4))], [Span(d(2), d(8))]),
        ([Span(d(2), d(4)), Span(d(6), d(8))], [Span(d(2), d(4)), Span(d(6), d(8))]),
        ([Span(d(2), None), Span(d(6), d(8))], [Span(d(2), None)]),
        ([Span(d(2), d(20)), Span(d(6), d(8))], [Span(d(2), d(20))]),
    ],
)
def test_overlapping_pauses_count_once(spans: list[Span], expected: list[Span]) -> None:
    assert union(spans) == expected


@pytest.mark.parametrize(
    ("spans", "taken", "expected"),
    [
        ([Span(d(2), d(8))], [], [Span(d(2), d(8))]),
        ([Span(d(2), d(8))], [Span(d(2), d(8))], []),
        ([Span(d(2), d(8))], [Span(d(4), d(5))], [Span(d(2), d(3)), Span(d(6), d(8))]),
        ([Span(d(2), None)], [Span(d(4), d(5))], [Span(d(2), d(3)), Span(d(6), None)]),
        ([Span(d(2), None)], [Span(d(4), None)], [Span(d(2), d(3))]),
        ([Span(d(2), d(8))], [Span(d(8), d(9))], [Span(d(2), d(7))]),
        ([Span(d(2), d(8))], [Span(d(20), d(22))], [Span(d(2), d(8))]),
        ([Span(d(20), d(22))], [Span(d(2), d(8))], [Span(d(20), d(22))]),
        ([Span(d(2), d(8))], [Span(d(5), d(4))], [Span(d(2), d(8))]),
    ],
)
def test_what_is_left_without_others(
    spans: list[Span], taken: list[Span], expected: list[Span]
) -> None:
    assert without(spans, taken) == expected


def test_before_a_day_leaves_the_day_out() -> None:
    assert before([Span(d(2), None)], d(10)) == [Span(d(2), d(9))]
    assert before([Span(d(10), None)], d(10)) == []


def test_whole_weeks_run_from_monday_to_sunday() -> None:
    assert whole_weeks([Span(d(4), d(4)), Span(d(10), d(17))]) == [Span(d(2), d(22))]
    assert whole_weeks([Span(d(4), d(4)), Span(d(18), d(18))]) == [
        Span(d(2), d(8)),
        Span(d(16), d(22)),
    ]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (2, 2, Span(d(2), d(8))),  # on a Monday
        (8, 8, Span(d(2), d(8))),  # on a Sunday
        (2, 8, Span(d(2), d(8))),  # a week is its own
        (8, 9, Span(d(2), d(15))),  # a Sunday and a Monday
        (2, 9, Span(d(2), d(15))),
        (3, 7, Span(d(2), d(8))),
    ],
)
def test_whole_weeks_hold_the_weeks_of_both_edges(first: int, last: int, expected: Span) -> None:
    assert whole_weeks([Span(d(first), d(last))]) == [expected]


def test_whole_weeks_of_what_is_open_or_covers_no_date_are_none() -> None:
    assert whole_weeks([Span(d(4), None)]) == []
    assert whole_weeks([Span(d(4), None), Span(d(10), d(10))]) == [Span(d(9), d(15))]
    assert whole_weeks([]) == []


def test_whole_weeks_that_meet_are_joined_and_those_apart_are_not() -> None:
    assert whole_weeks([Span(d(10), d(10)), Span(d(4), d(4))]) == [Span(d(2), d(15))]
    assert whole_weeks([Span(d(23), d(23)), Span(d(4), d(4))]) == [
        Span(d(2), d(8)), Span(d(23), d(29)),
    ]  # fmt: skip


@given(SPANS)
def test_a_union_holds_the_same_dates_in_disjoint_order(spans: list[Span]) -> None:
    joined = union(spans)

    assert dates(joined) == dates(spans)
    for earlier, later in pairwise(joined):
        assert earlier.last is not None
        assert later.first > earlier.last + dt.timedelta(days=1)


@given(SPANS, SPANS)
def test_without_is_the_difference_of_the_dates(spans: list[Span], taken: list[Span]) -> None:
    assert dates(without(spans, taken)) == dates(spans) - dates(taken)
