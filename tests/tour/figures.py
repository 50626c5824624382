"""
The story's own arithmetic: what adherence, streak and the day's rest must be.

Plain Python over a handful of days, with exact fractions, by the rules as a clinician would read
them out. It knows nothing of the platform and imports nothing from it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

DAY = dt.timedelta(days=1)
NOTHING = Fraction(0)
Amounts = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    What a line asks for from `first` to `last`, both included; `last` None: for good.

    `target` is one set in the line's measure: repetitions, or repetitions and seconds of a hold, or
    seconds. A row has either `weekdays` (1 Monday to 7 Sunday) or `per_week`.
    """

    line: str
    first: dt.date
    last: dt.date | None
    sets: int
    target: Amounts
    side: str
    weekdays: tuple[int, ...] = ()
    per_day: int = 1
    per_week: int = 0

    @property
    def sides(self) -> tuple[str, ...]:
        return ("left", "right") if self.side == "each" else (self.side,)

    @property
    def size(self) -> int:
        """The sets of one occurrence."""
        return self.sets * len(self.sides)

    def covers(self, day: dt.date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Done:
    """What was done on one line and side: the amounts of each set."""

    line: str
    side: str
    sets: tuple[Amounts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that counts. `stops`: a red flag; `stopped`: lines that hurt too much."""

    day: dt.date
    done: tuple[Done, ...]
    stops: bool = False
    stopped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    credited: Fraction = NOTHING
    prescribed: Fraction = NOTHING
    done: int = 0
    expected: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            credited=self.credited + other.credited,
            prescribed=self.prescribed + other.prescribed,
            done=self.done + other.done,
            expected=self.expected + other.expected,
        )

    @property
    def dose(self) -> Fraction | None:
        return self.credited / self.prescribed if self.prescribed else None

    @property
    def session(self) -> Fraction | None:
        return Fraction(self.done, self.expected) if self.expected else None

    @property
    def band(self) -> str | None:
        if self.dose is None:
            return None
        if self.dose >= Fraction(8, 10):
            return "on_track"
        return "slipping" if self.dose >= Fraction(1, 2) else "off_track"

    @property
    def percent(self) -> int | None:
        return None if self.dose is None else int(self.dose * 100)


@dataclass(slots=True, kw_only=True)
class Diary:
    """
    All that happened: what was asked for, what was done, and when nothing was to be done.

    `pauses` are (first, last) dates, the end perhaps open; `holds` are safety holds, whose first
    date stays active and is excused. `today` is the patient's.
    """

    today: dt.date
    rows: list[Row] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    pauses: list[tuple[dt.date, dt.date | None]] = field(default_factory=list)
    holds: list[tuple[dt.date, dt.date | None]] = field(default_factory=list)

    # ---- one day -----------------------------------------------------------------------------

    def row_on(self, line: str, day: dt.date) -> Row | None:
        return next((row for row in self.rows if row.line == line and row.covers(day)), None)

    def is_paused(self, day: dt.date) -> bool:
        held = [(first + DAY, last) for first, last in self.holds]
        return any(
            first <= day and (last is None or day <= last) for first, last in [*self.pauses, *held]
        )

    def is_excused(self, line: str, day: dt.date) -> bool:
        told = [session for session in self.sessions if session.day == day]
        return any(first == day for first, _last in self.holds) or any(
            session.stops or line in session.stopped for session in told
        )

    def active_row(self, line: str, day: dt.date) -> Row | None:
        return None if self.is_paused(day) else self.row_on(line, day)

    def earned(self, row: Row, day: dt.date, *, most: int) -> Fraction:
        """Return the credit of the day's sets, at most so many sets a side."""
        by_side = [
            min(
                Fraction(most),
                sum((credit(one, row) for one in self._sets(row, day, side)), NOTHING),
            )
            for side in row.sides
        ]
        return sum(by_side, NOTHING)

    def times(self, row: Row, day: dt.date) -> int:
        """Return how many of the day's sessions earned something; of two sides, the larger."""
        return max(
            sum(
                any(credit(one, row) for one in done.sets)
                for session in self.sessions
                if session.day == day
                for done in session.done
                if (done.line, done.side) == (row.line, side)
            )
            for side in row.sides
        )

    def _sets(self, row: Row, day: dt.date, side: str) -> list[Amounts]:
        return [
            one
            for session in self.sessions
            if session.day == day
            for done in session.done
            if (done.line, done.side) == (row.line, side)
            for one in done.sets
        ]

    # ---- a line in a week --------------------------------------------------------------------

    def fixed_day(self, row: Row, day: dt.date) -> Sums:
        """Return what a line of fixed weekdays comes to on one of its days, nothing forgiven."""
        return Sums(
            credited=self.earned(row, day, most=row.sets * row.per_day),
            prescribed=Fraction(row.size * row.per_day),
            done=min(row.per_day, self.times(row, day)),
            expected=row.per_day,
        )

    def _forgiven_day(self, row: Row, day: dt.date) -> Sums:
        whole = self.fixed_day(row, day)
        if day < self.today and not self.is_excused(row.line, day):
            return whole
        return Sums(
            credited=whole.credited, prescribed=whole.credited, done=whole.done, expected=whole.done
        )

    def quota(self, line: str, monday: dt.date) -> Sums:
        """Return what a line of so many days a week comes to in that week, nothing forgiven."""
        days = []
        for day in week_of(monday):
            row = self.active_row(line, day)
            if row is None or not row.per_week:
                continue
            earned = self.earned(row, day, most=row.sets)
            if earned or not self.is_excused(line, day):
                days.append((row, earned))
        if not days:
            return Sums()
        asked = Fraction(sum(row.per_week for row, _earned in days), 7)
        expected = min(len(days), int(asked + Fraction(1, 2)))
        done_rows = [row for row, earned in days if earned][:expected]
        last = days[-1][0]
        prescribed = sum(row.size for row in done_rows) + last.size * (expected - len(done_rows))
        total = sum((earned for _row, earned in days), NOTHING)
        return Sums(
            credited=min(total, Fraction(prescribed)),
            prescribed=Fraction(prescribed),
            done=len(done_rows),
            expected=expected,
        )

    def line_in_week(self, line: str, monday: dt.date) -> Sums:
        """Return a line's sums in an ISO week; what is not over is held against nobody."""
        fixed = Sums()
        for day in week_of(monday):
            row = self.active_row(line, day)
            if row is not None and day.isoweekday() in row.weekdays:
                fixed += self._forgiven_day(row, day)
        quota = self.quota(line, monday)
        if monday + 6 * DAY >= self.today:
            quota = Sums(
                credited=quota.credited,
                prescribed=quota.credited,
                done=quota.done,
                expected=quota.done,
            )
        return fixed + quota

    def lines(self) -> list[str]:
        return list(dict.fromkeys(row.line for row in self.rows))

    def of_line(self, line: str, mondays: Iterable[dt.date]) -> Sums:
        return _total(self.line_in_week(line, monday) for monday in mondays)

    def of_week(self, monday: dt.date) -> Sums:
        return _total(self.line_in_week(line, monday) for line in self.lines())

    def of_all(self, mondays: Iterable[dt.date]) -> Sums:
        return _total(self.of_week(monday) for monday in mondays)

    def logged(self, line: str, mondays: Iterable[dt.date]) -> list[Amounts]:
        """Return the dose of a line: every set that was logged, extra ones too."""
        days = {day for monday in mondays for day in week_of(monday)}
        return [
            one
            for session in self.sessions
            if session.day in days
            for done in session.done
            if done.line == line
            for one in done.sets
        ]

    def days_with_sets(self, monday: dt.date) -> int:
        """Return on how many days of a week something was done."""
        return len(
            {
                session.day
                for session in self.sessions
                if session.day in week_of(monday)
                for done in session.done
                if any(0 not in one for one in done.sets)
            }
        )

    # ---- a week in words ---------------------------------------------------------------------

    def word(self, day: dt.date) -> str:
        """Return what a day that is over was: all of what was due, some, none; or a rest, or a pause."""
        if self.is_paused(day):
            return "paused"
        due = self._due_on(day)
        asked = [sums for line, sums in due if not self.is_excused(line, day)]
        if any(sums.done < sums.expected for sums in asked):
            return "part" if self.has_done_something(day) else "not_done"
        return "done" if asked or self._quotas_on(day) else "rest"

    def is_asked(self, day: dt.date) -> bool:
        """Whether something of fixed weekdays was due that was not excused."""
        return any(not self.is_excused(line, day) for line, _sums in self._due_on(day))

    def has_done_something(self, day: dt.date) -> bool:
        """Whether something that is asked for was done: on its fixed day, or on a day of one's choice."""
        return bool(self._quotas_on(day)) or any(sums.done for _line, sums in self._due_on(day))

    def times_of_week(self, monday: dt.date) -> tuple[int, int]:
        """Return the occurrences on free days, done and expected, of a week that is over."""
        sums = _total(self.quota(line, monday) for line in self.lines())
        return sums.done, sums.expected

    def _due_on(self, day: dt.date) -> list[tuple[str, Sums]]:
        rows = [(line, self.active_row(line, day)) for line in self.lines()]
        return [
            (line, self.fixed_day(row, day))
            for line, row in rows
            if row is not None and day.isoweekday() in row.weekdays
        ]

    def _quotas_on(self, day: dt.date) -> list[str]:
        """Return the lines of free days that earned something, and on which nobody said stop."""
        rows = [(line, self.active_row(line, day)) for line in self.lines()]
        return [
            line
            for line, row in rows
            if row is not None
            and row.per_week
            and not self.is_excused(line, day)
            and self.earned(row, day, most=row.sets)
        ]

    # ---- today -------------------------------------------------------------------------------

    def left_today(self) -> dict[str, int]:
        """Return the lines with something still to do today, and how often."""
        left = {}
        for line in self.lines():
            row = self.active_row(line, self.today)
            if row is None or self.is_excused(line, self.today):
                continue
            if row.per_week:
                quota = self.quota(line, self.today - self.today.weekday() * DAY)
                is_done_today = bool(self.earned(row, self.today, most=row.sets))
                rest = 0 if is_done_today or quota.done >= quota.expected else 1
            else:
                rest = 0
                if self.today.isoweekday() in row.weekdays:
                    rest = row.per_day - min(row.per_day, self.times(row, self.today))
            if rest:
                left[line] = rest
        return left

    def streak(self) -> int:
        """Return the run of days on which all that was due was done; today joins once complete."""
        length, day = 0, self.today
        while any(row.first <= day for row in self.rows):
            expected, done = self._day_of_streak(day)
            if expected and done == expected:
                length += 1
            elif expected and day != self.today:
                break
            day -= DAY
        return length

    def _day_of_streak(self, day: dt.date) -> tuple[int, int]:
        expected = done = 0
        for line in self.lines():
            row = self.active_row(line, day)
            if row is None or day.isoweekday() not in row.weekdays:
                continue
            sums = self.fixed_day(row, day)
            is_excused = day < self.today and self.is_excused(line, day)
            expected += sums.done if is_excused else sums.expected
            done += sums.done
        return expected, done


def credit(achieved: Amounts, row: Row) -> Fraction:
    """Return what one set is worth: 1 where it reached its target, less where it fell short."""
    worth = Fraction(1)
    for amount, wanted in zip(achieved, row.target, strict=True):
        worth *= min(Fraction(1), Fraction(amount, wanted))
    return worth


def completion(done: Done, row: Row) -> Fraction:
    """Return how much of the row's sets one result is worth, at most all of it."""
    return min(Fraction(1), sum((credit(one, row) for one in done.sets), NOTHING) / row.sets)


def week_of(monday: dt.date) -> list[dt.date]:
    return [monday + number * DAY for number in range(7)]


def _total(every: Iterable[Sums]) -> Sums:
    total = Sums()
    for one in every:
        total += one
    return total
