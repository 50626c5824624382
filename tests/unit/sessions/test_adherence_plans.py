"""
The statements over many patients join their steps in step with them, whatever the planner knows.

In a test it knows nothing: rows that were never committed were never analysed. It guesses by the pages
that rows left which were taken back, so these tests leave more than any other first. Bitmaps are off: on
such pages it may read the clinic's whole index beside a line's own, for row-level security's sake,
which is no join.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from functools import cache

import pytest
from django.db import connection, transaction

from sessions import adherence, adherence_sql
from tests.unit.sessions.histories import place, store_many
from tests.unit.sessions.oracle import DAY, History, Pause
from tests.unit.sessions.prescribed import MON, daily, done, lines, weekly

pytestmark = pytest.mark.django_db

FEW, MANY = 4, 24
TAKEN_BACK = 700
WEEKS = 5
LAST = MON + WEEKS * 7 * DAY - DAY
ZONES = {"Europe/Lisbon": LAST}
HISTORY = History(
    lines(daily(), weekly(3), daily(per_day=2)),
    tuple(
        done(MON + day * DAY, 10, line=line)
        for day in range(WEEKS * 7)
        for line in range(3)
        if day % 3 != line
    ),
    (Pause(MON + 9 * DAY, MON + 11 * DAY), Pause(MON + 20 * DAY, MON + 20 * DAY)),
)


class TakenBack(Exception):
    """Ends a block whose rows are not to stay."""


@cache
def leave_pages() -> None:
    """Leave the pages of so many patients, so that it does not matter what other tests left."""
    try:
        with transaction.atomic():
            store_many(place("Hill Clinic"), [HISTORY] * TAKEN_BACK)
            raise TakenBack
    except TakenBack:
        pass


@pytest.fixture(autouse=True)
def many_pages(db: None) -> None:
    leave_pages()


def rows_handled(statement: str, values: dict[str, object]) -> int:
    """Return how many rows the plan's nodes gave on or compared in vain, all together."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", values)
        found = cursor.fetchone()[0]
    [top] = json.loads(found) if isinstance(found, str) else found
    return round(sum(_handled(node) for node in _nodes(top["Plan"])))


def _nodes(node: dict[str, object]) -> Iterator[dict[str, object]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _handled(node: dict[str, object]) -> float:
    in_vain = ("Rows Removed by Join Filter", "Rows Removed by Filter")
    each = node["Actual Rows"] + sum(node.get(name, 0) for name in in_vain)
    return each * node["Actual Loops"]


def values_for(stored, first: dt.date) -> dict[str, object]:
    return adherence._values(
        [each.patient.pk for each in stored], first, LAST,
        zones=list(ZONES), todays=list(ZONES.values()),
    )  # fmt: skip


@pytest.mark.parametrize("statement", ["LINE_WEEKS_OF_CHOSEN", "LINE_WEEKS_OF_ALL"])
def test_six_times_the_patients_take_six_times_the_rows(statement):
    """Joined by nested loops, they would take up to thirty-six times as many."""
    asked = getattr(adherence_sql, statement)
    harbour = place()
    few = store_many(harbour, [HISTORY] * FEW)
    of_few = rows_handled(asked, values_for(few, MON))
    more = store_many(harbour, [HISTORY] * (MANY - FEW))

    of_many = rows_handled(asked, values_for([*few, *more], MON))

    assert of_many <= 1.2 * of_few * MANY / FEW


def test_six_times_the_weeks_of_one_patient_take_six_times_the_rows():
    [ana] = store_many(place(), [HISTORY])
    of_one_week = rows_handled(
        adherence_sql.LINE_WEEKS_OF_CHOSEN, values_for([ana], LAST - 6 * DAY)
    )

    of_all = rows_handled(adherence_sql.LINE_WEEKS_OF_CHOSEN, values_for([ana], MON))

    assert of_all <= 1.2 * of_one_week * WEEKS
