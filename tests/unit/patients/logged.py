"""A week of November, and what `patients` is told of what was logged in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from uuid import UUID

MON, TUE, WED, THU, FRI, SAT, SUN = (dt.date(2026, 11, day) for day in range(23, 30))


class Nothing:
    """Nothing has been logged, or something, as the test says; remembers what it was asked."""

    def __init__(self, *, exists: bool = False) -> None:
        self.exists = exists
        self.calls: list[tuple[str, dt.date]] = []

    def exist(self, *, line_ids: Collection[UUID], since: dt.date, until: dt.date) -> bool:
        assert since <= until
        return self.exists

    def release(self, *, line_ids: Collection[UUID], since: dt.date) -> None:
        self.calls.append(("release", since))

    def rejudge(self, *, line_ids: Collection[UUID], since: dt.date) -> None:
        self.calls.append(("rejudge", since))
