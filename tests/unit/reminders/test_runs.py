"""How long a run is at the end of a week: as the streak says, though seldom read back so far."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random

import pytest

from core.tenancy import clinic_context
from patients.actions.change import Kind, raise_change
from patients.models import Patient
from reminders import runs as reading
from reminders.models import WeeklySummary
from reminders.runs import NO_RUN, Run, runs_of
from reminders.week_reading import weeks_of
from sessions.models import ExerciseSession, SafetyCheck
from sessions.streak import streaks_of
from tests.factories import reminders as factory
from tests.unit.sessions.generated import STARTS, history
from tests.unit.sessions.histories import Stored, place, store, store_many
from tests.unit.sessions.oracle import DAY, Check, History, Pause
from tests.unit.sessions.prescribed import MON, SUN, TUE, daily, done, lines, weekly

pytestmark = pytest.mark.django_db

WEEK = 7 * DAY
BEFORE = MON - WEEK
ZONE = "Europe/Lisbon"
ALL = [MON + number * DAY for number in range(7)]


def runs(*patients: Patient, monday: dt.date = MON) -> list[Run]:
    ids = [one.pk for one in patients]
    found = runs_of(weeks_of(patient_ids=ids, monday=monday), monday=monday, zone_name=ZONE)
    return [found.get(key, NO_RUN) for key in ids]


def keep(patient: Patient, run: Run, *, week: dt.date = BEFORE, seq: int = 0) -> None:
    factory.weekly_summary(patient, week, run_unit=run.unit, run_length=run.length, change_seq=seq)


def days(length: int) -> Run:
    return Run(unit="days", length=length)


def weeks(length: int) -> Run:
    return Run(unit="weeks", length=length)


def stored(history: History) -> Stored:
    return store(place(), history)


def every_day(*, first: dt.date = MON, until: dt.date = SUN, **session) -> tuple:
    return tuple(
        done(first + number * DAY, 10, **session) for number in range((until - first).days + 1)
    )


EXAMPLES = {
    "nothing to do": (History(()), NO_RUN),
    "paused": (History(lines(daily()), (), (Pause(BEFORE, None),)), NO_RUN),
    "nothing done": (History(lines(daily())), days(0)),
    "all done": (History(lines(daily()), every_day()), days(7)),
    "all of two weeks": (
        History(lines(daily(BEFORE)), every_day(first=BEFORE)), days(14),
    ),
    "missed on Tuesday": (
        History(lines(daily(BEFORE)), tuple(done(day, 10) for day in ALL if day != TUE)), days(5),
    ),
    "missed on Sunday": (
        History(lines(daily(BEFORE)), every_day(first=BEFORE, until=SUN - DAY)), days(0),
    ),
    "a quota of two weeks": (
        History(
            lines(weekly(2, BEFORE)), tuple(done(day, 10) for day in (BEFORE, BEFORE + DAY, MON, TUE))
        ),
        weeks(2),
    ),
    "a quota that was not filled": (
        History(lines(weekly(2, BEFORE)), (done(MON, 10),)), weeks(0),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "expected"), EXAMPLES.values(), ids=EXAMPLES)
def test_a_run(asked, expected):
    assert runs(stored(asked).patient) == [expected]


# ---- Going on from the week before -----------------------------------------------------------------


@pytest.fixture
def ana() -> Patient:
    """Daily since long, all done in these two weeks."""
    return stored(History(lines(daily(BEFORE - WEEK)), every_day(first=BEFORE))).patient


@pytest.fixture
def _no_reading_back(monkeypatch) -> None:
    def refuse(**_asked: object) -> None:
        raise AssertionError("the run was read back")

    monkeypatch.setattr(reading, "streaks_of", refuse)


@pytest.mark.usefixtures("_no_reading_back")
@pytest.mark.parametrize("length", [0, 1, 40])
def test_a_week_adds_to_the_run_that_was_kept(ana, length):
    keep(ana, days(length))

    assert runs(ana) == [days(length + 7)]


@pytest.mark.usefixtures("_no_reading_back")
def test_a_full_quota_adds_a_week():
    quota = stored(History(lines(weekly(1, BEFORE)), (done(BEFORE, 10), done(MON, 10)))).patient
    keep(quota, weeks(11))

    assert runs(quota) == [weeks(12)]


@pytest.mark.usefixtures("_no_reading_back")
def test_a_week_with_a_miss_needs_nothing_kept():
    missed = stored(History(lines(daily(BEFORE)), every_day(until=SUN - DAY))).patient

    assert runs(missed) == [days(0)]


def test_without_a_run_that_was_kept_it_is_read_back(ana):
    assert runs(ana) == [days(14)]
    keep(ana, NO_RUN)
    assert runs(ana) == [days(14)]


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ((daily(BEFORE - WEEK, MON), daily(MON, sets=1)), days(40)),
        ((daily(BEFORE - WEEK, MON + 2 * DAY), daily(MON + 2 * DAY)), days(40)),
        ((daily(BEFORE - WEEK),), weeks(40)),
    ],
)
def test_another_plan_or_another_unit_is_read_back(rows, kept):
    asked = History(
        (replace(lines(daily())[0], rows=rows),), every_day(first=BEFORE)
    )  # fmt: skip
    ana = stored(asked).patient
    keep(ana, kept)

    assert runs(ana) == [days(14)]


def change(patient: Patient, kind: Kind, *targets) -> None:
    with clinic_context(patient.clinic_id):
        raise_change(Patient.objects.select_for_update().get(pk=patient.pk), kind, *targets)


def session_on(patient: Patient, day: dt.date, **fields) -> ExerciseSession:
    session = ExerciseSession.objects.get(patient=patient, performed_on=day)
    for name, value in fields.items():
        setattr(session, name, value)
    session.save()
    return session


def test_the_plan_changed_since(ana):
    change(ana, Kind.PLAN)
    keep(ana, days(40), seq=0)
    assert runs(ana) == [days(14)]


def test_the_plan_changed_before_that(ana):
    change(ana, Kind.PLAN)
    keep(ana, days(40), seq=1)
    assert runs(ana) == [days(47)]


@pytest.mark.parametrize(
    ("day", "version", "is_read_back"),
    [(BEFORE, 1, True), (MON - DAY, 1, True), (MON, 1, False), (SUN, 1, False), (MON, 2, True)],
)
def test_a_session_changed_since(ana, day, version, is_read_back):
    """One of this week, in its first version, was on no other day."""
    change(ana, Kind.SESSION, session_on(ana, day, version=version).pk)
    keep(ana, days(40))

    assert runs(ana) == [days(14 if is_read_back else 47)]


@pytest.mark.parametrize(("day", "is_read_back"), [(MON - DAY, True), (MON, False)])
def test_a_safety_check_changed_since(day, is_read_back):
    ana = stored(
        History(lines(daily(BEFORE - WEEK)), every_day(first=BEFORE), (), (Check(day, False),))
    ).patient
    change(ana, Kind.SAFETY_CHECK, SafetyCheck.objects.get().pk)
    keep(ana, days(40))

    assert runs(ana) == [days(14 if is_read_back else 47)]


@pytest.mark.parametrize("kind", [Kind.RECORD, Kind.GOAL, Kind.ASSESSMENT])
def test_what_a_run_does_not_follow_from_may_change(ana, kind):
    change(ana, kind, ana.pk)
    keep(ana, days(40))

    assert runs(ana) == [days(47)]


def test_each_patient_goes_on_from_their_own(ana):
    keep(ana, days(40))
    with clinic_context(ana.clinic_id):
        WeeklySummary.objects.update(week=BEFORE - WEEK)

    assert runs(ana) == [days(14)]


# ---- Against the streak ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_week_after_week_as_the_streak_says(seed):
    """Five weeks, each kept for the next one, of histories that nobody thought of."""
    random = Random(seed)
    start = random.choice(STARTS)
    kept = store_many(place(), [history(random, start) for _ in range(40)])
    ids = [one.patient.pk for one in kept]
    compared = 0

    for monday in (start + number * WEEK for number in range(5)):
        facts = weeks_of(patient_ids=ids, monday=monday)
        found = runs_of(facts, monday=monday, zone_name=ZONE)
        streaks = streaks_of(patient_ids=ids, today_by_zone={ZONE: monday + 6 * DAY})
        for one in kept:
            week, run = facts[one.patient.pk].week, found.get(one.patient.pk, NO_RUN)
            streak = streaks.get(one.patient.pk)
            # On Sunday itself nothing is missed yet, and what was excused is asked for in full.
            is_open = bool((week.missed | week.yet_done) & 64)
            is_open |= run.unit == "weeks" and not week.is_all_done
            if run.unit and streak and streak.unit == run.unit and not is_open:
                assert run.length == streak.length
                compared += bool(run.length)
            keep(one.patient, run, week=monday)

    assert compared > 5
