"""Weeks that are alike are put together once, and each patient is told their own all the same."""

from __future__ import annotations

import datetime as dt
import json
from uuid import UUID

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from core.tenancy import clinic_context
from reminders.actions import summaries as action
from reminders.actions.summaries import Addressed, make_summaries
from reminders.actions.weeks import make_weeks
from reminders.models import Delivery, WeeklySummary
from reminders.telling import GOOD_FOR, Telling
from reminders.week_contents import (
    GoalFacts,
    Told,
    _encoded_alike,
    days_told,
    numbered_anew,
    week_contents,
    week_encoded,
)
from reminders.week_words import WeekFacts
from tests.factories import people, prescribed
from tests.factories import reminders as factory
from tests.unit.reminders.weeks import DAY, DUE, MONDAY, WEEK, days, do, summaries, summary

FIVE = 0b0011111
DONE = WeekFacts(asked=FIVE, due=FIVE, planned=FIVE, rows=1, some_done=FIVE, sessions=5)
TOLD = Told(monday=MONDAY, week=DONE, before=DONE, after=DONE, run_unit="days", run_length=10)
GONE = {"status": "discharged", "discharged_on": MONDAY}
GOAL = GoalFacts(text="Up on my toes.", amount="day_total", now="10 of 30 times", is_met=False)
OTHERS = {
    "another week": TOLD._replace(monday=MONDAY + WEEK),
    "a day missed": TOLD._replace(week=DONE._replace(missed=1)),
    "another week before": TOLD._replace(told_before=("rest",) * 7),
    "nothing to come": TOLD._replace(after=WeekFacts()),
    "weeks in a row": TOLD._replace(run_unit="weeks"),
    "one day more in a row": TOLD._replace(run_length=11),
    "a goal": TOLD._replace(goals=[GOAL]),
}


# ---- Put together once ---------------------------------------------------------------------------


@pytest.mark.parametrize("told", [TOLD, *OTHERS.values()], ids=["as it is", *OTHERS])
def test_what_is_kept_is_what_is_put_together(told):
    encoded = [week_encoded("en", told) for _twice in range(2)]

    assert encoded == [msgspec.json.encode(week_contents(told))] * 2


@pytest.mark.parametrize("told", OTHERS.values(), ids=OTHERS)
def test_whatever_differs_makes_another_week(told):
    assert week_encoded("en", told) != week_encoded("en", TOLD)


def test_one_like_another_is_not_put_together_again():
    _encoded_alike.cache_clear()

    kept = [week_encoded("en", TOLD._replace(run_length=10)) for _number in range(3)]

    assert kept[0] is kept[1] is kept[2]
    assert (_encoded_alike.cache_info().hits, _encoded_alike.cache_info().misses) == (2, 1)


def test_those_whose_prescriptions_have_other_numbers_are_alike():
    """As those of any two patients have; another plan next week is another week all the same."""
    _encoded_alike.cache_clear()
    one, other, changed = (
        TOLD._replace(
            week=DONE._replace(rows=rows, last_rows=rows, last_planned=FIVE),
            after=DONE._replace(rows=next_rows),
        )
        for rows, next_rows in ((7, 7), (-8, -8), (7, 8))
    )

    said = [json.loads(week_encoded("en", each))["next_week"] for each in (one, other, changed)]

    assert said == ["The plan is the same: 5 days."] * 2 + ["The plan changes: 5 days."]
    assert (_encoded_alike.cache_info().hits, _encoded_alike.cache_info().misses) == (1, 2)


NUMBERS = st.integers(-2, 2)
BITS = st.integers(0, 127)
FACTS = st.builds(
    WeekFacts, asked=BITS, missed=BITS, some_done=BITS, due=BITS, planned=st.sampled_from([0, FIVE]),
    rows=NUMBERS, last_planned=st.sampled_from([0, FIVE]), last_rows=NUMBERS, quota_days=BITS,
    times_done=st.integers(0, 3), times_expected=st.integers(0, 3),
    paused=st.sampled_from([0, FIVE, 127]), sessions=st.integers(0, 2),
)  # fmt: skip


