"""A kept week, and the run that is counted by kept weeks, against what is worked out from nothing."""

from __future__ import annotations

from random import Random
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions import adherence
from sessions.day_state import day_state, read_today
from sessions.models import PatientWeek
from sessions.patient_weeks import figures_of, keep_week
from sessions.streak import streak
from tests.unit.sessions.generated import SPAN, STARTS, question
from tests.unit.sessions.histories import place
from tests.unit.sessions.oracle import DAY
from tests.unit.sessions.test_adherence_properties import stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("prepared_for_good")]

WEEK = 7 * DAY
HISTORIES_AT_A_TIME = 5
in_a_rolled_back_block = settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
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
    start = random.choice(STARTS)
    questions = [question(random, start) for _ in range(HISTORIES_AT_A_TIME)]

    def check(kept):
        asked = [(one.patient.pk, q.today) for one, q in zip(kept, questions, strict=True)]
        right = [(day_state(patient_id=pk, day=on), run(pk, on)) for pk, on in asked]
        with_none = [read_today(patient_id=pk, today=on) for pk, on in asked]
        keep_all_before(asked)
        with patch("sessions.day_state.keep_week", side_effect=AssertionError("kept again")):
            with_all = [read_today(patient_id=pk, today=on) for pk, on in asked]
        every_week = sum(len(weeks_before(on)) for _pk, on in asked)
        assert PatientWeek.objects.count() == every_week, "reading keeps what was missing alone"
        for pk, on in asked:
            gone = random.choice(weeks_before(on))
            PatientWeek.objects.filter(patient_id=pk, week=gone).delete()
        with patch("sessions.day_state.streak", side_effect=AssertionError("read back")):
            with_a_gap = [read_today(patient_id=pk, today=on) for pk, on in asked]

        for number, each in enumerate(questions):
            for found in (with_none, with_all, with_a_gap):
                assert (found[number].lines, found[number].streak) == right[number], each

    stored(harbour, questions, check)


def run(patient_id, on):
    return streak(patient_id=patient_id, today=on)


def weeks_before(on):
    return [monday_of(on) - WEEK * number for number in range(1, SPAN // 7 + 4)]


def keep_all_before(asked):
    """Keep each patient's weeks before their day: a statement for each week, not for each patient."""
    for week in {week for _pk, on in asked for week in weeks_before(on)}:
        keep_week(patient_ids=[pk for pk, on in asked if week in weeks_before(on)], week=week)


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
            assert (found.sums.credited, found.sums.prescribed) == (sums.credited, sums.prescribed)
            assert (found.done, found.expected) == (sums.done, sums.expected)

    stored(harbour, questions, check)
