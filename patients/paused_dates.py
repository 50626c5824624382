"""
Which dates pauses cover. Pure: inclusive spans of local dates, the last one None where it is open.

Overlapping pauses count once, so their dates are a union; a pause that was ended on its first day
covers none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from core.calendar import DAY, WEEK, week_start


class Span(NamedTuple):
    """The dates from `first` to `last`, both included; `last` None: without end."""

    first: dt.date
    last: dt.date | None


def covers(spans: Iterable[Span], day: dt.date) -> bool:
    """Tell whether any of the spans holds the date."""
    return any(one.first <= day and (one.last is None or day <= one.last) for one in spans)


def union(spans: Iterable[Span]) -> list[Span]:
    """Return the dates of all spans as disjoint spans in order, neighbours joined."""
    merged: list[Span] = []
    for span in sorted(filter(_holds_a_date, spans), key=lambda one: one.first):
        if merged and _touches(merged[-1], span):
            merged[-1] = Span(merged[-1].first, _later(merged[-1].last, span.last))
        else:
            merged.append(span)
    return merged


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """Return the dates of `spans` that are in none of `taken`."""
    left = union(spans)
    for hole in union(taken):
        left = [piece for span in left for piece in _cut(span, hole)]
    return left


def before(spans: Iterable[Span], day: dt.date) -> list[Span]:
    """Return the dates of the spans that lie before the day."""
    return without(spans, [Span(day, None)])


def whole_weeks(spans: Iterable[Span]) -> list[Span]:
    """Widen closed spans to whole ISO weeks, those that meet joined."""
    return union(
        Span(week_start(one.first), week_start(one.last) + WEEK - DAY)
        for one in spans
        if one.last is not None
    )


def _holds_a_date(span: Span) -> bool:
    return span.last is None or span.first <= span.last


def _touches(earlier: Span, later: Span) -> bool:
    return earlier.last is None or later.first <= earlier.last + DAY


def _later(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    return None if one is None or other is None else max(one, other)


def _cut(span: Span, hole: Span) -> Iterator[Span]:
    """Yield what is left of a span on either side of a hole."""
    if hole.first > span.first:
        edge = hole.first - DAY
        yield Span(span.first, edge if span.last is None else min(span.last, edge))
    if hole.last is not None and (span.last is None or hole.last < span.last):
        yield Span(max(span.first, hole.last + DAY), span.last)
