from __future__ import annotations

import datetime as dt

import pytest

from core.tenancy import set_clinic
from sessions.adherence import ZoneWithoutToday
from sessions.streak import Streak, streak, streaks_of
from tests.factories import people
from tests.unit.sessions import oracle_streak
from tests.unit.sessions.histories import place, store, store_many
from tests.unit.sessions.oracle import DAY, Check, History, Line, Pause, Result, Row, Session

MON, TUE, WED, THU, FRI, SAT, SUN = (dt.date(2026, 11, day) for day in range(9, 16))
NEXT_MON = dt.date(2026, 11, 16)
EVERY_DAY = frozenset(range(1, 8))


def daily(first=MON, until=None, days=EVERY_DAY, per_day=1):
    return Row(first, until, (10,), 1, "both", "weekdays", frozenset(days), per_day)


def weekly(times, first=MON, until=None):
    return Row(first, until, (10,), 1, "both", "times_per_week", per_week=times)


def as_needed(first=MON, until=None):
    return Row(first, until, (10,), 1, "both", "as_needed")


def done(*days, line=0, **session):
    return tuple(Session(day, (Result(line, "both", ((10,),)),), **session) for day in days)


def lines(*rows):
    return tuple(Line((row,)) for row in rows)


def run(length, unit="days"):
    return Streak(unit=unit, length=length)


