"""The weeks of many patients out of the database, against examples and a plain second definition."""

from __future__ import annotations

from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.tenancy import set_clinic
from reminders.week_reading import weeks_of
from reminders.week_words import NO_WEEK, day_words, run_within
from sessions.patient_weeks import figures_of
from sessions.streak import streaks_of
from tests.factories import people
from tests.unit.sessions import oracle
from tests.unit.sessions.generated import STARTS, history
from tests.unit.sessions.histories import place, store, store_many
from tests.unit.sessions.oracle import DAY, Check, History, Line, Pause, Result, Session
from tests.unit.sessions.prescribed import (
    FRI,
    MON,
    SAT,
    SUN,
    THU,
    TUE,
    WED,
    daily,
    done,
    lines,
    weekly,
)

pytestmark = pytest.mark.django_db

WEEK = 7 * DAY
BEFORE, AFTER = MON - WEEK, MON + WEEK
LONG_BEFORE = MON - 10 * WEEK
EVERY_DAY = [MON + number * DAY for number in range(7)]


def words(history: History) -> list[str]:
    ana = store(place(), history).patient
    return day_words(weeks_of(patient_ids=[ana.pk], monday=MON)[ana.pk].week)


def weeks(history: History):
    ana = store(place(), history).patient
    return weeks_of(patient_ids=[ana.pk], monday=MON)[ana.pk]


