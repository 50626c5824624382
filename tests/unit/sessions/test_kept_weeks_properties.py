"""A kept week, and the run that is counted by kept weeks, against what is worked out from nothing."""

from __future__ import annotations

from random import Random
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions import adherence
from sessions.day_state import day_state, keep_today
from sessions.models import PatientWeek
from sessions.patient_weeks import figures_of, keep_week
from sessions.streak import streak
from tests.unit.sessions.generated import SPAN, STARTS, history, question
from tests.unit.sessions.histories import place, store_many
from tests.unit.sessions.oracle import DAY
from tests.unit.sessions.test_adherence_properties import stored

pytestmark = pytest.mark.django_db

WEEK = 7 * DAY
in_a_rolled_back_block = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def harbour():
    return place()


def monday_of(day):
    return day - DAY * day.weekday()


@given(random=st.randoms(use_true_random=False))
@in_a_rolled_back_block
def test_today_and_its_run_are_those_of_the_statements_that_keep_nothing(harbour, random):
    """With none of the weeks before, with all of them, and with one of them gone."""
    asked = question(random)
    this_week = monday_of(asked.today)
    before = [this_week - WEEK * number for number in range(1, SPAN // 7 + 4)]

    def check(kept):
        [ana] = kept
        lines = day_state(patient_id=ana.patient.pk, day=asked.today)
        run = streak(patient_id=ana.patient.pk, today=asked.today)
        with_none = keep_today(patient_id=ana.patient.pk, today=asked.today)
        for week in before:
            keep_week(patient_ids=[ana.patient.pk], week=week)
        with patch("sessions.day_state.streak", side_effect=AssertionError("read back")):
            with_all = keep_today(patient_id=ana.patient.pk, today=asked.today)
        PatientWeek.objects.filter(week=random.choice(before)).delete()
        with_a_gap = keep_today(patient_id=ana.patient.pk, today=asked.today)

        for today in (with_none, with_all, with_a_gap):
            assert (today.lines, today.streak) == (lines, run), asked

    stored(harbour, [asked], check)


@pytest.mark.parametrize("seed", range(30))
def test_the_figures_of_weeks_are_those_of_the_lines(harbour, seed):
    random = Random(seed)
    start = random.choice(STARTS)
    questions = [question(random, start) for _ in range(40)]
    weeks = [start + WEEK * number for number in range(-1, SPAN // 7 + 1)]
    over = weeks[-1] + 2 * WEEK

    def check(kept):
        ids = [each.patient.pk for each in kept]
        rows = adherence.line_weeks(
            patient_ids=ids, first=weeks[0], last=weeks[-1] + 6 * DAY,
            today_by_zone={"Europe/Lisbon": over},
        )  # fmt: skip
        figures = figures_of(patient_ids=ids, weeks=weeks)

        assert len(figures) == len(ids) * len(weeks)
        for (patient_id, week), found in figures.items():
            own = [row.sums for row in rows if (row.patient_id, row.week) == (patient_id, week)]
            sums = adherence.add(own)
            assert found.dose == sums.dose
            assert (found.done, found.expected) == (sums.done, sums.expected)

    stored(harbour, questions, check)


@pytest.mark.parametrize("seed", range(10))
def test_an_upload_keeps_what_anybody_would_keep(harbour, seed):
    """Whatever day of the week it is kept on: the same as once it is over."""
    random = Random(seed)
    start = random.choice(STARTS)
    histories = [history(random, start) for _ in range(20)]
    kept = store_many(harbour, histories)
    week = start + WEEK * random.randint(0, 3)
    for each in kept:
        keep_today(patient_id=each.patient.pk, today=week + DAY * random.randint(0, 6))
    PatientWeek.objects.exclude(week=week).delete()
    by_uploads = rows()
    PatientWeek.objects.all().delete()

    keep_week(patient_ids=[each.patient.pk for each in kept], week=week)

    assert len(by_uploads) == 20
    assert rows() == by_uploads


def rows():
    """Return every kept week without its own key and times, by patient."""
    names = [
        field.attname
        for field in PatientWeek._meta.concrete_fields
        if field.name not in ("id", "created_at", "updated_at", "patient")
    ]
    return {row[0]: row[1:] for row in PatientWeek.objects.values_list("patient_id", *names)}
