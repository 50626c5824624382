"""
Hours in which nobody is reminded: half-open, at the patient's own clock, and they may pass midnight.

The same time twice is no time at all.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from core.calendar import DAY, zone
from reminders.wall_clock import instant_of

MINUTES_OF_A_DAY = 24 * 60


@dataclass(frozen=True)
class QuietHours:
    """From `begins` until just before `ends`."""

    begins: dt.time
    ends: dt.time

    def cover(self, at: dt.time) -> bool:
        return self._minutes_in(at) < self._length()

    def cover_instant(self, instant: dt.datetime, zone_name: str) -> bool:
        """Tell whether it is quiet at an instant, by the clocks of a zone."""
        return self.cover(instant.astimezone(zone(zone_name)).time())

    def end_after(self, instant: dt.datetime, zone_name: str) -> dt.datetime:
        """Return the instant itself where it is not quiet, else when the quiet hours end."""
        local = instant.astimezone(zone(zone_name))
        if not self.cover(local.time()):
            return instant
        day = local.date() if local.time() < self.ends else local.date() + DAY
        return max(instant, instant_of(day, self.ends, zone_name))

    def begin_within(self, wider: QuietHours) -> bool:
        """Tell whether the other hours have begun when these do. No hours begin in any."""
        return self._length() == 0 or wider.cover(self.begins)

    def lie_within(self, wider: QuietHours) -> bool:
        """Tell whether each moment of these hours is one of the other's."""
        return self._length() == 0 or (
            wider._minutes_in(self.begins) + self._length() <= wider._length()
        )

    def _length(self) -> int:
        return self._minutes_in(self.ends)

    def _minutes_in(self, at: dt.time) -> int:
        return (_minute(at) - _minute(self.begins)) % MINUTES_OF_A_DAY


def _minute(at: dt.time) -> int:
    return at.hour * 60 + at.minute
