"""Histories made up at random, near the dates where calendars go wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random

from tests.unit.sessions.oracle import (
    DAY,
    Check,
    History,
    Line,
    Pause,
    Result,
    Row,
    Session,
    row_in_force,
)

SPAN = 28
# Mondays: a plain month end, a year end with an ISO week 53, a leap day, both changes of clocks.
STARTS = (
    dt.date(2026, 11, 2),
    dt.date(2026, 12, 14),
    dt.date(2028, 2, 14),
    dt.date(2026, 3, 16),
    dt.date(2026, 10, 12),
)
SIDES = ("left", "right", "both", "alternating", "each", "each")
LOGGED_SIDES = ("left", "right", "both", "alternating")
STATUSES = ("counted",) * 8 + ("held", "refused", "withdrawn")
STATES = ("active",) * 8 + ("ended", "draft", "discarded")
REASONS = ("holiday", "hospital", "safety_hold", "safety_hold")


@dataclass(frozen=True)
class Question:
    """A history, and what is asked of it."""

    history: History
    first: dt.date
    last: dt.date
    today: dt.date


def question(random: Random, start: dt.date | None = None) -> Question:
    start = start or random.choice(STARTS)
    first = start + DAY * random.randint(-3, SPAN)
    return Question(
        history=history(random, start),
        first=first,
        last=first + DAY * random.choice((0, 2, 6, 6, 13, 27)),
        today=start + DAY * random.randint(-2, SPAN + 9),
    )


def history(random: Random, start: dt.date) -> History:
    lines = tuple(_line(random, start) for _ in range(random.randint(1, 3)))
    keenness = random.choice((0, 6, 14, 28))
    sessions = _diligent(random, start, lines) if random.random() < 0.5 else []
    sessions += [_session(random, start, lines) for _ in range(random.randint(0, keenness))]
    checks = [
        Check(_day(random, start), random.random() < 0.5) for _ in range(random.choice((0, 0, 2)))
    ]
    return History(lines, tuple(sessions), _pauses(random, start), tuple(checks))


def _day(random: Random, start: dt.date) -> dt.date:
    return start + DAY * random.randint(0, SPAN)


def _line(random: Random, start: dt.date) -> Line:
    measure = random.choice(("repetitions", "repetitions", "hold"))
    kinds = random.choice(
        (("weekdays",), ("times_per_week",), ("weekdays", "times_per_week", "as_needed"))
    )
    cuts = sorted({_day(random, start) for _ in range(random.randint(1, 4))})
    if random.random() < 0.5:
        cuts[0] = start
    rows = []
    for first, until in zip(cuts, [*cuts[1:], None], strict=True):
        ends = _until(random, first, until)
        rows.append(_row(random, first, ends, measure, random.choice(kinds)))
    starts_on = random.choice((dt.date(2025, 1, 1), dt.date(2025, 1, 1), _day(random, start)))
    ends_on = random.choice((None, None, starts_on - DAY, _day(random, start)))
    if ends_on and ends_on < starts_on - DAY:
        ends_on = None
    return Line(tuple(rows), starts_on, ends_on, random.choice(STATES), measure)


def _until(random: Random, first: dt.date, next_first: dt.date | None) -> dt.date | None:
    """Where a row ends: at its successor or a day before, and the last one perhaps never."""
    if next_first is None:
        return first + DAY * random.randint(1, 9) if random.random() < 0.3 else None
    has_gap = (next_first - first).days > 1 and random.random() < 0.2
    return next_first - DAY if has_gap else next_first


def _row(random, first, until, measure, schedule) -> Row:
    reps = random.choice((3, 7, 8, 10, 12))
    targets = (reps, random.choice((4, 20))) if measure == "hold" else (reps,)
    weekdays = frozenset(random.sample(range(1, 8), random.choice((1, 3, 7, 7))))
    return Row(
        first, until, targets, random.randint(1, 3), random.choice(SIDES), schedule,
        weekdays=weekdays if schedule == "weekdays" else frozenset(),
        per_day=random.choice((1, 1, 2, 3)) if schedule == "weekdays" else 0,
        per_week=random.randint(1, 7) if schedule == "times_per_week" else 0,
    )  # fmt: skip


def _pauses(random: Random, start: dt.date) -> tuple[Pause, ...]:
    pauses = []
    has_open_hold = False
    for _ in range(random.choice((0, 0, 1, 2, 3))):
        first = _day(random, start)
        last = random.choice((first - DAY, first, first + DAY * random.randint(1, 9), None))
        reason = random.choice(REASONS)
        if reason == "safety_hold" and last is None:
            last = first + DAY if has_open_hold else None
            has_open_hold = True
        pauses.append(Pause(first, last, reason))
    return tuple(pauses)


def _diligent(random: Random, start: dt.date, lines: tuple[Line, ...]) -> list[Session]:
    """Everything done on nearly every day, so that runs are long and quotas full."""
    sessions = []
    for number in range(SPAN):
        on = start + DAY * number
        for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
            results = []
            for place, line in enumerate(lines):
                if row := row_in_force(line, on):
                    done = (row.targets,) * row.sets
                    results += [Result(place, side, done) for side in row.sides]
            sessions.append(Session(on, tuple(results)))
    return sessions


def _session(random: Random, start: dt.date, lines: tuple[Line, ...]) -> Session:
    on = _day(random, start)
    results = {}
    for _ in range(random.randint(0, 4)):
        line = random.randrange(len(lines))
        row = row_in_force(lines[line], on)
        side = random.choice(row.sides if row and random.random() < 0.8 else LOGGED_SIDES)
        width = 2 if lines[line].measure == "hold" else 1
        sets = tuple(
            tuple(random.choice((0, 2, 5, 8, 10, 12, 30)) for _ in range(width))
            for _ in range(random.choice((0, 1, 2, 3, 5)))
        )
        results[line, side] = Result(line, side, sets, asks_to_stop=random.random() < 0.06)
    return Session(on, tuple(results.values()), random.choice(STATUSES), random.random() < 0.04)
