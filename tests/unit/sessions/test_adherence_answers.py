from __future__ import annotations

import datetime as dt

import pytest

from sessions.adherence_answers import adherence_answer
from tests.factories import people
from tests.unit.sessions.histories import place, store
from tests.unit.sessions.oracle import History
from tests.unit.sessions.prescribed import MON, SUN, daily, done, lines, weekly

ALL_OVER = dt.date(2026, 12, 24)


@pytest.mark.django_db
def test_the_answer_shows_the_sums_behind_each_figure(django_assert_num_queries):
    history = History(lines(daily(sets=2), weekly(2)), (done(MON, 10, 5), done(MON, 10, line=1)))
    ana = store(place(), history)

    with django_assert_num_queries(2):
        answer = adherence_answer(patient_id=ana.patient.pk, first=MON, last=SUN, today=ALL_OVER)

    fixed, quota = answer.lines
    assert (answer.patient, answer.covers.first, answer.covers.last) == (ana.patient.pk, MON, SUN)
    assert (answer.total.dose_percent, answer.total.session_percent) == (15, 22)
    assert answer.total.band == "off_track"
    assert (answer.total.credited_sets.exact, answer.total.credited_sets.rounded) == ("5/2", 2.5)
    assert (answer.total.prescribed_sets.exact, answer.total.sets_logged) == ("16", 3)
    assert (fixed.line, fixed.exercise, fixed.measure) == (
        ana.lines[0].pk,
        "Sit to stand",
        "repetitions",
    )
    assert (fixed.dose_percent, fixed.amount_logged) == (10, 15)
    assert (quota.dose_percent, quota.done, quota.expected) == (50, 1, 2)
    assert answer.lowest_line == fixed
    assert [(week.week, week.in_progress) for week in answer.weeks] == [(MON, False)]


@pytest.mark.django_db
def test_the_answer_of_a_patient_without_lines_is_null_all_through():
    ana = people.patient(place().clinic)

    answer = adherence_answer(patient_id=ana.pk, first=MON, last=SUN, today=ALL_OVER)

    assert (answer.total.dose_percent, answer.total.session_percent, answer.total.band) == (
        None,
        None,
        None,
    )
    assert (answer.lines, answer.weeks, answer.lowest_line) == ([], [], None)