WEEKS = {
    "nothing prescribed": (History(()), ["rest"] * 7),
    "nothing done": (History(lines(daily())), ["not_done"] * 7),
    "every day": (
        History(lines(daily()), tuple(done(day, 10) for day in EVERY_DAY)), ["done"] * 7,
    ),
    "one repetition is a session": (
        History(lines(daily()), (done(MON, 1),)), ["done", *["not_done"] * 6],
    ),
    "only zeros are none": (History(lines(daily()), (done(MON, 0),)), ["not_done"] * 7),
    "one of two lines": (
        History(lines(daily(), daily()), (done(MON, 10), done(TUE, 10), done(TUE, 10, line=1))),
        ["part", "done", *["not_done"] * 5],
    ),
    "one of two times": (
        History(lines(daily(per_day=2)), (done(MON, 10), done(TUE, 10), done(TUE, 10))),
        ["part", "done", *["not_done"] * 5],
    ),
    "one side of each is a session": (
        History(lines(daily(side="each")), (done(MON, 10, side="left"),)),
        ["done", *["not_done"] * 6],
    ),
    "a side that is not prescribed is none": (
        History(lines(daily(side="left")), (done(MON, 10, side="right"),)), ["not_done"] * 7,
    ),
    "what was held, refused or withdrawn is none": (
        History(
            lines(daily()),
            (
                done(MON, 10, status="held"), done(TUE, 10, status="refused"),
                done(WED, 10, status="withdrawn"),
            ),
        ),
        ["not_done"] * 7,
    ),
    "the app said stop": (
        History(lines(daily()), (), (), (Check(TUE),)),
        ["not_done", "rest", *["not_done"] * 5],
    ),
    "the app said: stop this one": (
        History(
            lines(daily(), daily()),
            (
                Session(MON, (Result(0, "both", ((5,),), asks_to_stop=True),)),
                Session(TUE, (Result(0, "both", ((5,),), asks_to_stop=True),)),
                done(MON, 10, line=1),
            ),
        ),
        ["done", "part", *["not_done"] * 5],
    ),
    "paused from Wednesday to Friday": (
        History(lines(daily()), (done(MON, 10), done(WED, 10)), (Pause(WED, FRI),)),
        ["done", "not_done", "paused", "paused", "paused", "not_done", "not_done"],
    ),
    "the first day of a safety hold is excused, the next ones are paused": (
        History(lines(daily()), (done(MON, 10),), (Pause(TUE, None, "safety_hold"),)),
        ["done", "rest", *["paused"] * 5],
    ),
    "a quota": (
        History(lines(weekly(3)), (done(TUE, 10), done(SAT, 10))),
        ["rest", "done", "rest", "rest", "rest", "done", "rest"],
    ),
    "a quota on a day on which the app said stop": (
        History(lines(weekly(3)), (done(TUE, 10, red_flag=True), done(SAT, 10))),
        ["rest", "rest", "rest", "rest", "rest", "done", "rest"],
    ),
    "a quota on a paused day": (
        History(lines(weekly(3)), (done(TUE, 10),), (Pause(TUE, TUE),)),
        ["rest", "paused", *["rest"] * 5],
    ),
    "begins on Thursday, ends on Saturday": (
        History((Line((daily(MON),), starts_on=THU, ends_on=SAT),), (done(FRI, 10),)),
        ["rest", "rest", "rest", "not_done", "done", "not_done", "rest"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "expected"), WEEKS.values(), ids=WEEKS)
def test_a_week(asked, expected):
    assert words(asked) == expected


def test_counts_of_a_week_with_both_schedules():
    """Daily and three times a week: six days of seven done, two times of three, seven sessions."""
    sessions = [done(day, 10) for day in EVERY_DAY[:6]]
    sessions += [done(TUE, 10, line=1), done(SUN, 10, line=1), done(SUN, 10, status="held")]
    week = weeks(History(lines(daily(), weekly(3)), tuple(sessions))).week

    assert (week.days_done, week.days_due) == (6, 7)
    assert (week.times_done, week.times_expected) == (2, 3)
    assert week.sessions == 8
    assert day_words(week) == [*["done"] * 6, "part"]


WHOLE = {
    "nothing prescribed": (History(()), True),
    "nothing done": (History(lines(daily())), False),
    "all of it": (History(lines(daily()), tuple(done(day, 10) for day in EVERY_DAY)), True),
    "one of ten, each day": (
        History(lines(daily()), tuple(done(day, 1) for day in EVERY_DAY)), False,
    ),
    "one repetition too few in all": (
        History(lines(daily()), (*(done(day, 10) for day in EVERY_DAY[:6]), done(SUN, 9))), False,
    ),
    "more on one day makes up for no other": (
        History(lines(daily()), (*(done(day, 20) for day in EVERY_DAY[:6]), done(SUN, 9))), False,
    ),
    "one side of each": (
        History(lines(daily(side="each")), tuple(done(day, 10, side="left") for day in EVERY_DAY)),
        False,
    ),
    "a quota": (History(lines(weekly(2)), (done(TUE, 10), done(SAT, 10))), True),
    "a quota, one of ten once": (History(lines(weekly(2)), (done(TUE, 10), done(SAT, 1))), False),
    "of two lines all, and of the other half": (
        History(
            lines(daily(), weekly(1)),
            (*(done(day, 10) for day in EVERY_DAY), done(SUN, 5, line=1)),
        ),
        False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "is_whole"), WHOLE.values(), ids=WHOLE)
def test_whether_all_that_was_prescribed_was_done(asked, is_whole):
    assert weeks(asked).week.is_dose_whole is is_whole


def test_the_weeks_on_both_sides():
    """Sunday before and Monday after are of other weeks; what is further away is of none."""
    days = (BEFORE - DAY, BEFORE, MON - DAY, MON, SUN, AFTER)
    found = weeks(History(lines(daily(LONG_BEFORE)), tuple(done(day, 10) for day in days)))

    assert day_words(found.before) == ["done", *["not_done"] * 5, "done"]
    assert day_words(found.week) == ["done", *["not_done"] * 5, "done"]
    assert (found.before.sessions, found.week.sessions) == (2, 2)
    assert found.after.due == found.after.planned == 127


@pytest.mark.parametrize(
    ("rows", "is_same"),
    [
        ((daily(LONG_BEFORE),), True),
        ((daily(WED),), True),
        ((daily(MON, WED), daily(WED, sets=2)), True),
        ((daily(MON, AFTER), daily(AFTER, sets=2)), False),
        ((daily(MON, AFTER + 3 * DAY), daily(AFTER + 3 * DAY, sets=2)), False),
        ((daily(MON, AFTER + 3 * DAY),), False),
        ((daily(MON, AFTER),), False),
        ((daily(AFTER),), False),
    ],
)
def test_whether_the_plan_goes_on(rows, is_same):
    """The same: the rows that are in force on Sunday, all of the next week, and no other."""
    found = weeks(History((Line(rows),)))
    now, then = found.week, found.after

    assert ((now.last_rows, now.last_planned) == (then.rows, then.planned)) == is_same


def test_a_second_line_from_monday_on_is_a_change():
    found = weeks(History(lines(daily(), weekly(3, first=AFTER))))

    assert found.week.last_rows != found.after.rows
    assert found.after.times_expected == 3


def test_one_patient_is_told_nothing_of_another():
    harbour = place()
    [ana, eva] = store_many(
        harbour, [History(lines(daily()), (done(MON, 10),)), History(lines(daily()))]
    )
    mountain = people.clinic("Mountain Clinic")

    both = weeks_of(patient_ids=[ana.patient.pk, eva.patient.pk], monday=MON)
    set_clinic(mountain.pk)
    elsewhere = weeks_of(patient_ids=[ana.patient.pk], monday=MON)

    assert [each.week.days_done for each in both.values()] == [1, 0]
    assert elsewhere[ana.patient.pk].week == NO_WEEK


def test_as_many_statements_for_many_as_for_one():
    kept = store_many(place(), [History(lines(daily()), (done(MON, 10),))] * 20)
    ids = [each.patient.pk for each in kept]

    counts = []
    for some in (ids[:1], ids):
        with CaptureQueriesContext(connection) as captured:
            weeks_of(patient_ids=some, monday=MON)
        counts.append(len(captured))

    assert counts[0] == counts[1]


# ---- Against the oracle, and against adherence ---------------------------------------------------


def word_by_oracle(asked: History, day) -> str:
    """One day, one line after the other, by the text of the domain."""
    if oracle.is_paused(asked, day):
        return "paused"
    has_asked = is_missing = has_some = has_quota = False
    for number, line in enumerate(asked.lines):
        row = oracle.row_that_binds(line, day)
        if row is None:
            continue
        if row.schedule == "times_per_week":
            earned = oracle.credits_by_session(asked, number, day, row)
            is_done = oracle.capped(earned, row, 1) > 0
            has_quota |= is_done and not oracle.is_excused(asked, number, day)
        elif row.schedule == "weekdays" and day.isoweekday() in row.weekdays:
            whole, _lenient = oracle.weekdays_day(asked, number, day, row)
            has_some |= whole.done > 0
            if not oracle.is_excused(asked, number, day):
                has_asked = True
                is_missing |= whole.done < whole.expected
    if has_asked and is_missing:
        return "part" if has_some or has_quota else "not_done"
    return "done" if has_asked or has_quota else "rest"


@pytest.mark.parametrize("seed", range(12))
def test_weeks_made_up_at_random(seed):
    random = Random(seed)
    start = random.choice(STARTS)
    monday = start + random.randint(0, 3) * WEEK
    histories = [history(random, start) for _ in range(50)]
    kept = store_many(place(), histories)
    ids = [each.patient.pk for each in kept]
    figures = figures_of(patient_ids=ids, weeks=[monday])
    runs = streaks_of(patient_ids=ids, today_by_zone={"Europe/Lisbon": monday + WEEK})

    found = weeks_of(patient_ids=ids, monday=monday)

    for asked, each in zip(histories, kept, strict=True):
        of_ana = found[each.patient.pk]
        for first, facts in ((monday - WEEK, of_ana.before), (monday, of_ana.week)):
            expected = [word_by_oracle(asked, first + number * DAY) for number in range(7)]
            assert day_words(facts) == expected, asked
        week, of_week = of_ana.week, figures[each.patient.pk, monday]
        assert week.sessions == sum(
            session.status == "counted" and monday <= session.on < monday + WEEK
            for session in asked.sessions
        )
        # All that adherence expects was done, just where no day and no quota lacks anything.
        lacks_nothing = not week.missed and week.times_done == week.times_expected
        assert lacks_nothing == (of_week.done == of_week.expected), asked
        sums = oracle.total(oracle.line_weeks(asked, monday, monday + 6 * DAY, monday + WEEK))
        assert week.is_dose_whole is (sums.credited == sums.prescribed), asked
        run = runs.get(each.patient.pk)
        has_gone_on = any(monday + WEEK == session.on for session in asked.sessions)
        if week.missed and run and run.unit == "days" and not has_gone_on:
            assert run_within(week) == run.length, asked