CASES = {
    "nothing logged yet": (History(lines(daily())), THU, run(0)),
    "every day until yesterday, today open": (
        History(lines(daily()), done(MON, TUE, WED)), THU, run(3),
    ),
    "today joins once it is done": (
        History(lines(daily()), done(MON, TUE, WED, THU)), THU, run(4),
    ),
    "today joins only when both lines are done": (
        History(lines(daily(), daily()), done(MON, TUE) + done(MON, line=1)), TUE, run(1),
    ),
    "one of two times today is not today": (
        History(lines(daily(per_day=2)), done(MON, MON, TUE)), TUE, run(1),
    ),
    "twice today is today": (
        History(lines(daily(per_day=2)), done(MON, MON, TUE, TUE)), TUE, run(2),
    ),
    "one missed day ends a run, the next one starts another": (
        History(lines(daily()), done(MON, TUE, THU, FRI)), SAT, run(2),
    ),
    "yesterday missed": (History(lines(daily()), done(MON, TUE)), THU, run(0)),
    "a missed second line breaks the day": (
        History(lines(daily(), daily()), done(MON, TUE, WED) + done(MON, WED, line=1)), THU, run(1),
    ),
    "part of a dose is done": (
        History(lines(daily()), (Session(MON, (Result(0, "both", ((1,),)),)),)), TUE, run(1),
    ),
    "only zeros are not done": (
        History(lines(daily()), (Session(MON, (Result(0, "both", ((0,),)),)),)), TUE, run(0),
    ),
    "days off neither break nor lengthen": (
        History(lines(daily(days={1, 3, 5})), done(MON, WED, FRI, TUE)), SUN, run(3),
    ),
    "a pause neither breaks nor lengthens": (
        History(lines(daily()), done(MON, THU, TUE), (Pause(TUE, WED),)), FRI, run(2),
    ),
    "an excused day without anything neither breaks nor lengthens": (
        History(lines(daily()), done(MON, WED), checks=(Check(TUE),)), THU, run(2),
    ),
    "an excused day lengthens by what was done of it": (
        History(lines(daily(per_day=2)), done(MON, MON, TUE, WED, WED), checks=(Check(TUE),)),
        THU, run(3),
    ),
    "told to stop today, half done: today waits": (
        History(lines(daily(per_day=2)), done(MON, MON, TUE), checks=(Check(TUE),)), TUE, run(1),
    ),
    "held, refused and withdrawn sessions are not done": (
        History(
            lines(daily()),
            done(MON) + done(TUE, status="held") + done(TUE, status="refused")
            + done(TUE, status="withdrawn"),
        ),
        WED, run(0),
    ),
    "a draft is not in force": (
        History((Line((daily(),), state="draft"),), done(MON)), TUE, None,
    ),
    "only as needed: no streak": (History(lines(as_needed()), done(MON, TUE)), WED, None),
    "nothing in force any more: no streak": (
        History(lines(daily(until=WED)), done(MON, TUE)), THU, None,
    ),
    "with fixed days in force, quotas do not matter": (
        History(lines(daily(), weekly(7)), done(MON, TUE)), WED, run(2),
    ),
    "the current week joins once complete": (
        History(lines(weekly(2)), done(MON, TUE)), TUE, run(1, "weeks"),
    ),
    "the current week is open and breaks nothing": (
        History(lines(weekly(2, first=MON)), done(MON, SUN, NEXT_MON)), NEXT_MON, run(1, "weeks"),
    ),
    "every line must reach its quota": (
        History(lines(weekly(2), weekly(1)), done(MON, TUE)), NEXT_MON, run(0, "weeks"),
    ),
    "every line reached its quota": (
        History(lines(weekly(2), weekly(1)), done(MON, TUE) + done(SUN, line=1)),
        NEXT_MON, run(1, "weeks"),
    ),
    "a week in hospital neither breaks nor lengthens": (
        History(
            lines(weekly(1)), done(MON, MON + 14 * DAY), (Pause(NEXT_MON, NEXT_MON + 6 * DAY),)
        ),
        MON + 14 * DAY, run(2, "weeks"),
    ),
    "from fixed days to a quota: weeks start anew, with the week of the change": (
        History(
            (Line((daily(MON, NEXT_MON + 2 * DAY), weekly(1, NEXT_MON + 2 * DAY))),),
            done(*(MON + n * DAY for n in range(10))),
        ),
        NEXT_MON + 3 * DAY, run(1, "weeks"),
    ),
    "from a quota to fixed days: days start anew": (
        History(
            (Line((daily(MON, WED), weekly(2, WED, FRI), daily(FRI))),),
            done(MON, TUE, WED, THU, FRI),
        ),
        FRI, run(1),
    ),
    "fixed days that begin later this week do not hold up its quota": (
        History(lines(weekly(1), daily(SAT)), done(MON)), TUE, run(1, "weeks"),
    ),
    "a quota line in force between two spells of fixed days is another unit": (
        History(
            (Line((weekly(1),)), Line((daily(MON, WED), daily(FRI)))),
            done(MON, TUE, FRI, SAT, line=1),
        ),
        SAT, run(2),
    ),
    "so it is where the quota ended before the fixed days began again": (
        History(
            (Line((weekly(1, WED, THU),)), Line((daily(MON, WED), daily(FRI)))),
            done(MON, TUE, FRI, SAT, line=1),
        ),
        SAT, run(2),
    ),
    "days with nothing in force are no change of unit": (
        History((Line((daily(MON, WED), daily(FRI))),), done(MON, TUE, FRI)), FRI, run(3),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.django_db
def test_the_streak(name):
    history, today, expected = CASES[name]
    ana = store(place(), history).patient

    assert streak(patient_id=ana.pk, today=today) == expected


@pytest.mark.parametrize("name", CASES)
def test_the_oracles_streak(name):
    history, today, expected = CASES[name]

    by_oracle = oracle_streak.streak(history, today)

    assert by_oracle == (expected and (expected.unit, expected.length))


@pytest.mark.parametrize("length", [27, 28, 29, 83, 84, 85, 400])
@pytest.mark.django_db
def test_a_long_run_is_counted_over_every_stretch_that_is_read(length):
    days = [MON + DAY * number for number in range(length)]
    missed = (Session(MON - DAY, ()),)
    history = History(lines(daily(first=MON - DAY)), done(*days) + missed)
    ana = store(place(), history).patient

    assert streak(patient_id=ana.pk, today=days[-1]) == run(length)
    assert streak(patient_id=ana.pk, today=days[-1] + DAY) == run(length)
    assert streak(patient_id=ana.pk, today=days[-1] + 2 * DAY) == run(0)


@pytest.mark.parametrize("length", [3, 4, 5, 12, 13, 60])
@pytest.mark.django_db
def test_a_long_run_of_weeks(length):
    days = [MON + 7 * DAY * number for number in range(length)]
    history = History(lines(weekly(1, first=MON - 7 * DAY)), done(*days))
    ana = store(place(), history).patient

    assert streak(patient_id=ana.pk, today=days[-1]) == run(length, "weeks")
    assert streak(patient_id=ana.pk, today=days[-1] + 13 * DAY) == run(length, "weeks")
    assert streak(patient_id=ana.pk, today=days[-1] + 14 * DAY) == run(0, "weeks")


@pytest.mark.django_db
def test_it_takes_one_statement_however_long_the_run(django_assert_num_queries):
    days = [MON + DAY * number for number in range(120)]
    ana = store(place(), History(lines(daily()), done(*days))).patient

    with django_assert_num_queries(1):
        streak(patient_id=ana.pk, today=days[-1])


@pytest.mark.django_db
def test_many_patients_each_have_their_own_today():
    harbour = place()
    history = History(lines(daily()), done(MON, TUE))
    ana = store(harbour, history, "Ana Silva", time_zone="Europe/Lisbon").patient
    keala = store(harbour, history, "Keala Kahale", time_zone="Pacific/Honolulu").patient
    zones = {"Europe/Lisbon": THU, "Pacific/Honolulu": WED}

    runs = streaks_of(patient_ids=[ana.pk, keala.pk], today_by_zone=zones)

    assert runs == {ana.pk: run(0), keala.pk: run(2)}


@pytest.mark.django_db
def test_a_zone_without_a_today_is_refused():
    ana = store(place(), History(lines(daily()))).patient

    with pytest.raises(ZoneWithoutToday):
        streaks_of(patient_ids=[ana.pk], today_by_zone={"Europe/Madrid": MON})


@pytest.mark.django_db
def test_all_means_all_of_the_clinic_alone():
    harbour = place()
    store_many(harbour, [History(lines(daily()), done(MON))] * 3)
    other = people.clinic("Mountain Clinic")
    zones = {"Europe/Lisbon": TUE}

    seen = list(streaks_of(patient_ids=None, today_by_zone=zones).values())
    set_clinic(other.pk)

    assert seen == [run(1)] * 3
    assert streaks_of(patient_ids=None, today_by_zone=zones) == {}
