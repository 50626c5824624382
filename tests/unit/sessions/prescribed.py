"""Short words for histories: a week of November, lines on fixed days or with a quota, sets done."""

from __future__ import annotations

import datetime as dt

from tests.unit.sessions.oracle import Line, Result, Row, Session

MON, TUE, WED, THU, FRI, SAT, SUN = (dt.date(2026, 11, day) for day in range(9, 16))
EVERY_DAY = frozenset(range(1, 8))


def daily(first=MON, until=None, *, sets=1, per_day=1, target=10, side="both"):
    return Row(first, until, (target,), sets, side, "weekdays", EVERY_DAY, per_day)


def weekly(times, first=MON, until=None, sets=1):
    return Row(first, until, (10,), sets, "both", "times_per_week", per_week=times)


def lines(*rows):
    return tuple(Line((row,)) for row in rows)


def done(day, *sets, line=0, side="both", **session):
    return Session(day, (Result(line, side, tuple((each,) for each in sets)),), **session)
