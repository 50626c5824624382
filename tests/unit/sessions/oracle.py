"""
domain.md sections 5 and 6 once more, in plain Python over plain data, for the SQL to agree with.

Written from the text, one date and one line at a time, with no thought for speed. Sets are tuples
of what was achieved, in the order of the targets: (repetitions,) or (repetitions, seconds).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from math import floor

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """In force on [first, until). `schedule` is weekdays, times_per_week or as_needed."""

    first: dt.date
    until: dt.date | None
    targets: tuple[int, ...]
    sets: int
    side: str
    schedule: str
    weekdays: frozenset[int] = frozenset()
    per_day: int = 0
    per_week: int = 0

    @property
    def set_size(self) -> int:
        return self.sets * 2 if self.side == "each" else self.sets

    @property
    def sides(self) -> tuple[str, ...]:
        return ("left", "right") if self.side == "each" else (self.side,)


@dataclass(frozen=True)
class Line:
    rows: tuple[Row, ...]
    starts_on: dt.date = dt.date(2020, 1, 1)
    ends_on: dt.date | None = None
    state: str = "active"  # or draft, ended, discarded (a draft that was ended)
    measure: str = "repetitions"


@dataclass(frozen=True)
class Pause:
    first: dt.date
    last: dt.date | None
    reason: str = "holiday"


@dataclass(frozen=True)
class Result:
    line: int
    side: str
    sets: tuple[tuple[int, ...], ...]
    asks_to_stop: bool = False


@dataclass(frozen=True)
class Session:
    on: dt.date
    results: tuple[Result, ...] = ()
    status: str = "counted"
    red_flag: bool = False


@dataclass(frozen=True)
class Check:
    on: dt.date
    red_flag: bool = True


@dataclass(frozen=True)
class History:
    lines: tuple[Line, ...]
    sessions: tuple[Session, ...] = ()
    pauses: tuple[Pause, ...] = ()
    checks: tuple[Check, ...] = ()

    @cached_property
    def counted(self) -> dict[dt.date, list[Session]]:
        """The sessions that count, by day."""
        of_day: dict[dt.date, list[Session]] = {}
        for session in self.sessions:
            if session.status == "counted":
                of_day.setdefault(session.on, []).append(session)
        return of_day

    def counted_on(self, day: dt.date) -> list[Session]:
        return self.counted.get(day, [])


@dataclass
class Sums:
    credited: Fraction = Fraction()
    prescribed: Fraction = Fraction()
    done: int = 0
    expected: int = 0
    sets_logged: int = 0
    amount_logged: int = 0

    def add(self, other: Sums) -> None:
        self.credited += other.credited
        self.prescribed += other.prescribed
        self.done += other.done
        self.expected += other.expected
        self.sets_logged += other.sets_logged
        self.amount_logged += other.amount_logged


def monday(day: dt.date) -> dt.date:
    while day.isoweekday() != 1:
        day -= DAY
    return day


def dates(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + DAY * number for number in range((last - first).days + 1)]


def row_in_force(line: Line, day: dt.date) -> Row | None:
    for row in line.rows:
        if row.first <= day and (row.until is None or day < row.until):
            return row
    return None


def row_that_binds(line: Line, day: dt.date) -> Row | None:
    """The row in force, if its assignment runs on the day."""
    if line.state in {"draft", "discarded"} or day < line.starts_on:
        return None
    if line.ends_on is not None and day > line.ends_on:
        return None
    return row_in_force(line, day)


def is_first_of_a_hold(history: History, day: dt.date) -> bool:
    return any(pause.reason == "safety_hold" and pause.first == day for pause in history.pauses)


def is_paused(history: History, day: dt.date) -> bool:
    covering = [
        pause
        for pause in history.pauses
        if pause.first <= day and (pause.last is None or day <= pause.last)
    ]
    return any(not (pause.reason == "safety_hold" and pause.first == day) for pause in covering)


def is_excused(history: History, line: int, day: dt.date) -> bool:
    if is_first_of_a_hold(history, day):
        return True
    if any(check.red_flag and check.on == day for check in history.checks):
        return True
    for session in history.counted_on(day):
        if session.red_flag:
            return True
        if any(result.line == line and result.asks_to_stop for result in session.results):
            return True
    return False


@cache
def set_credit(achieved: tuple[int, ...], targets: tuple[int, ...]) -> Fraction:
    credit = Fraction(1)
    for value, target in zip(achieved, targets, strict=True):
        credit *= min(Fraction(1), Fraction(value, target))
    return credit


def credits_by_session(history: History, line: int, day: dt.date, row: Row) -> list[dict]:
    """For each counted session of the day: side → credit of its sets, prescribed sides only."""
    answer = []
    for session in history.counted_on(day):
        sides: dict[str, Fraction] = {}
        for result in session.results:
            if result.line == line and result.side in row.sides:
                credit = sum((set_credit(each, row.targets) for each in result.sets), Fraction(0))
                sides[result.side] = sides.get(result.side, Fraction(0)) + credit
        answer.append(sides)
    return answer


def capped(sessions: list[dict], row: Row, times: int) -> Fraction:
    """The day's credit, no side above `times` doses."""
    credit = Fraction(0)
    for side in row.sides:
        of_side = sum((sides.get(side, Fraction(0)) for sides in sessions), Fraction(0))
        credit += min(of_side, Fraction(row.sets * times))
    return credit


