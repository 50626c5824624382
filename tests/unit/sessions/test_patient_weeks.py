"""Many patients' sums at once: the same figures as one by one, whatever their denominators."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.tenancy import set_clinic
from sessions import adherence as sql
from sessions.adherence import Sums, ZoneWithoutToday
from tests.factories import people
from tests.unit.sessions.histories import place, store, store_many
from tests.unit.sessions.oracle import DAY, History, Line, Pause, Result, Row, Session
from tests.unit.sessions.prescribed import FRI, MON, SUN, TUE, WED, daily, done, lines, weekly

pytestmark = pytest.mark.django_db

ALL_OVER = {"Europe/Lisbon": dt.date(2026, 12, 24)}


def totals(ids, *, first=MON, last=SUN, todays=ALL_OVER):
    return sql.totals_of(patient_ids=ids, first=first, last=last, today_by_zone=todays)


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


def test_lines_of_three_denominators_add_up_exactly():
    """One of 3, one of 7 and one of 8 repetitions on Monday; then nothing, of 7 days × 3 lines."""
    asked = tuple(Line((a_row(target),)) for target in (3, 7, 8))
    ana = store(place(), History(asked, (Session(MON, (one(0, 1), one(1, 1), one(2, 1))),))).patient

    assert totals([ana.pk])[ana.pk] == Sums(
        credited=Fraction(1, 3) + Fraction(1, 7) + Fraction(1, 8),
        prescribed=Fraction(21), done=3, expected=21, sets_logged=3, amount_logged=3,
    )  # fmt: skip


def test_a_quota_whose_rows_have_two_denominators():
    """Of 3 until Tuesday, of 7 from Wednesday: 1 ÷ 3 and 1 ÷ 7 of seven sets."""
    line = Line((
        a_row(3, schedule="times_per_week", until=WED),
        a_row(7, schedule="times_per_week", first=WED),
    ))  # fmt: skip
    history = History((line,), (Session(MON, (one(0, 1),)), Session(FRI, (one(0, 1),))))
    ana = store(place(), history).patient

    found = totals([ana.pk])[ana.pk]

    assert (found.credited, found.prescribed) == (Fraction(10, 21), Fraction(7))
    assert (found.done, found.expected) == (2, 7)


def test_a_week_in_progress_asks_for_what_is_over():
    ana = store(place(), History(lines(daily()), (done(MON, 10),))).patient

    found = totals([ana.pk], todays={"Europe/Lisbon": TUE})[ana.pk]

    assert (found.done, found.expected) == (1, 1)


def test_a_paused_week_asks_for_nothing_and_has_no_figure():
    history = History(lines(daily(), weekly(3)), (), (Pause(MON, SUN),))
    ana = store(place(), history).patient

    found = totals([ana.pk])[ana.pk]

    assert found == Sums()
    assert found.dose is None


def test_a_patient_without_lines_is_left_out():
    ana = store(place(), History(())).patient

    assert totals([ana.pk]) == {}
    assert totals([]) == {}


def test_all_means_all_of_the_clinic_and_nobody_elses():
    harbour, fjord = place(), people.clinic("Fjord Clinic")
    kept = store_many(harbour, [History(lines(daily()), (done(MON, 10),))] * 3)
    everyone = {each.patient.pk for each in kept}

    assert set(totals(None)) == everyone
    set_clinic(fjord.pk)
    assert totals(None) == {}
    assert totals(list(everyone)) == {}


def test_many_patients_are_one_statement():
    kept = store_many(place(), [History(lines(daily()), (done(MON, 10),))] * 5)

    with CaptureQueriesContext(connection) as sent:
        found = totals([each.patient.pk for each in kept])

    assert len(sent) == 1
    assert len(found) == 5


@pytest.mark.parametrize("days", [1, 7, 8, 70])
def test_the_sums_are_those_of_the_patients_own_figures(days):
    last = MON + DAY * (days - 1)
    sessions = tuple(done(MON + DAY * n, 10, 5) for n in range(0, 70, 2))
    ana = store(place(), History(lines(daily(sets=2), weekly(4)), sessions)).patient
    own = sql.adherence(patient_id=ana.pk, first=MON, last=last, today=ALL_OVER["Europe/Lisbon"])

    assert totals([ana.pk], last=last)[ana.pk] == own.sums


def test_a_zone_without_a_today_is_refused():
    ana = store(place(), History(lines(daily()))).patient

    with pytest.raises(ZoneWithoutToday):
        totals([ana.pk], todays={"Europe/Madrid": MON})


def test_a_period_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="before it starts"):
        totals(None, first=SUN, last=MON)


PLANS = """
SELECT generic_plans, custom_plans FROM pg_prepared_statements
WHERE statement LIKE '%%A row for each denominator of a patient%%'
"""


def asked(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_the_statement_of_a_whole_clinic_is_planned_once_for_all_of_them():
    """Each clinic's own patients, by one plan, and everything after is planned as before."""
    clinics = [place(name) for name in ("Harbour Clinic", "Fjord Clinic", "Hill Clinic")]
    history = History(lines(daily()), (done(MON, 10), done(TUE, 10)))
    patients = []
    for clinic in clinics:
        set_clinic(clinic.clinic.pk)
        patients.append(store(clinic, history).patient)
    before = dict(asked("SELECT name, setting FROM pg_settings WHERE name = 'plan_cache_mode'"))
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    seen = []
    for clinic in clinics:
        set_clinic(clinic.clinic.pk)
        seen.append(totals(None))

    assert [list(found) for found in seen] == [[patient.pk] for patient in patients]
    assert {(one.done, one.expected) for found in seen for one in found.values()} == {(2, 7)}
    assert asked(PLANS) == [(3, 0)]
    assert before == dict(
        asked("SELECT name, setting FROM pg_settings WHERE name = 'plan_cache_mode'")
    )
