"""When a week is told, and until when it is of use to be told of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

GOOD_FOR: Final = dt.timedelta(hours=36)


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """A week, by its Monday, and when it is due to be told in a zone."""

    week: dt.date
    zone_name: str
    due_at: dt.datetime

    @property
    def expires_at(self) -> dt.datetime:
        return self.due_at + GOOD_FOR

    def is_over(self, now: dt.datetime) -> bool:
        """Whether a message about it would come too late."""
        return now >= self.expires_at
