"""The twelve worked examples of domain.md section 6, by the oracle and by the SQL."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from sessions import adherence as sql
from tests.unit.sessions import oracle
from tests.unit.sessions.histories import place, store
from tests.unit.sessions.oracle import History, Line, Pause, Result, Row, Session

MON, TUE, WED, THU, FRI, SAT, SUN = (dt.date(2026, 11, day) for day in range(9, 16))
WEEK = (MON, TUE, WED, THU, FRI, SAT, SUN)
ALL_OVER = dt.date(2026, 11, 22)
EVERY_DAY = frozenset(range(1, 8))
LONG_AGO = dt.date(2026, 10, 1)


def weekdays(days, targets, sets, *, side="both", per_day=1, first=LONG_AGO, until=None):
    return Row(first, until, targets, sets, side, "weekdays", frozenset(days), per_day)


def per_week(times, targets, sets, *, side="both", first=LONG_AGO, until=None):
    return Row(first, until, targets, sets, side, "times_per_week", per_week=times)


def logged(on, *repetitions, side="both", stop=False):
    sets = tuple((each,) for each in repetitions)
    return Session(on, (Result(0, side, sets, asks_to_stop=stop),))


def one_line(*rows, measure="repetitions", **rest):
    return History((Line(rows, measure=measure),), **rest)


THREE_TENS = weekdays({1, 3, 5}, (10,), 3)
TWO_TENS_A_WEEK = per_week(3, (10,), 2, until=THU)

EXAMPLES = {
    "1: part of a session counts as part": (
        one_line(THREE_TENS, sessions=(logged(MON, 10, 10, 10), logged(WED, 10, 5))),
        ("9/2", 9, 2, 3),
    ),
    "2: thirty in one set is one set": (
        one_line(THREE_TENS, sessions=(logged(MON, 30),)),
        (1, 9, 1, 3),
    ),
    "3: what is done on another day is extra": (
        one_line(THREE_TENS, sessions=(logged(TUE, 10, 10, 10),)),
        (0, 9, 0, 3),
    ),
    "4: each side counts by itself": (
        one_line(
            per_week(3, (5, 20), 2, side="each"),
            measure="hold",
            sessions=(
                Session(TUE, (Result(0, "left", ((5, 20),) * 2), Result(0, "right", ((5, 20),)))),
                Session(
                    SAT, (Result(0, "left", ((5, 20),) * 2), Result(0, "right", ((5, 20),) * 2))
                ),
            ),
        ),
        (7, 12, 2, 3),
    ),
    "5: a stay in hospital lowers the quota": (
        one_line(
            per_week(5, (600,), 1),
            measure="duration",
            pauses=(Pause(FRI, SUN, "hospital"),),
            sessions=(logged(MON, 600), logged(TUE, 300), logged(FRI, 600)),
        ),
        ("3/2", 3, 2, 3),
    ),
    "6: a dose that rises in mid-week": (
        one_line(
            weekdays(EVERY_DAY, (10,), 2, until=THU),
            weekdays(EVERY_DAY, (10,), 3, first=THU),
            sessions=tuple(logged(day, 10, 10) for day in WEEK),
        ),
        (14, 18, 7, 7),
    ),
    "7: twice a day, and two sets in one session": (
        one_line(
            weekdays(EVERY_DAY, (10,), 1, per_day=2),
            sessions=(logged(MON, 10), logged(MON, 10), logged(TUE, 10, 10)),
        ),
        (4, 14, 3, 14),
    ),
    "8: as needed asks for nothing": (
        one_line(
            Row(LONG_AGO, None, (10,), 3, "both", "as_needed"),
            sessions=(logged(MON, 10, 10, 10), logged(TUE, 10)),
        ),
        (0, 0, 0, 0),
    ),
    "9: two rows of a line share one quota": (
        one_line(
            TWO_TENS_A_WEEK,
            per_week(3, (10,), 3, first=THU),
            sessions=(logged(MON, 10, 10), logged(TUE, 10, 10), logged(WED, 10, 10)),
        ),
        (6, 6, 3, 3),
    ),
    "10: twice a day on each side": (
        one_line(
            weekdays({1}, (5,), 2, side="each", per_day=2),
            sessions=(
                Session(MON, (Result(0, "left", ((5,),) * 4), Result(0, "right", ((5,),) * 4))),
            ),
        ),
        (8, 8, 1, 2),
    ),
    "11: what is not over is held against nobody": (
        one_line(THREE_TENS, sessions=(logged(MON, 10, 10, 10),)),
        (3, 3, 1, 1),
    ),
    "12: told to stop on Friday": (
        one_line(
            weekdays(EVERY_DAY, (10,), 1, per_day=2),
            sessions=(
                *(logged(day, 10) for day in (MON, TUE, WED, THU, SAT, SUN) for _ in range(2)),
                logged(FRI, 10, stop=True),
            ),
        ),
        (13, 13, 13, 13),
    ),
}
TODAY = {name: TUE if name.startswith("11") else ALL_OVER for name in EXAMPLES}


def figures(sums):
    return (sums.credited, sums.prescribed, sums.done, sums.expected)


def exact(expected):
    credited, *rest = expected
    return (Fraction(credited), *rest)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_oracle_agrees_with_the_worked_example(name):
    history, expected = EXAMPLES[name]

    sums = oracle.total(oracle.line_weeks(history, MON, SUN, TODAY[name]))

    assert figures(sums) == exact(expected)


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_sql_agrees_with_the_worked_example(name):
    history, expected = EXAMPLES[name]
    ana = store(place(), history).patient

    answer = sql.adherence(patient_id=ana.pk, first=MON, last=SUN, today=TODAY[name])

    assert figures(answer.sums) == exact(expected)


@pytest.mark.django_db
def test_every_example_at_once_is_every_example_by_itself():
    harbour = place()
    by_patient = {
        store(harbour, history).patient.pk: (name, expected)
        for name, (history, expected) in EXAMPLES.items()
        if TODAY[name] == ALL_OVER
    }

    rows = sql.line_weeks(
        patient_ids=list(by_patient),
        first=MON,
        last=SUN,
        today_by_zone={"Europe/Lisbon": ALL_OVER},
    )

    seen = {
        name: figures(sql.add(row.sums for row in rows if row.patient_id == key))
        for key, (name, _expected) in by_patient.items()
    }
    assert seen == {name: exact(expected) for name, expected in by_patient.values()}


@pytest.mark.parametrize(
    ("name", "dose", "percent", "band"),
    [
        ("1: part of a session counts as part", Fraction(1, 2), 50, "slipping"),
        ("2: thirty in one set is one set", Fraction(1, 9), 11, "off_track"),
        ("6: a dose that rises in mid-week", Fraction(7, 9), 77, "slipping"),
        ("9: two rows of a line share one quota", Fraction(1), 100, "on_track"),
        ("8: as needed asks for nothing", None, None, None),
    ],
)
@pytest.mark.django_db
def test_the_shown_figure_is_rounded_down_and_banded_from_the_exact_one(name, dose, percent, band):
    ana = store(place(), EXAMPLES[name][0]).patient

    answer = sql.adherence(patient_id=ana.pk, first=MON, last=SUN, today=ALL_OVER)

    assert answer.sums.dose == dose
    assert answer.sums.percent == percent
    assert answer.sums.band == band
