"""
How the rows of a line follow each other in time. Pure: half-open spans `[starts, until)` of dates.

The spans of a line are disjoint, never empty, and without a gap until the line ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """The dates from `starts` up to, not including, `until`; None is without end."""

    starts: dt.date
    until: dt.date | None = None

    def covers(self, day: dt.date) -> bool:
        return self.starts <= day and (self.until is None or day < self.until)

    def meets(self, other: Span) -> bool:
        """Tell whether the two share a date."""
        return _starts_before_end(self, other) and _starts_before_end(other, self)


@dataclass(frozen=True, slots=True)
class Cut:
    """
    What happens to a line's spans, in order, when what holds from a day on makes way.

    `kept` are untouched, `closed` is cut short at the day, `replaced` had not begun before it.
    `until` is where the whole line would have ended. Numbers are places in the sequence.
    """

    kept: tuple[int, ...]
    closed: int | None
    replaced: tuple[int, ...]
    until: dt.date | None


def cut_at(spans: Sequence[Span], day: dt.date) -> Cut:
    """Say what makes way for a change, or for the end, of a line at `day`."""
    places = range(len(spans))
    closed = [place for place in places if _is_cut(spans[place], day)]
    replaced = tuple(place for place in places if spans[place].starts >= day)
    return Cut(
        kept=tuple(place for place in places if place not in (*closed, *replaced)),
        closed=closed[0] if closed else None,
        replaced=replaced,
        until=spans[-1].until if spans else None,
    )


def has_ended(spans: Sequence[Span], day: dt.date) -> bool:
    """Tell whether nothing of the line is left on the day or after it."""
    return not spans or (spans[-1].until is not None and spans[-1].until <= day)


def move_start(spans: Sequence[Span], *, old: dt.date, new: dt.date) -> list[tuple[int, Span]]:
    """
    Return the spans of a draft's line after its assignment's start moved, each with its old place.

    What began with the assignment begins with it still; what would begin before it is cut, and
    what would be empty is left out.
    """
    moved = [
        (
            place,
            Span(new if span.starts in (old, min(span.starts, new)) else span.starts, span.until),
        )
        for place, span in enumerate(spans)
    ]
    return [
        (place, span) for place, span in moved if span.until is None or span.until > span.starts
    ]


def _is_cut(span: Span, day: dt.date) -> bool:
    return span.starts < day and (span.until is None or span.until > day)


def _starts_before_end(one: Span, other: Span) -> bool:
    return other.until is None or one.starts < other.until
