from __future__ import annotations

from fractions import Fraction

import pytest

from sessions.day_state import day_state, day_states
from tests.unit.sessions.histories import place, store, store_many
from tests.unit.sessions.oracle import Check, History, Pause, Result, Row, Session
from tests.unit.sessions.prescribed import MON, TUE, WED, daily, done, lines, weekly


def day_of(history, day):
    ana = store(place(), history)
    return day_state(patient_id=ana.patient.pk, day=day)


@pytest.mark.parametrize(
    ("history", "day", "is_due"),
    [
        (History(lines(daily(per_day=2))), TUE, True),
        (History(lines(daily(per_day=2)), (done(TUE, 10),)), TUE, True),
        (History(lines(daily(per_day=2)), (done(TUE, 10), done(TUE, 10))), TUE, False),
        (History(lines(daily()), (), (Pause(TUE, WED),)), TUE, False),
        (History(lines(daily()), checks=(Check(TUE),)), TUE, False),
        (History(lines(weekly(2))), TUE, True),
        (History(lines(weekly(2)), (done(TUE, 10),)), TUE, False),
        (History(lines(weekly(2)), (done(MON, 10),)), TUE, True),
        (History(lines(weekly(2)), (done(MON, 10), done(TUE, 10))), WED, False),
        (History(lines(weekly(2)), (done(MON, 0), done(TUE, 10))), WED, True),
        (History(lines(weekly(2)), (), (Pause(TUE, TUE),)), TUE, False),
        (History(lines(Row(MON, None, (10,), 1, "both", "as_needed"))), TUE, False),
    ],
)
@pytest.mark.django_db
def test_what_is_due_on_a_day(history, day, is_due):
    [line] = day_of(history, day)

    assert line.is_due is is_due


@pytest.mark.django_db
def test_a_day_says_what_it_asks_for_and_what_it_got():
    each = daily(sets=2, per_day=2, side="each")
    history = History(
        lines(each, weekly(3, sets=3)),
        (
            Session(TUE, (Result(0, "left", ((10,), (5,))), Result(0, "right", ((10,),)))),
            done(TUE, 10, 10, line=0, side="both"),
            done(MON, 10, line=1),
        ),
    )

    ana = store(place(), history)

    days = {each.line_id: each for each in day_state(patient_id=ana.patient.pk, day=TUE)}

    fixed, quota = (days[line.pk] for line in ana.lines)
    assert (fixed.expected, fixed.done, fixed.prescribed) == (2, 1, 8)
    assert (fixed.credited, fixed.sets_logged) == (Fraction(5, 2), 3)
    assert (fixed.week_expected, fixed.week_done) == (None, None)
    assert (quota.expected, quota.done, quota.prescribed) == (0, 0, 3)
    assert (quota.week_expected, quota.week_done) == (3, 1)


@pytest.mark.django_db
def test_a_day_outside_a_line_does_not_name_it():
    assert day_of(History(lines(daily(until=TUE))), TUE) == []


@pytest.mark.django_db
def test_a_day_takes_one_statement(django_assert_num_queries):
    ana = store(place(), History(lines(daily(), weekly(3)))).patient

    with django_assert_num_queries(1):
        day_state(patient_id=ana.pk, day=TUE)


@pytest.mark.django_db
def test_many_patients_are_asked_in_one_statement(django_assert_num_queries):
    [two, none] = store_many(
        place(), [History(lines(daily(), weekly(3)), (done(TUE, 10),)), History(lines())]
    )
    asked = {two.patient.pk, none.patient.pk}

    with django_assert_num_queries(1):
        found = day_states(patient_ids=asked, day=TUE)

    assert found == {two.patient.pk: day_state(patient_id=two.patient.pk, day=TUE)}
    assert len(found[two.patient.pk]) == 2
