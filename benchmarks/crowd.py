"""Generated patients: how many, what is prescribed to them, and what they logged. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """
    Patients with the same prescription and history.

    Each has `lines` lines of 3 × 10 repetitions: daily ones, where `quota` says so every second one
    three times a week; and logged all of them `per_day` times on each of `days` days up to the
    day before `today`, but not on every tenth day, or on Mondays, Wednesdays and Fridays alone.
    """

    patients: int
    clinics: int
    lines: int
    days: int
    per_day: int
    today: dt.date
    starts_on: dt.date
    quota: bool
    only_mon_wed_fri: bool
    first: int = 0

    @property
    def first_day(self) -> dt.date:
        """The first date with sessions, where there are any."""
        return self.today - dt.timedelta(days=self.days)

    def logs_on(self, day: dt.date) -> bool:
        """Whether its patients logged something on a date; the SQL says the same."""
        number = (day - self.first_day).days
        if not 0 <= number < self.days:
            return False
        return day.isoweekday() in (1, 3, 5) if self.only_mon_wed_fri else number % 10 != 9

    @property
    def sessions(self) -> int:
        """How many sessions its patients logged, all together."""
        dates = (self.first_day + dt.timedelta(days=number) for number in range(self.days))
        return self.patients * self.per_day * sum(self.logs_on(each) for each in dates)

    @property
    def results(self) -> int:
        return self.sessions * self.lines
