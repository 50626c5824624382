from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.spans import Cut, Span, cut_at, has_ended, move_start

NOV = {day: dt.date(2026, 11, day) for day in range(1, 31)}


def spans(*edges: tuple[int, int | None]) -> list[Span]:
    return [Span(NOV[starts], NOV[until] if until else None) for starts, until in edges]


def test_a_span_covers_its_first_date_and_not_the_one_it_goes_up_to() -> None:
    cases = [
        (Span(NOV[10], NOV[12]), [NOV[10], NOV[11]]),
        (Span(NOV[10], NOV[11]), [NOV[10]]),
        (Span(NOV[28]), [NOV[28], NOV[29], NOV[30]]),
        (Span(NOV[12], NOV[12]), []),
    ]
    for span, held in cases:
        assert [day for day in NOV.values() if span.covers(day)] == held


@pytest.mark.parametrize(
    ("before", "day", "after"),
    [
        # one open row, changed later, at its start, before its start
        (spans((10, None)), 15, Cut((), 0, (), None)),
        (spans((10, None)), 10, Cut((), None, (0,), None)),
        (spans((10, None)), 5, Cut((), None, (0,), None)),
        # two rows: in the first, at the seam, in the second
        (spans((1, 10), (10, None)), 5, Cut((), 0, (1,), None)),
        (spans((1, 10), (10, None)), 10, Cut((0,), None, (1,), None)),
        (spans((1, 10), (10, None)), 12, Cut((0,), 1, (), None)),
        # a line that is to end keeps its end
        (spans((1, 20)), 19, Cut((), 0, (), NOV[20])),
        (spans((1, 10), (10, 20)), 5, Cut((), 0, (1,), NOV[20])),
        ([], 5, Cut((), None, (), None)),
    ],
)
def test_what_makes_way_at_a_date(before: list[Span], day: int, after: Cut) -> None:
    assert cut_at(before, NOV[day]) == after


@pytest.mark.parametrize(
    ("before", "day", "ended"),
    [
        (spans((1, 20)), 19, False),
        (spans((1, 20)), 20, True),
        (spans((1, 20)), 21, True),
        (spans((1, None)), 30, False),
        (spans((1, 10), (10, 20)), 10, False),
        ([], 1, True),
    ],
)
def test_a_line_has_ended_once_nothing_of_it_is_left(
    before: list[Span], day: int, ended: bool
) -> None:
    assert has_ended(before, NOV[day]) is ended


@pytest.mark.parametrize(
    ("before", "old", "new", "after"),
    [
        (spans((10, None)), 10, 15, [(0, Span(NOV[15]))]),
        (spans((10, None)), 10, 5, [(0, Span(NOV[5]))]),
        (spans((10, 12), (12, None)), 10, 15, [(1, Span(NOV[15]))]),
        (spans((10, 15), (15, None)), 10, 15, [(1, Span(NOV[15]))]),
        (spans((10, 20), (20, None)), 10, 15, [(0, Span(NOV[15], NOV[20])), (1, Span(NOV[20]))]),
        # a line that begins later than its assignment stays where it is, if it can
        (spans((20, None)), 10, 15, [(0, Span(NOV[20]))]),
        (spans((20, None)), 10, 25, [(0, Span(NOV[25]))]),
        (spans((20, None)), 10, 5, [(0, Span(NOV[20]))]),
    ],
)
def test_a_drafts_rows_follow_its_start(
    before: list[Span], old: int, new: int, after: list[tuple[int, Span]]
) -> None:
    assert move_start(before, old=NOV[old], new=NOV[new]) == after


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (Span(NOV[1], NOV[5]), Span(NOV[4], NOV[8]), True),
        (Span(NOV[1], NOV[5]), Span(NOV[5], NOV[8]), False),
        (Span(NOV[1]), Span(NOV[5], NOV[8]), True),
        (Span(NOV[8]), Span(NOV[5], NOV[8]), False),
        (Span(NOV[1]), Span(NOV[5]), True),
    ],
)
def test_spans_meet_where_they_share_a_date(one: Span, other: Span, shared: bool) -> None:
    assert one.meets(other) is shared
    assert other.meets(one) is shared


@given(
    edges=st.lists(st.integers(1, 400), min_size=1, max_size=8, unique=True).map(sorted),
    is_open=st.booleans(),
    day=st.integers(0, 420),
)
def test_a_cut_leaves_no_date_in_two_rows_and_none_out(
    edges: list[int], is_open: bool, day: int
) -> None:
    at = [dt.date(2026, 1, 1) + dt.timedelta(days=edge) for edge in edges]
    before = [Span(starts, until) for starts, until in pairwise(at)]
    before += [Span(at[-1])] if is_open else []
    cut_on = dt.date(2026, 1, 1) + dt.timedelta(days=day)

    cut = cut_at(before, cut_on)

    places = [*cut.kept, *([] if cut.closed is None else [cut.closed]), *cut.replaced]
    assert sorted(places) == list(range(len(before)))
    assert all(before[place].until is not None for place in cut.kept)
    assert all(not before[place].covers(cut_on) for place in cut.kept)
    left = [before[place] for place in cut.kept]
    left += [] if cut.closed is None else [Span(before[cut.closed].starts, cut_on)]
    assert all(span.until and span.starts < span.until <= cut_on for span in left)