@given(before=FACTS, week=FACTS, after=FACTS)
def test_numbered_anew_a_week_reads_as_before(before, week, after):
    told = Told(monday=MONDAY, week=week, before=before, after=after)
    anew = numbered_anew(told)

    assert week_contents(anew) == week_contents(told)
    assert numbered_anew(anew) == anew
    numbers = {each.rows for each in (anew.before, anew.week, anew.after)}
    assert numbers | {anew.week.last_rows} <= set(range(7))


def test_one_with_goals_is_nobody_elses_and_is_not_kept():
    _encoded_alike.cache_clear()

    told = json.loads(week_encoded("en", OTHERS["a goal"]))

    assert [goal["text"] for goal in told["goals"]] == ["Up on my toes."]
    assert _encoded_alike.cache_info().currsize == 0


def test_what_is_kept_is_bounded_and_by_language(monkeypatch):
    monkeypatch.setattr(
        "reminders.week_words.in_a_row", lambda _unit, _length: translation.get_language()
    )
    _encoded_alike.cache_clear()
    said = {}
    for language in ("en", "pt"):
        with translation.override(language):
            said[language] = json.loads(week_encoded(language, TOLD))["in_a_row"]
    _encoded_alike.cache_clear()

    assert said == {"en": "en", "pt": "pt"}
    assert _encoded_alike.cache_info().maxsize == 4096


@pytest.mark.parametrize(
    ("words", "days"),
    [(None, None), ("[]", None), ("", None), ('["rest", "done"]', ("rest", "done"))],
)
def test_the_words_of_the_week_before(words, days):
    assert days_told(words) == days


# ---- Stored together, each its own ---------------------------------------------------------------


def run(world: people.World, *, now: dt.datetime = DUE, after: UUID | None = None):
    telling = Telling(week=MONDAY, zone_name=world.ana.time_zone, due_at=DUE)
    with clinic_context(world.clinic.pk):
        return make_summaries(clinic=world.clinic, telling=telling, after=after, now=now)


def test_each_is_told_their_own_week_and_two_that_are_alike_the_same(world):
    eva, ivo = (
        people.patient(world.clinic, name, care_team=[world.rui])
        for name in ("Eva Lima", "Ivo Lima")
    )
    for patient, done in ((world.ana, (1, 2)), (eva, (1, 2, 3)), (ivo, (1, 2))):
        line = prescribed.line(patient, from_=MONDAY, schedule="weekdays", weekdays=FIVE)
        do(line, *days(*done))

    make_weeks(now=DUE)

    said = {one: summary(one).contents for one in (world.ana, eva, ivo)}
    assert said[world.ana]["counts"] == "You did your plan on 2 of 5 days."
    assert said[eva]["counts"] == "You did your plan on 3 of 5 days."
    assert said[ivo] == said[world.ana]


def test_a_week_and_its_mail_have_keys_of_their_own(world):
    people.patient(world.clinic, "Eva Lima", care_team=[world.rui])

    assert run(world) == (2, None)

    with clinic_context(world.clinic.pk):
        told = list(WeeklySummary.objects.order_by("pk"))
        mails = list(Delivery.objects.order_by("pk"))
    assert [one.patient_id for one in told] == sorted(one.patient_id for one in told)
    assert [one.patient_id for one in mails] == [one.patient_id for one in told]
    assert len({one.pk for one in (*told, *mails)}) == 4
    assert {(one.pk.version, one.slot, one.kind, one.state, one.local_date) for one in mails} == {
        (7, 0, "weekly_summary", "waiting", MONDAY)
    }
    assert {(one.due_at, one.next_at, one.expires_at) for one in mails} == {
        (DUE, DUE, DUE + GOOD_FOR)
    }


