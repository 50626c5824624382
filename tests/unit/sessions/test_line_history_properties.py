"""A line's history by SQL and by a plain second definition, for histories that nobody thought of."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from math import prod
from random import Random
from typing import Any

import pytest
from django.db import connection

from sessions.line_history import counted_since, history_sql
from tests.unit.sessions.generated import STARTS, history
from tests.unit.sessions.histories import place, store_many
from tests.unit.sessions.oracle import History

pytestmark = pytest.mark.django_db

AT_A_TIME = 12
# The quarter that the day lies in: each of the starts has histories on both sides of one, or in one.
DAYS = {start: start + dt.timedelta(days=30) for start in STARTS}


def first_of_quarter(day: dt.date) -> dt.date:
    return max(dt.date(day.year, month, 1) for month in (1, 4, 7, 10) if month <= day.month)


def second(asked: History, line: int, day: dt.date) -> dict[str, Any]:
    """Of sessions that count, those since the quarter began with anything done, and the bests of all."""
    bests: dict[str, int] = defaultdict(int)
    sessions = 0
    for session in asked.sessions:
        if session.status != "counted":
            continue
        own = [each for each in session.results if each.line == line]
        totals = {each.side: sum(prod(one) for one in each.sets) for each in own}
        for side, total in totals.items():
            bests[side] = max(bests[side], total)
        sessions += session.on >= first_of_quarter(day) and any(totals.values())
    return {"sessions": sessions, "bests": {side: best for side, best in bests.items() if best}}


def by_sql(day: dt.date) -> dict[Any, dict[str, Any]]:
    with connection.cursor() as cursor:
        statement = f"SELECT line.id, ({history_sql('line.id')})::text FROM patients_line AS line"
        cursor.execute(statement, [counted_since(day)])
        return {line: json.loads(said) for line, said in cursor.fetchall()}


@pytest.mark.parametrize("start", STARTS, ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_what_a_line_s_history_says(seed, start):
    random = Random(f"{seed} {start}")
    histories = [history(random, start) for _ in range(AT_A_TIME)]
    stored = store_many(place(), histories)
    day = DAYS[start]

    found = by_sql(day)

    told = [
        ({name: found[line.pk][name] for name in ("sessions", "bests")}, number, asked)
        for kept, asked in zip(stored, histories, strict=True)
        for number, line in enumerate(kept.lines)
    ]
    assert len(told) == len(found) > AT_A_TIME
    for seen, number, asked in told:
        assert seen == second(asked, number, day), asked
    assert any(seen["sessions"] > 3 for seen, _number, _asked in told)