def weekdays_day(history: History, line: int, day: dt.date, row: Row) -> tuple[Sums, Sums]:
    """What one active, due date asked for and got: as it stands, and were it held against nobody."""
    sessions = credits_by_session(history, line, day, row)
    credited = capped(sessions, row, row.per_day)
    done = max(sum(1 for sides in sessions if sides.get(side, 0) > 0) for side in row.sides)
    done = min(row.per_day, done)
    whole = Sums(credited, Fraction(row.set_size * row.per_day), done, row.per_day)
    return whole, Sums(credited, credited, done, done)


@dataclass
class Quota:
    expected: int
    done: int
    credited: Fraction
    prescribed: Fraction
    credit_on: dict[dt.date, Fraction]


def quota(history: History, line: int, week: dt.date) -> Quota:
    active: list[tuple[dt.date, Row, Fraction]] = []
    for day in dates(week, week + 6 * DAY):
        row = row_that_binds(history.lines[line], day)
        if row is None or row.schedule != "times_per_week" or is_paused(history, day):
            continue
        earned = capped(credits_by_session(history, line, day, row), row, 1)
        if is_excused(history, line, day) and earned == 0:
            continue
        active.append((day, row, earned))
    wanted = sum((Fraction(row.per_week, 7) for _, row, _ in active), Fraction(0))
    expected = min(floor(wanted + Fraction(1, 2)), len(active))
    earning = [(row, earned) for _, row, earned in active if earned > 0]
    done = min(expected, len(earning))
    prescribed = sum(row.set_size for row, _ in earning[:expected])
    if active:
        prescribed += (expected - done) * active[-1][1].set_size
    credited = min(sum((earned for _, earned in earning), Fraction(0)), Fraction(prescribed))
    credit_on = {day: earned for day, _, earned in active}
    return Quota(expected, done, credited, Fraction(prescribed), credit_on)


def logged(history: History, line: int, day: dt.date) -> Sums:
    sums = Sums()
    for session in history.counted_on(day):
        for result in session.results:
            if result.line == line:
                sums.sets_logged += len(result.sets)
                for achieved in result.sets:
                    amount = 1
                    for value in achieved:
                        amount *= value
                    sums.amount_logged += amount
    return sums


def has_quota(history: History, first: dt.date, last: dt.date) -> bool:
    for day in dates(first, last):
        for line in history.lines:
            row = row_that_binds(line, day)
            if row is not None and row.schedule == "times_per_week":
                return True
    return False


def covers(history: History, first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    if not has_quota(history, first, last):
        return first, last
    return monday(first), monday(last) + 6 * DAY


def line_weeks(
    history: History, first: dt.date, last: dt.date, today: dt.date
) -> dict[tuple[int, dt.date], Sums]:
    """The sums of each line and week; a line that asks for nothing and has nothing is left out."""
    has_quotas = has_quota(history, first, last)
    first, last = covers(history, first, last)
    answer: dict[tuple[int, dt.date], Sums] = {}
    for number, line in enumerate(history.lines):
        for day in dates(first, last):
            week = answer.setdefault((number, monday(day)), Sums())
            week.add(logged(history, number, day))
            row = row_that_binds(line, day)
            if row is None or row.schedule != "weekdays" or is_paused(history, day):
                continue
            if day.isoweekday() in row.weekdays:
                whole, lenient = weekdays_day(history, number, day, row)
                is_lenient = day >= today or is_excused(history, number, day)
                week.add(lenient if is_lenient else whole)
        for (of_line, week_start), sums in answer.items():
            if of_line == number and has_quotas:
                result = quota(history, number, week_start)
                is_over = week_start + 6 * DAY < today
                sums.add(
                    Sums(
                        result.credited,
                        result.prescribed if is_over else result.credited,
                        result.done,
                        result.expected if is_over else result.done,
                    )
                )
    return {key: sums for key, sums in answer.items() if sums != Sums()}


def total(by_line_and_week: dict[tuple[int, dt.date], Sums]) -> Sums:
    whole = Sums()
    for sums in by_line_and_week.values():
        whole.add(sums)
    return whole


@dataclass(frozen=True)
class LineDay:
    schedule: str
    is_paused: bool
    is_excused: bool
    expected: int
    done: int
    prescribed: int
    credited: Fraction
    sets_logged: int
    week_expected: int | None
    week_done: int | None


def day_state(history: History, day: dt.date) -> dict[int, LineDay]:
    answer = {}
    for number, line in enumerate(history.lines):
        row = row_that_binds(line, day)
        if row is not None:
            answer[number] = _line_day(history, number, day, row)
    return answer


def _line_day(history: History, line: int, day: dt.date, row: Row) -> LineDay:
    is_fixed, is_quota = row.schedule == "weekdays", row.schedule == "times_per_week"
    paused = is_paused(history, day)
    asks = not paused and (is_quota or (is_fixed and day.isoweekday() in row.weekdays))
    sessions = credits_by_session(history, line, day, row)
    times = max(sum(1 for sides in sessions if sides.get(side, 0) > 0) for side in row.sides)
    of_week = quota(history, line, monday(day)) if is_quota else None
    return LineDay(
        schedule=row.schedule,
        is_paused=paused,
        is_excused=is_excused(history, line, day),
        expected=row.per_day if asks and is_fixed else 0,
        done=min(times, row.per_day or 1) if is_fixed or is_quota else 0,
        prescribed=row.set_size * (row.per_day or 1) if asks else 0,
        credited=capped(sessions, row, row.per_day or 1) if is_fixed or is_quota else Fraction(0),
        sets_logged=sum(
            len(result.sets)
            for session in history.counted_on(day)
            for result in session.results
            if result.line == line and result.side in row.sides
        ),
        week_expected=of_week.expected if of_week else None,
        week_done=of_week.done if of_week else None,
    )