@pytest.mark.parametrize(
    ("chosen", "next_at"),
    [
        ({}, DUE),
        ({"summaries_stopped_at": DUE - DAY}, None),
        ({"reminders_stopped_at": DUE - DAY}, DUE),
        ({"quiet_from": dt.time(21), "quiet_until": dt.time(9)}, DUE + dt.timedelta(hours=1)),
        ({"quiet_from": dt.time(21), "quiet_until": dt.time(8)}, DUE),
    ],
)
def test_what_a_patient_chose_decides_about_their_mail_alone(world, chosen, next_at):
    eva = people.patient(world.clinic, "Eva Lima", care_team=[world.rui])
    factory.preferences(world.ana, **chosen)

    run(world)

    with clinic_context(world.clinic.pk):
        mails = dict(Delivery.objects.values_list("patient_id", "next_at"))
    wanted = {eva.pk: DUE} | ({world.ana.pk: next_at} if next_at else {})
    assert mails == wanted
    assert len(summaries(world.ana)) == 1


@pytest.mark.parametrize(
    ("late", "mails"), [(GOOD_FOR - dt.timedelta(seconds=1), 1), (GOOD_FOR, 0)]
)
def test_too_late_it_is_stored_and_not_mailed(world, late, mails):
    assert run(world, now=DUE + late) == (1, None)

    with clinic_context(world.clinic.pk):
        assert Delivery.objects.count() == mails


def test_without_a_login_there_is_no_mail(world):
    people.patient(world.clinic, "Eva Lima", care_team=[world.rui], email=None)

    assert run(world) == (2, None)

    with clinic_context(world.clinic.pk):
        assert [one.recipient_id for one in Delivery.objects.all()] == [world.ana.user_id]


def test_slices_go_through_a_zone_in_the_order_of_keys(world, monkeypatch):
    """Whoever lives elsewhere, was discharged, or is another clinic's is in none."""
    monkeypatch.setattr(action, "AT_ONCE", 2)
    for name in ("Eva Lima", "Ivo Lima", "Leo Lima"):
        people.patient(world.clinic, name, care_team=[world.rui])
    people.patient(world.clinic, "Ida Lima", care_team=[world.rui], time_zone="Asia/Tokyo")
    people.patient(world.clinic, "Zoe Lima", care_team=[world.rui], **GONE)

    first, after = run(world)
    assert (first, after is None) == (2, False)
    assert run(world, after=after) == (2, (last := run(world, after=after)[1]))
    assert run(world, after=last) == (0, None)

    with clinic_context(world.clinic.pk):
        names = list(WeeklySummary.objects.values_list("patient__name", flat=True))
    assert sorted(names) == ["Ana Silva", "Eva Lima", "Ivo Lima", "Leo Lima"]


def test_told_again_nothing_is_new_and_nothing_changes(world):
    run(world)
    before = (summary(world.ana).pk, summary(world.ana).made_at)

    assert run(world, now=DUE + DAY) == (0, None)
    assert (summary(world.ana).pk, summary(world.ana).made_at) == before
    with clinic_context(world.clinic.pk):
        assert Delivery.objects.count() == 1


def test_nobody_to_tell_costs_one_statement(world):
    telling = Telling(week=MONDAY, zone_name="Asia/Tokyo", due_at=DUE)
    with clinic_context(world.clinic.pk), CaptureQueriesContext(connection) as captured:
        made = make_summaries(clinic=world.clinic, telling=telling, after=None, now=DUE)

    assert (made, len(captured)) == ((0, None), 1)


def test_quiet_hours_need_both_ends():
    one = Addressed(
        UUID(int=1), None, "en", 0, None, is_stopped=False, quiet_from=None, quiet_until=None,
        has_goals=False,
    )  # fmt: skip
    telling = Telling(week=MONDAY, zone_name="Europe/Lisbon", due_at=DUE)

    assert one.next_at(telling) is None
    assert one._replace(quiet_from=dt.time(21)).next_at(telling) is None
