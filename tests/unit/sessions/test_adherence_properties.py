"""The SQL says what the oracle says, for thousands of histories that nobody thought of."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from random import Random

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions import adherence as sql
from sessions.day_state import day_state
from sessions.streak import streak, streaks_of
from tests.unit.sessions import oracle, oracle_streak
from tests.unit.sessions.generated import STARTS, history, question
from tests.unit.sessions.histories import place, store_many

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("prepared_for_good")]

HISTORIES_AT_A_TIME = 50
in_a_rolled_back_block = settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class RollBack(Exception):
    """Raised to leave the database as it was."""


def stored(harbour, questions, check):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Rows that are taken back need not be looked after, whose they are, one by one.
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            check(store_many(harbour, [each.history for each in questions]))
            raise RollBack
    except RollBack:
        pass


def sums_of(sums):
    return (
        sums.credited, sums.prescribed, sums.done, sums.expected,
        sums.sets_logged, sums.amount_logged,
    )  # fmt: skip


def by_oracle(asked):
    weeks = oracle.line_weeks(asked.history, asked.first, asked.last, asked.today)
    return {key: sums_of(sums) for key, sums in weeks.items()}


def by_sql(rows, lines):
    numbers = {line.pk: number for number, line in enumerate(lines)}
    seen = {(numbers[row.line_id], row.week): sums_of(row.sums) for row in rows}
    return {key: sums for key, sums in seen.items() if any(sums)}


@pytest.fixture
def harbour():
    return place()


@given(random=st.randoms(use_true_random=False))
@in_a_rolled_back_block
def test_one_patient_line_weeks_and_streak(harbour, random):
    asked = question(random)

    def check(kept):
        [ana] = kept
        rows = sql.line_weeks(
            patient_ids=[ana.patient.pk], first=asked.first, last=asked.last,
            today_by_zone={"Europe/Lisbon": asked.today},
        )  # fmt: skip
        run = streak(patient_id=ana.patient.pk, today=asked.today)

        assert by_sql(rows, ana.lines) == by_oracle(asked)
        assert (run and (run.unit, run.length)) == oracle_streak.streak(asked.history, asked.today)

    stored(harbour, [asked], check)


@given(random=st.randoms(use_true_random=False))
@in_a_rolled_back_block
def test_one_patients_day(harbour, random):
    asked = question(random)

    def check(kept):
        [ana] = kept
        numbers = {line.pk: number for number, line in enumerate(ana.lines)}
        seen = {
            numbers[each.line_id]: oracle.LineDay(
                **{name: getattr(each, name) for name in oracle.LineDay.__dataclass_fields__}
            )
            for each in day_state(patient_id=ana.patient.pk, day=asked.today)
        }

        assert seen == oracle.day_state(asked.history, asked.today)

    stored(harbour, [asked], check)


@pytest.mark.parametrize("seed", range(40))
def test_many_patients_at_once(harbour, seed):
    random = Random(seed)
    start = random.choice(STARTS)
    when = question(random, start)
    questions = [replace(when, history=history(random, start)) for _ in range(HISTORIES_AT_A_TIME)]
    zones = {"Europe/Lisbon": when.today}

    def check(kept):
        ids = [each.patient.pk for each in kept]
        rows = sql.line_weeks(
            patient_ids=ids, first=when.first, last=when.last, today_by_zone=zones
        )
        runs = streaks_of(patient_ids=ids, today_by_zone=zones)
        rows_of = defaultdict(list)
        for row in rows:
            rows_of[row.patient_id].append(row)

        assert rows_of.keys() <= set(ids)
        for each, asked in zip(kept, questions, strict=True):
            own = rows_of[each.patient.pk]
            run = runs.get(each.patient.pk)
            assert by_sql(own, each.lines) == by_oracle(asked), asked
            assert {row.covers for row in own} <= {
                oracle.covers(asked.history, when.first, when.last)
            }
            assert (run and (run.unit, run.length)) == oracle_streak.streak(
                asked.history, when.today
            ), asked

    stored(harbour, questions, check)
