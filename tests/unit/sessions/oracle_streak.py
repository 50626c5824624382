"""The streak of domain.md section 5 in plain Python, one date at a time; see docs/adr/0011."""

from __future__ import annotations

import datetime as dt

from tests.unit.sessions.oracle import (
    DAY,
    History,
    dates,
    is_excused,
    is_paused,
    monday,
    quota,
    row_that_binds,
    weekdays_day,
)


def unit_on(history: History, day: dt.date) -> str | None:
    schedules = {
        row.schedule for line in history.lines if (row := row_that_binds(line, day)) is not None
    }
    if "weekdays" in schedules:
        return "days"
    return "weeks" if "times_per_week" in schedules else None


def day_score(history: History, day: dt.date, *, full: bool) -> tuple[int, int]:
    """How many `weekdays` occurrences the day expected, and how many were done, over all lines."""
    expected = done = 0
    for number, line in enumerate(history.lines):
        row = row_that_binds(line, day)
        if row is None or row.schedule != "weekdays" or day.isoweekday() not in row.weekdays:
            continue
        if is_paused(history, day):
            continue
        whole, lenient = weekdays_day(history, number, day, row)
        is_lenient = not full and is_excused(history, number, day)
        expected += lenient.expected if is_lenient else whole.expected
        done += whole.done
    return expected, done


def week_score(history: History, week: dt.date, today: dt.date) -> tuple[int, int]:
    """The week's expected and done occurrences, quotas and past fixed days."""
    expected = done = 0
    for number in range(len(history.lines)):
        result = quota(history, number, week)
        expected += result.expected
        done += result.done
    for day in dates(week, min(week + 6 * DAY, today)):
        of_day = day_score(history, day, full=day == today)
        expected += of_day[0]
        done += of_day[1]
    return expected, done


def beginning(history: History) -> dt.date:
    return min((row.first for line in history.lines for row in line.rows), default=dt.date.max)


def streak(history: History, today: dt.date) -> tuple[str, int] | None:
    unit = unit_on(history, today)
    if unit is None:
        return None
    return unit, (run_of_days if unit == "days" else run_of_weeks)(history, today)


def run_of_days(history: History, today: dt.date) -> int:
    length = 0
    day = today
    while day >= beginning(history) and unit_on(history, day) != "weeks":
        expected, done = day_score(history, day, full=day == today)
        if expected and done == expected:
            length += 1
        elif expected and day != today:
            break
        day -= DAY
    return length


def run_of_weeks(history: History, today: dt.date) -> int:
    length = 0
    this_week = week = monday(today)
    while week + 6 * DAY >= beginning(history):
        if week != this_week and any(
            unit_on(history, day) == "days" for day in dates(week + 6 * DAY, today)
        ):
            break
        expected, done = week_score(history, week, today)
        if expected and done == expected:
            length += 1
        elif expected and week != this_week:
            break
        week -= 7 * DAY
    return length
