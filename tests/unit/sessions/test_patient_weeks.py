"""The kept weeks of many patients: exact figures, one statement, each clinic's own."""

from __future__ import annotations

import threading
import time
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.tenancy import clinic_context, set_clinic
from sessions.actions.store import log_session
from sessions.day_state import read_today
from sessions.models import ExerciseResult, PatientWeek
from sessions.patient_weeks import WeekFigures, figures_of
from tests.factories import people, prescribed
from tests.factories.racing import at_once
from tests.unit.sessions.bodies import NOW, log, result, session
from tests.unit.sessions.histories import place, store, store_many
from tests.unit.sessions.oracle import DAY, History, Line, Pause, Result, Row, Session
from tests.unit.sessions.prescribed import FRI, MON, SUN, WED, daily, done, lines, weekly

WEEK = 7 * DAY


def figures(patient, week=MON) -> WeekFigures:
    return figures_of(patient_ids=[patient.pk], weeks=[week])[patient.pk, week]


def a_row(target, *, schedule="weekdays", **fields):
    """One set of so many repetitions, daily or seven times a week, from Monday on."""
    asked = {"weekdays": frozenset(range(1, 8)), "per_day": 1} if schedule == "weekdays" else {}
    asked = asked or {"per_week": 7}
    return Row(**{
        "first": MON, "until": None, "targets": (target,), "sets": 1, "side": "both",
        "schedule": schedule,
    } | asked | fields)  # fmt: skip


def one(line, repetitions):
    return Result(line, "both", ((repetitions,),))


@pytest.mark.django_db
def test_lines_of_three_denominators_add_up_exactly():
    """One of 3, one of 7 and one of 8 repetitions on Monday; then nothing, of 7 days × 3 lines."""
    asked = tuple(Line((a_row(target),)) for target in (3, 7, 8))
    ana = store(place(), History(asked, (Session(MON, (one(0, 1), one(1, 1), one(2, 1))),))).patient

    found = figures(ana)

    assert found == WeekFigures(
        denominator=168, credited=56 + 24 + 21, prescribed=21 * 168, done=3, expected=21
    )
    assert found.dose == (Fraction(1, 3) + Fraction(1, 7) + Fraction(1, 8)) / 21


@pytest.mark.django_db
def test_a_quota_whose_rows_have_two_denominators():
    """Of 3 until Tuesday, of 7 from Wednesday: 1 ÷ 3 and 1 ÷ 7 of seven sets."""
    line = Line((
        a_row(3, schedule="times_per_week", until=WED),
        a_row(7, schedule="times_per_week", first=WED),
    ))  # fmt: skip
    history = History((line,), (Session(MON, (one(0, 1),)), Session(FRI, (one(0, 1),))))

    found = figures(store(place(), history).patient)

    assert found.dose == Fraction(10, 21) / 7
    assert (found.done, found.expected) == (2, 7)


NOTHING = WeekFigures(denominator=1, credited=0, prescribed=0, done=0, expected=0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked",
    [History(()), History(lines(daily(), weekly(3)), (), (Pause(MON, SUN),))],
    ids=["nothing prescribed", "paused all week"],
)
def test_a_week_that_asks_for_nothing_has_no_dose(asked):
    found = figures(store(place(), asked).patient)

    assert (found, found.dose) == (NOTHING, None)


@pytest.mark.django_db
def test_a_week_of_another_clinic_is_neither_told_nor_kept():
    ana = store(place(), History(lines(daily()), (done(MON, 10),))).patient
    fjord = people.clinic("Fjord Clinic")

    set_clinic(fjord.pk)
    assert figures_of(patient_ids=[ana.pk], weeks=[MON]) == {}
    set_clinic(ana.clinic_id)
    assert PatientWeek.objects.count() == 0


@pytest.mark.django_db
def test_what_is_kept_is_read_in_one_statement_and_what_is_not_in_few_for_any_number():
    ids = [each.patient.pk for each in store_many(place(), [History(lines(daily()))] * 30)]
    weeks = [MON, MON + WEEK]

    def statements(some):
        with CaptureQueriesContext(connection) as sent:
            assert len(figures_of(patient_ids=some, weeks=weeks)) == 2 * len(some)
        return len(sent)

    assert statements(ids[:1]) == statements(ids[1:]) > 1
    assert statements(ids) == 1


@pytest.mark.django_db
def test_a_week_that_went_missing_is_kept_again_and_the_others_stay():
    ana = store(place(), History(lines(daily()), (done(MON, 10),))).patient
    weeks = [MON - WEEK, MON, MON + WEEK]
    before = figures_of(patient_ids=[ana.pk], weeks=weeks)
    keys = set(PatientWeek.objects.values_list("pk", flat=True))
    gone = PatientWeek.objects.get(week=MON)
    gone.delete()

    assert figures_of(patient_ids=[ana.pk], weeks=weeks) == before
    assert len(keys & set(PatientWeek.objects.values_list("pk", flat=True))) == 2


@pytest.mark.django_db
def test_a_run_without_its_weeks_keeps_the_newest_with_each_call():
    """Four weeks before this one, none kept: one more of them each time, and the same run."""
    since = MON - 4 * WEEK
    sessions = tuple(done(since + DAY * number, 10) for number in range(29))
    ana = store(place(), History(lines(daily(since)), sessions)).patient

    runs, kept = [], []
    for _ in range(6):
        runs.append(read_today(patient_id=ana.pk, today=MON).streak.length)
        kept.append(PatientWeek.objects.count())

    assert runs == [29] * 6
    assert kept == [1, 2, 3, 4, 4, 4]


@pytest.mark.django_db
def test_an_upload_takes_its_week_away_and_keeps_none_that_goes_on():
    """Until the week is over, each session would have it kept anew."""
    world = people.world()
    line = prescribed.line(world.ana)
    monday = NOW.date() - DAY * NOW.weekday()

    with clinic_context(world.clinic.pk):
        figures_of(patient_ids=[world.ana.pk], weeks=[monday - WEEK, monday])
        content = log(session(result(line, 10, 10, 10)))
        log_session(
            patient_id=world.ana.pk, content=content, by=people.acting_for(world.ana), now=NOW
        )
        kept = list(PatientWeek.objects.values_list("week", flat=True))

    assert kept == [monday - WEEK]


@pytest.mark.django_db(transaction=True)
def test_a_week_is_not_kept_without_what_is_being_stored():
    """While an upload is under way, who asks for its week waits for it, and none is doubled."""
    harbour = place()
    with clinic_context(harbour.clinic.pk):
        ana = store(harbour, History(lines(daily()), (done(MON, 10),))).patient
    is_changed = threading.Event()
    seen = []

    def change() -> None:
        with clinic_context(harbour.clinic.pk):
            type(ana).objects.select_for_update(no_key=True).get(pk=ana.pk)
            ExerciseResult.objects.update(counts=False)
            is_changed.set()
            time.sleep(0.3)

    def ask() -> None:
        assert is_changed.wait(timeout=30)
        with clinic_context(harbour.clinic.pk):
            seen.append(figures(ana).done)

    at_once(change, ask, ask)

    assert seen == [0, 0]
    with clinic_context(harbour.clinic.pk):
        assert [kept.done for kept in PatientWeek.objects.all()] == [0]
