"""
The one source of time zones: the pinned tzdata package, never the machine's older files.

A server that knows other rules reminds people at the wrong hour, and nobody notices. So every
process asks before it begins, and `/readyz` goes on asking.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Final

# A wall clock and its instant. Older zone databases say 17:00: Vancouver keeps its summer since.
PROBE_ZONE: Final = "America/Vancouver"
PROBE_CLOCK: Final = (2026, 12, 1, 9, 0)
PROBE_INSTANT: Final = dt.datetime(2026, 12, 1, 16, 0, tzinfo=dt.UTC)


class ZoneRulesUnusable(RuntimeError):
    """This process would tell people's times wrongly."""


def use_shipped_rules() -> None:
    """
    Look zones up in the package alone, for the life of this process.

    :raises ZoneRulesUnusable: the package is missing or older than what is needed
    """
    zoneinfo.reset_tzpath(to=())
    if fault := fault_of_rules():
        raise ZoneRulesUnusable(f"time zones are {fault}: install the pinned tzdata package")


def fault_of_rules() -> str:
    """Return `missing` or `outdated`; nothing where the rules are those that are shipped."""
    try:
        instant = dt.datetime(*PROBE_CLOCK, tzinfo=zoneinfo.ZoneInfo(PROBE_ZONE))
    except zoneinfo.ZoneInfoNotFoundError:
        return "missing"
    return "" if instant == PROBE_INSTANT else "outdated"
