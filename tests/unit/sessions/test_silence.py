"""The nightly rules: silence and low adherence, by hand and against a plain Python oracle."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from random import Random

import pytest

from core.tenancy import clinic_context
from sessions.alert_rules import no_contact_severity
from sessions.silence import Found, found_among, low_adherence, silences, watched_after
from sessions.thresholds import DEFAULTS
from tests.factories import people
from tests.unit.sessions import oracle
from tests.unit.sessions.generated import STARTS, history
from tests.unit.sessions.histories import place, store, store_many
from tests.unit.sessions.oracle import DAY, Check, History, Line, Pause, Row, Session
from tests.unit.sessions.prescribed import daily, done, lines, weekly
from tests.unit.sessions.said import tighter

pytestmark = pytest.mark.django_db

MON = dt.date(2026, 11, 9)


@pytest.fixture
def harbour():
    return place()


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12, 0, tzinfo=dt.UTC))


def silence(where, told: History, today: dt.date, limits=DEFAULTS, **patient) -> list[Found]:
    store(where, told, **patient)
    return list(silences(watched_after(None, most=50, now=noon(today)), limits))


def severity(found: list[Found]) -> str | None:
    return found[0].raised.severity if found else None


ONLY_MONDAYS = Row(MON, None, (10,), 1, "both", "weekdays", frozenset({1}), 1)
AS_NEEDED = Row(MON, None, (10,), 1, "both", "as_needed")
# what is prescribed, how many days after the first Monday, what was logged or paused → severity
SILENT = {
    "two expected days are not three": (lines(daily()), 2, {}, None),
    "the third expected day is not over": (lines(daily()), 2, {}, None),
    "three expected days": (lines(daily()), 3, {}, "medium"),
    "thirteen active days": (lines(daily()), 13, {}, "medium"),
    "fourteen active days": (lines(daily()), 14, {}, "high"),
    "twenty active days": (lines(daily()), 20, {}, "high"),
    "twenty-one active days": (lines(daily()), 21, {}, "critical"),
    "Mondays alone: two expected, thirteen active": (lines(ONLY_MONDAYS), 13, {}, None),
    "Mondays alone: fourteen active": (lines(ONLY_MONDAYS), 14, {}, "high"),
    "no fixed weekdays: six active days": (lines(weekly(3)), 6, {}, None),
    "no fixed weekdays: seven active days": (lines(weekly(3)), 7, {}, "medium"),
    "as needed: seven active days": (lines(AS_NEEDED), 7, {}, "medium"),
    "counted from the day after the last session": (
        lines(daily()), 4, {"sessions": (done(MON, 10),)}, "medium",
    ),
    "two days after the last session": (
        lines(daily()), 3, {"sessions": (done(MON, 10),)}, None,
    ),
    "a session today ends it": (
        lines(daily()), 21, {"sessions": (done(MON + 21 * DAY, 10),)}, None,
    ),
    "an all-skipped session is contact": (
        lines(daily()), 3, {"sessions": (Session(MON + 2 * DAY),)}, None,
    ),
    "a held session is contact": (
        lines(daily()), 3, {"sessions": (done(MON + 2 * DAY, 10, status="held"),)}, None,
    ),
    "a withdrawn session was contact": (
        lines(daily()), 3, {"sessions": (done(MON + 2 * DAY, 10, status="withdrawn"),)}, None,
    ),
    "paused days are not active": (
        lines(daily()), 5, {"pauses": (Pause(MON, MON + 2 * DAY),)}, None,
    ),
    "three days around a pause": (
        lines(daily()), 6, {"pauses": (Pause(MON + DAY, MON + 3 * DAY),)}, "medium",
    ),
    "a day on which the app said stop is not held against anybody": (
        lines(daily()), 3, {"checks": (Check(MON),)}, None,
    ),
    "nothing prescribed": ((), 60, {}, None),
    "a draft asks nobody": ((Line((daily(),), state="draft"),), 60, {}, None),
}  # fmt: skip


@pytest.mark.parametrize("name", SILENT)
def test_silence(harbour, name):
    prescribed, days, happened, expected = SILENT[name]

    found = silence(harbour, History(prescribed, **happened), MON + days * DAY)

    assert severity(found) == expected


def test_silence_says_since_when_and_how_long(harbour):
    [found] = silence(harbour, History(lines(daily()), (done(MON, 10),)), MON + 5 * DAY)

    because = found.raised.because
    assert (because.since, because.expected_days, because.active_days) == (MON, 4, 4)
    assert found.cause.startswith("no_contact:")
    assert found.cause.endswith(":medium")


def test_a_discharged_patient_is_left_alone(harbour):
    gone = {"status": "discharged", "discharged_on": MON}

    assert silence(harbour, History(lines(daily())), MON + 30 * DAY, **gone) == []


@pytest.mark.parametrize(
    ("zone", "expected"), [("Pacific/Kiritimati", "medium"), ("Pacific/Pago_Pago", None)]
)
def test_today_is_the_patients_own(harbour, zone, expected):
    """At noon in Greenwich it is Thursday in Kiritimati; in Pago Pago it is Wednesday, past midnight."""
    found = silence(harbour, History(lines(daily())), MON + 2 * DAY, time_zone=zone)

    assert severity(found) == expected


def test_the_clinics_own_numbers_of_silence(harbour):
    own = tighter(no_contact_expected_days=1, no_contact_active_days=2, no_contact_high_days=4)

    assert severity(silence(harbour, History(lines(daily())), MON + DAY, own)) == "medium"
    assert severity(silence(harbour, History(lines(daily())), MON + 4 * DAY, own)) == "high"


# ---- Low adherence -------------------------------------------------------------------------------


def weeks_of(*shares: int | None) -> History:
    """One set a day; so many of the seven days done in each week, None: paused all week."""
    sessions, pauses = [], []
    for number, share in enumerate(shares):
        monday = MON + 7 * number * DAY
        if share is None:
            pauses.append(Pause(monday, monday + 6 * DAY))
        sessions += [done(monday + day * DAY, 10) for day in range(share or 0)]
    return History(lines(daily()), tuple(sessions), tuple(pauses))


# days done of seven, week by week → the weeks that are low, newest first
LOW = [
    ((3,), None),
    ((3, 3), (1, 0)),
    ((4, 3), None),
    ((3, 4), None),
    ((0, 0), (1, 0)),
    ((3, None, 3), (2, 0)),
    ((3, None, None, None, None, 3), (5, 0)),
    ((3, 4, None, 3), None),
    ((3, 3, None), (1, 0)),
    ((7, 3, 3), (2, 1)),
    ((None, None), None),
    ((3, 3, None, None, None), (1, 0)),
    ((3, 3, None, None, None, None), None),
]


@pytest.mark.parametrize(("shares", "expected"), LOW)
def test_two_completed_weeks_running(harbour, shares, expected):
    store(harbour, weeks_of(*shares))
    today = MON + 7 * len(shares) * DAY

    found = list(low_adherence(watched_after(None, most=9, now=noon(today)), DEFAULTS))

    told = [[each.week for each in one.raised.because.weeks] for one in found]
    assert told == ([[MON + 7 * number * DAY for number in expected]] if expected else [])


def test_the_week_in_progress_does_not_count(harbour):
    store(harbour, weeks_of(3, 3))

    sunday = watched_after(None, most=9, now=noon(MON + 13 * DAY))
    monday = watched_after(None, most=9, now=noon(MON + 14 * DAY))

    assert list(low_adherence(sunday, DEFAULTS)) == []
    [found] = low_adherence(monday, DEFAULTS)
    assert [each.percent for each in found.raised.because.weeks] == [42, 42]
    assert (found.raised.severity, found.cause) == ("medium", "low_adherence:2026-11-16")


@pytest.mark.parametrize(("percent", "is_low"), [(42, False), (43, True)])
def test_below_the_clinics_percentage_exactly(harbour, percent, is_low):
    """Three of seven is 42.857 %: below 43, not below 42."""
    store(harbour, weeks_of(3, 3))
    watched = watched_after(None, most=9, now=noon(MON + 14 * DAY))

    assert bool(list(low_adherence(watched, tighter(low_adherence_percent=percent)))) is is_low


def test_half_is_not_below_half(harbour):
    row = Row(MON, None, (10,), 2, "both", "weekdays", frozenset(range(1, 8)), 1)
    half = tuple(done(MON + day * DAY, 10) for day in range(14))
    store(harbour, History(lines(row), half))

    watched = watched_after(None, most=9, now=noon(MON + 14 * DAY))

    assert list(low_adherence(watched, DEFAULTS)) == []


# ---- The oracle ----------------------------------------------------------------------------------


def silence_by_oracle(told: History, today: dt.date) -> str | None:
    """Section 7 once more, a date and a line at a time."""
    contacts = [session.on for session in told.sessions if session.on <= today]
    day = max(contacts) + DAY if contacts else today - 183 * DAY
    active, expected = set(), set()
    while day < today:
        for number, line in enumerate(told.lines):
            row = oracle.row_that_binds(line, day)
            if row is None or oracle.is_paused(told, day):
                continue
            active.add(day)
            is_due = row.schedule == "weekdays" and day.isoweekday() in row.weekdays
            if is_due and not oracle.is_excused(told, number, day):
                expected.add(day)
        day += DAY
    rows_today = [oracle.row_that_binds(line, today) for line in told.lines]
    return no_contact_severity(
        expected_days=len(expected),
        active_days=len(active),
        has_weekdays=any(row and row.schedule == "weekdays" for row in rows_today),
        limits=DEFAULTS,
    )


def low_by_oracle(told: History, today: dt.date) -> list[dt.date]:
    """The two newest completed weeks with something prescribed, not long ago, if both are low."""
    first = oracle.monday(today) - 52 * 7 * DAY
    weeks: dict[dt.date, oracle.Sums] = {}
    for (_line, week), sums in oracle.line_weeks(
        told, first, oracle.monday(today) - DAY, today
    ).items():
        weeks.setdefault(week, oracle.Sums()).add(sums)
    asked = [week for week in sorted(weeks, reverse=True) if weeks[week].prescribed]
    newest = asked[:2]
    is_recent = bool(newest) and newest[0] >= oracle.monday(today) - 4 * 7 * DAY
    is_low = (
        is_recent
        and len(newest) == 2
        and all(weeks[week].credited / weeks[week].prescribed < Fraction(1, 2) for week in newest)
    )
    return newest if is_low else []


@pytest.mark.parametrize("seed", range(4))
def test_the_nightly_rules_say_what_the_oracle_says(harbour, seed):
    random = Random(seed)
    start = random.choice(STARTS)
    today = start + DAY * random.randint(10, 60)
    told = [history(random, start) for _ in range(30)]
    told = [
        History(
            each.lines, tuple(one for one in each.sessions if one.on <= today), each.pauses,
            each.checks,
        )
        for each in told
    ]  # fmt: skip
    stored = store_many(harbour, told)

    found = found_among(watched_after(None, most=100, now=noon(today)), DEFAULTS)

    silent = {each.patient_id: each.raised for each in found if each.raised.rule == "no_contact"}
    low = {each.patient_id: each.raised for each in found if each.raised.rule == "low_adherence"}
    for kept, each in zip(stored, told, strict=True):
        by_sql = silent.get(kept.patient.pk)
        assert (by_sql and by_sql.severity) == silence_by_oracle(each, today)
        weeks = low[kept.patient.pk].because.weeks if kept.patient.pk in low else ()
        assert [one.week for one in weeks] == low_by_oracle(each, today)
    assert len(found) >= 8


def test_slices_go_on_after_the_last_key(harbour):
    stored = store_many(harbour, [History(lines(daily()))] * 5)

    first = watched_after(None, most=2, now=noon(MON))
    second = watched_after(first[-1].id, most=2, now=noon(MON))
    third = watched_after(second[-1].id, most=2, now=noon(MON))

    assert [each.id for each in (*first, *second, *third)] == sorted(
        each.patient.pk for each in stored
    )


def test_another_clinics_patients_are_not_watched(harbour):
    store(harbour, History(lines(daily())))
    fjord = people.clinic("Fjord Clinic", "Europe/Oslo", "NO")

    with clinic_context(fjord.pk):
        assert watched_after(None, most=9, now=noon(MON)) == []
