"""Local days, ISO weeks and wall-clock times. Pure: "today" and the zone are always passed in."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator

DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)


def zone(name: str) -> zoneinfo.ZoneInfo:
    """Return the IANA zone of that name, from the pinned database."""
    return zoneinfo.ZoneInfo(name)


def is_known_zone(name: str) -> bool:
    """Tell whether a name is an `Area/City` zone (or UTC); fixed-offset aliases are not."""
    return name == "UTC" or (
        "/" in name and not name.startswith("Etc/") and name in zoneinfo.available_timezones()
    )


def known_zones() -> list[str]:
    return sorted(name for name in zoneinfo.available_timezones() if is_known_zone(name))


def local_date(instant: dt.datetime, zone_name: str) -> dt.date:
    """Return the calendar date of an aware instant in a zone."""
    return instant.astimezone(zone(zone_name)).date()


def week_start(day: dt.date) -> dt.date:
    """Return the Monday of the day's ISO week."""
    return day - dt.timedelta(days=day.weekday())


def whole_weeks(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """Widen an inclusive range of dates to whole ISO weeks."""
    return week_start(first), week_start(last) + WEEK - DAY


def days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Yield each date of an inclusive range."""
    for offset in range((last - first).days + 1):
        yield first + dt.timedelta(days=offset)
