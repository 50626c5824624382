"""The tour's own arithmetic, against the worked examples and by the words of the rules."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from tests.tour.figures import Diary, Done, Row, Session, credit

MONDAY = dt.date(2026, 11, 16)
AFTERWARDS = dt.date(2026, 11, 30)
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
MON, TUE, WED, THU, FRI, SAT, SUN = (MONDAY + dt.timedelta(days=n) for n in range(7))
PRESS = ("press", "both")


def row(sets=3, target=(10,), side="both", first=MONDAY, last=None, **schedule):
    return Row(
        line="press", first=first, last=last, sets=sets, target=target, side=side, **schedule
    )


def did(day, *sets, side="both", **more):
    return Session(day=day, done=(Done("press", side, tuple((one,) for one in sets)),), **more)


def held(day, left=0, right=0):
    """Full sets of 5 repetitions, held 20 seconds, on each side."""
    full = (5, 20)
    done = (Done("press", "left", (full,) * left), Done("press", "right", (full,) * right))
    return Session(day=day, done=done)


def diary(rows, sessions=(), *, today=AFTERWARDS, pauses=(), holds=()):
    return Diary(
        today=today,
        rows=list(rows),
        sessions=list(sessions),
        pauses=list(pauses),
        holds=list(holds),
    )


def figures(of):
    week = of.of_week(MONDAY)
    return (week.credited, week.prescribed), (week.done, week.expected)


THREE_DAYS = {"weekdays": (1, 3, 5)}
HALF = Fraction(1, 2)
EXAMPLES = [
    pytest.param(
        diary([row(**THREE_DAYS)], [did(MON, 10, 10, 10), did(WED, 10, 5)]),
        ((4 + HALF, 9), (2, 3)),
        id="1 fixed weekdays",
    ),
    pytest.param(
        diary([row(**THREE_DAYS)], [did(MON, 30)]), ((1, 9), (1, 3)), id="2 thirty in one set"
    ),
    pytest.param(
        diary([row(**THREE_DAYS)], [did(TUE, 10, 10, 10)]), ((0, 9), (0, 3)), id="3 another day"
    ),
    pytest.param(
        diary(
            [row(sets=2, target=(5, 20), side="each", per_week=3)],
            [held(TUE, left=2, right=1), held(SAT, left=2, right=2)],
        ),
        ((7, 12), (2, 3)),
        id="4 each side, three days a week",
    ),
    pytest.param(
        diary(
            [row(sets=1, target=(600,), per_week=5)],
            [did(MON, 600), did(TUE, 300), did(FRI, 600)],
            pauses=[(FRI, SUN)],
        ),
        ((1 + HALF, 3), (2, 3)),
        id="5 in hospital from Friday",
    ),
    pytest.param(
        diary(
            [
                row(sets=2, last=WED, weekdays=EVERY_DAY),
                row(sets=3, first=THU, weekdays=EVERY_DAY),
            ],
            [did(day, 10, 10) for day in (MON, TUE, WED, THU, FRI, SAT, SUN)],
        ),
        ((14, 18), (7, 7)),
        id="6 revised on Thursday",
    ),
    pytest.param(
        diary(
            [row(sets=1, weekdays=EVERY_DAY, per_day=2)],
            [did(MON, 10), did(MON, 10), did(TUE, 10, 10)],
        ),
        ((4, 14), (3, 14)),
        id="7 twice a day",
    ),
    pytest.param(diary([row()], [did(MON, 10)]), ((0, 0), (0, 0)), id="8 as needed"),
    pytest.param(
        diary(
            [row(sets=2, last=WED, per_week=3), row(sets=3, first=THU, per_week=3)],
            [did(day, 10, 10) for day in (MON, TUE, WED)],
        ),
        ((6, 6), (3, 3)),
        id="9 a revised quota",
    ),
    pytest.param(
        diary(
            [row(sets=2, target=(5, 20), side="each", weekdays=(1,), per_day=2)],
            [held(MON, left=4, right=4)],
        ),
        ((8, 8), (1, 2)),
        id="10 all of a day in one session",
    ),
    pytest.param(
        diary([row(**THREE_DAYS)], [did(MON, 10, 10, 10)], today=TUE),
        ((3, 3), (1, 1)),
        id="11 today is Tuesday",
    ),
    pytest.param(
        diary(
            [row(sets=1, weekdays=EVERY_DAY, per_day=2)],
            [
                *(did(day, 10) for day in (MON, TUE, WED, THU, SAT, SUN) for _again in range(2)),
                did(FRI, 10, stopped=("press",)),
            ],
        ),
        ((13, 13), (13, 13)),
        id="12 stopped on Friday",
    ),
]


@pytest.mark.parametrize(("of", "expected"), EXAMPLES)
def test_worked_example(of, expected):
    assert figures(of) == expected


def test_nothing_prescribed_is_neither_none_nor_all_of_it():
    week = diary([row()], [did(MON, 10)]).of_week(MONDAY)

    assert (week.dose, week.session, week.band, week.percent) == (None, None, None, None)


@pytest.mark.parametrize(
    ("credited", "band", "percent"),
    [
        (Fraction(4, 5), "on_track", 80),
        (Fraction(799, 1000), "slipping", 79),
        (Fraction(1, 2), "slipping", 50),
        (Fraction(499, 1000), "off_track", 49),
    ],
)
def test_bands_are_made_of_the_exact_share(credited, band, percent):
    sums = figures_of_share(credited)

    assert (sums.band, sums.percent) == (band, percent)


def figures_of_share(share):
    of = diary([row(sets=1, target=(1000,), weekdays=(1,))], [did(MON, int(share * 1000))])
    return of.of_week(MONDAY)


def test_a_hold_is_credited_for_repetitions_and_seconds():
    asked = row(target=(4, 20))

    assert credit((2, 10), asked) == Fraction(1, 4)
    assert credit((8, 40), asked) == 1
    assert credit((4, 0), asked) == 0


def test_the_first_day_of_a_safety_hold_is_excused_and_the_rest_of_it_paused():
    of = diary(
        [row(sets=1, weekdays=EVERY_DAY)],
        [did(MON, 10), did(WED, 10), did(THU, 10)],
        holds=[(WED, THU)],
    )

    # Monday and Wednesday done; Tuesday, Friday, Saturday and Sunday missed; Thursday is extra.
    assert figures(of) == ((2, 6), (2, 6))


def test_a_safety_hold_that_ended_on_its_first_day_still_excuses_it():
    of = diary([row(sets=1, weekdays=EVERY_DAY)], [did(MON, 10)], holds=[(TUE, MON)])

    assert figures(of) == ((1, 6), (1, 6))


def test_an_excused_day_counts_for_a_quota_only_if_something_was_done():
    stop = Session(day=TUE, done=(), stops=True)
    rows = [row(sets=1, per_week=6)]

    # 6 of 7 days: floor(36 ÷ 7 + 1/2) = 5.
    assert diary(rows, [stop]).quota("press", MONDAY).expected == 5
    assert diary(rows, [stop, did(TUE, 10)]).quota("press", MONDAY).expected == 6


def test_what_is_left_today_says_how_often():
    rows = [row(sets=1, weekdays=EVERY_DAY, per_day=3)]

    assert diary(rows, [did(WED, 10)], today=WED).left_today() == {"press": 2}
    assert diary(rows, [did(WED, 10, stops=True)], today=WED).left_today() == {}
    assert diary(rows, today=WED, pauses=[(WED, None)]).left_today() == {}
    assert diary([row(weekdays=(1,))], today=WED).left_today() == {}


def test_a_quota_is_left_today_until_it_is_done_today_or_this_week():
    rows = [row(sets=1, per_week=2)]

    assert diary(rows, [did(MON, 10)], today=WED).left_today() == {"press": 1}
    assert diary(rows, [did(WED, 1)], today=WED).left_today() == {}
    assert diary(rows, [did(MON, 10), did(TUE, 10)], today=WED).left_today() == {}


@pytest.mark.parametrize(
    ("days", "today", "length"),
    [
        pytest.param([MON, TUE], WED, 2, id="today may still join"),
        pytest.param([MON, TUE, WED], WED, 3, id="today joins once complete"),
        pytest.param([MON, WED], THU, 1, id="a missed day ends it"),
        pytest.param([MON], WED, 0, id="after a missed day there is none"),
    ],
)
def test_a_streak_is_the_run_that_stands(days, today, length):
    rows = [row(sets=1, weekdays=EVERY_DAY)]

    assert diary(rows, [did(day, 10) for day in days], today=today).streak() == length


def test_paused_and_excused_days_neither_break_nor_lengthen_a_streak():
    rows = [row(sets=1, weekdays=EVERY_DAY)]
    sessions = [did(MON, 10), Session(day=WED, done=(), stops=True), did(THU, 10)]

    assert diary(rows, sessions, today=FRI, pauses=[(TUE, TUE)]).streak() == 2


def test_the_dose_is_everything_that_was_logged_and_days_are_those_with_something_done():
    of = diary([row()], [did(MON, 10, 0), did(MON, 8), did(TUE, 0), did(AFTERWARDS, 10)])

    assert of.logged("press", [MONDAY]) == [(10,), (0,), (8,), (0,)]
    assert of.days_with_sets(MONDAY) == 1


# ---- A week in words -----------------------------------------------------------------------------

THRICE = {"weekdays": (1, 3, 5)}
WORDS = {
    "nothing done": (diary([row(**THRICE)]), "not rest not rest not rest rest"),
    "all done": (
        diary([row(**THRICE)], [did(MON, 10), did(WED, 1), did(FRI, 30)]),
        "done rest done rest done rest rest",
    ),
    "one of two times": (
        diary([row(weekdays=(1, 2), per_day=2)], [did(MON, 10), did(TUE, 10), did(TUE, 10)]),
        "part done rest rest rest rest rest",
    ),
    "zeros": (diary([row(weekdays=(1,))], [did(MON, 0)]), "not rest rest rest rest rest rest"),
    "paused": (
        diary([row(weekdays=EVERY_DAY)], [did(MON, 10)], pauses=[(TUE, SAT)]),
        "done paused paused paused paused paused not",
    ),
    "a hold from Tuesday": (
        diary([row(weekdays=EVERY_DAY)], [did(MON, 10)], holds=[(TUE, THU)]),
        "done rest paused paused not not not",
    ),
    "the app said stop": (
        diary([row(weekdays=EVERY_DAY)], [did(MON, 10, stops=True), did(TUE, 10)]),
        "rest done not not not not not",
    ),
    "three times a week": (
        diary([row(per_week=3)], [did(TUE, 10), did(SUN, 10)]),
        "rest done rest rest rest rest done",
    ),
    "three times a week, and on Tuesday the app said stop": (
        diary([row(per_week=3)], [did(TUE, 10, stops=True), did(SUN, 10)]),
        "rest rest rest rest rest rest done",
    ),
}


@pytest.mark.parametrize(("of", "words"), WORDS.values(), ids=WORDS)
def test_each_day_in_a_word(of, words):
    said = [of.word(MONDAY + dt.timedelta(days=number)) for number in range(7)]

    assert said == words.replace("not", "not_done").split()


def test_times_and_days_of_a_week():
    of = diary([row(per_week=3)], [did(TUE, 10), did(SUN, 10)])

    assert of.times_of_week(MONDAY) == (2, 3)
    assert [of.has_done_something(day) for day in (MON, TUE, SUN)] == [False, True, True]
    assert not any(of.is_asked(MONDAY + dt.timedelta(days=number)) for number in range(7))
