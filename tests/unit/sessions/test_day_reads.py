"""Which results a day's state is read from: those of the day, or of its week where a quota needs them."""

from __future__ import annotations

import datetime as dt
import json
from random import Random
from typing import Any

import pytest
from django.db import connection

from sessions.adherence_sql import DAY_STATE
from sessions.day_state import day_state, day_states
from tests.factories.database import plan_by_index
from tests.unit.sessions import oracle
from tests.unit.sessions.generated import STARTS, history
from tests.unit.sessions.histories import place, store, store_many
from tests.unit.sessions.oracle import Check, History, Line, Pause, Result, Row, Session
from tests.unit.sessions.prescribed import FRI, MON, SAT, SUN, THU, TUE, WED, daily, lines, weekly

pytestmark = pytest.mark.django_db

WEEK = (MON, TUE, WED, THU, FRI, SAT, SUN)
HISTORIES_AT_A_TIME = 25
LAST_SUNDAY = MON - dt.timedelta(days=1)
FREE = Row(MON, None, (10,), 1, "both", "as_needed")


def done_daily(count: int = 1) -> tuple[Session, ...]:
    """On each day of the week, and on the one before it, a session of as many lines."""
    results = tuple(Result(line, "both", ((10,),)) for line in range(count))
    return tuple(Session(day, results) for day in (LAST_SUNDAY, *WEEK))


def results_read(patient_id: Any, day: dt.date) -> int:
    """How many results the statement reads of its table."""
    plan_by_index()
    values = {"patient_id": patient_id, "day": day, "week": MON}
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON, ANALYZE) {DAY_STATE}", values)
        [[found]] = cursor.fetchall()
    [plan] = json.loads(found) if isinstance(found, str) else found
    return int(sum(results_of(plan["Plan"])))


def results_of(node: dict[str, Any]) -> list[float]:
    own = node.get("Relation Name") == "rehab_sessions_exerciseresult"
    read = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    below = [one for each in node.get("Plans", []) for one in results_of(each)]
    return [read, *below] if own else below


@pytest.mark.parametrize(
    ("prescribed", "day", "count"),
    [
        (lines(daily()), THU, 1),
        (lines(daily(), daily()), THU, 2),
        (lines(daily(), FREE), SUN, 2),
        (lines(FREE), MON, 1),
        (lines(weekly(3)), THU, 7),
        (lines(daily(), weekly(3)), MON, 14),
        # The quota was in force until Tuesday, and is from Saturday on.
        (lines(daily(), weekly(3, until=WED)), TUE, 14),
        (lines(daily(), weekly(3, until=WED)), WED, 2),
        (lines(daily(), weekly(3, first=SAT)), FRI, 2),
        (lines(daily(), weekly(3, first=SAT)), SAT, 14),
        ((Line((daily(until=THU), weekly(2, first=THU))),), WED, 1),
        ((Line((daily(until=THU), weekly(2, first=THU))),), THU, 7),
    ],
)
def test_a_week_is_read_for_a_quota_alone(prescribed, day, count):
    ana = store(place(), History(prescribed, done_daily(len(prescribed)))).patient

    assert results_read(ana.pk, day) == count


def test_another_patients_quota_is_their_own():
    here = place()
    ana = store(here, History(lines(daily()), done_daily())).patient
    store(here, History(lines(weekly(3)), done_daily()), "Eva Brandt")

    assert results_read(ana.pk, THU) == 1


def test_without_a_line_in_force_nothing_is_said():
    ana = store(place(), History(lines(weekly(3, until=WED)), done_daily())).patient

    assert day_state(patient_id=ana.pk, day=WED) == []


@pytest.mark.parametrize(
    ("around", "is_paused", "is_excused"),
    [
        ({}, False, False),
        ({"pauses": (Pause(MON, SUN),)}, True, False),
        ({"pauses": (Pause(MON, WED),)}, False, False),
        ({"pauses": (Pause(FRI, SUN),)}, False, False),
        ({"pauses": (Pause(LAST_SUNDAY, None, "safety_hold"),)}, True, False),
        ({"pauses": (Pause(THU, None, "safety_hold"),)}, False, True),
        ({"pauses": (Pause(THU, WED, "safety_hold"),)}, False, True),
        ({"pauses": (Pause(WED, None, "safety_hold"),)}, True, False),
        ({"pauses": (Pause(THU, None, "safety_hold"), Pause(MON, THU))}, True, True),
        ({"checks": (Check(THU),)}, False, True),
        ({"checks": (Check(WED), Check(FRI))}, False, False),
    ],
)
@pytest.mark.parametrize("more", [(), (weekly(3),)], ids=["the day alone", "its week"])
def test_what_covers_and_excuses_a_day_is_known_from_the_day(more, around, is_paused, is_excused):
    ana = store(place(), History(lines(daily(), *more), done_daily(), **around))

    for line in day_state(patient_id=ana.patient.pk, day=THU):
        assert (line.is_paused, line.is_excused) == (is_paused, is_excused)
        assert line.done == int(line.line_id == ana.lines[0].pk)


@pytest.mark.parametrize("seed", range(8))
def test_the_days_of_many_patients_say_what_the_oracle_says(seed):
    """Some have a quota on the day and some have none, in one statement."""
    random = Random(seed)
    start = random.choice(STARTS)
    day = start + oracle.DAY * random.randint(0, 27)
    histories = [history(random, start) for _ in range(HISTORIES_AT_A_TIME)]
    kept = store_many(place(), histories)

    found = day_states(patient_ids=[each.patient.pk for each in kept], day=day)

    for stored, asked in zip(kept, histories, strict=True):
        numbers = {line.pk: number for number, line in enumerate(stored.lines)}
        seen = {
            numbers[each.line_id]: oracle.LineDay(
                **{name: getattr(each, name) for name in oracle.LineDay.__dataclass_fields__}
            )
            for each in found.get(stored.patient.pk, [])
        }
        assert seen == oracle.day_state(asked, day), asked
