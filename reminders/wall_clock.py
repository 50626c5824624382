"""
When a local wall-clock time comes. Pure: the zone is passed in.

A patient's nine o'clock is nine o'clock in summer and in winter. Where the clocks go forward over a
time, it comes later by what was skipped; where they go back over it, it comes once, the first time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from core.calendar import DAY, local_date, zone


def instant_of(day: dt.date, at: dt.time, zone_name: str) -> dt.datetime:
    """
    Return the instant, in UTC, at which a wall clock shows `at` on a nominal local date.

    A time that is skipped comes later by the gap (its own date may be the next one: 23:30 where the
    clocks go from 23:00 to 24:00); of two that are alike, the first is meant.
    """
    return _instant(day, at, zone(zone_name))


def _instant(day: dt.date, at: dt.time, here: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, at, tzinfo=here).astimezone(dt.UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One of a patient's reminder times. `weekdays`: bit 0 is Monday."""

    number: int
    at: dt.time
    weekdays: int


class Occurrence(NamedTuple):
    """A slot on one nominal local date."""

    slot: int
    local_date: dt.date
    due_at: dt.datetime


def occurrences(
    slots: Iterable[Slot], *, first: dt.date, last: dt.date, zone_name: str
) -> Iterator[Occurrence]:
    """Yield each slot on each of its weekdays, both dates included, in the order of dates and slots."""
    known = sorted(slots, key=lambda slot: slot.number)
    here = zone(zone_name)
    for offset in range((last - first).days + 1):
        day = first + offset * DAY
        for slot in known:
            if slot.weekdays >> day.weekday() & 1:
                yield Occurrence(slot.number, day, _instant(day, slot.at, here))


def weekly_at(monday: dt.date, *, weekday: int, hour: int, zone_name: str) -> dt.datetime:
    """
    Return when the week that began on `monday` is told of, in the zone of whoever is told.

    On the first such ISO weekday after its Sunday, at that hour, be it quiet or not.
    """
    return instant_of(monday + (6 + weekday) * DAY, dt.time(hour), zone_name)


def completed_week(now: dt.datetime, zone_name: str) -> dt.date:
    """Return the Monday of the last ISO week that is over in a zone."""
    today = local_date(now, zone_name)
    return today - (today.weekday() + 7) * DAY
