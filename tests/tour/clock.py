"""
The story's calendar.

The story happens today, whatever day that is. Its clinic lies where it is now about noon, in a zone
without summer time, so that the story never runs past midnight and every hour exists once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

DAY = dt.timedelta(days=1)
WEEK = 7 * DAY
# One inhabited zone for each hour, none of which changes its clocks.
STEADY_ZONES = (
    "Pacific/Honolulu", "Pacific/Gambier", "Pacific/Pitcairn", "America/Phoenix",
    "America/Costa_Rica", "America/Panama", "America/Puerto_Rico", "America/Sao_Paulo",
    "Atlantic/South_Georgia", "Atlantic/Cape_Verde", "Africa/Abidjan", "Africa/Lagos",
    "Africa/Johannesburg", "Asia/Riyadh", "Asia/Dubai", "Asia/Karachi", "Asia/Dhaka",
    "Asia/Bangkok", "Asia/Singapore", "Asia/Tokyo", "Australia/Brisbane", "Pacific/Guadalcanal",
    "Pacific/Tarawa", "Pacific/Tongatapu",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoryClock:
    """Dates and times where the story happens. Monday is the first day of a week."""

    zone_name: str
    now: dt.datetime

    @classmethod
    def at_noon(cls, now: dt.datetime) -> StoryClock:
        """Choose the zone in which it is nearest to noon at an aware instant."""
        chosen = min(STEADY_ZONES, key=lambda name: _from_noon(now.astimezone(ZoneInfo(name))))
        return cls(chosen, now.astimezone(ZoneInfo(chosen)))

    @property
    def today(self) -> dt.date:
        return self.now.date()

    @property
    def this_monday(self) -> dt.date:
        return monday_of(self.today)

    def at(self, day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
        """Return a wall-clock time of the story."""
        return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=ZoneInfo(self.zone_name))

    def days_ago(self, number: int) -> dt.date:
        return self.today - number * DAY


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def stamp(moment: dt.datetime) -> str:
    """Write a moment as a phone sends it, with its offset."""
    return moment.isoformat(timespec="seconds")


def _from_noon(local: dt.datetime) -> dt.timedelta:
    """Return how far a wall clock is from noon, to the microsecond."""
    return abs(local.replace(tzinfo=None) - dt.datetime.combine(local.date(), dt.time(12)))
