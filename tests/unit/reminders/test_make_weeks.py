"""When weeks are made, for whom, and never twice."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import JobRun
from core.tenancy import clinic_context
from reminders import tasks
from reminders.actions import summaries as summarising
from reminders.actions.weeks import make_slice, make_weeks
from reminders.models import ClinicWeeks, Delivery, Digest, WeeklySummary
from tests.factories import people, prescribed
from tests.factories import reminders as factory
from tests.unit.reminders.weeks import (
    DAY,
    DUE,
    HOUR,
    MINUTE,
    MONDAY,
    SECOND,
    WEEK,
    deliveries,
    digests,
    summaries,
    summary,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> people.World:
    return people.world()


def begin(world: people.World) -> None:
    """Let the job have seen the clinic in the week before: nothing of it is left to make."""
    make_weeks(now=DUE - WEEK)
    for each in (world.ana, world.far_patient):
        with clinic_context(each.clinic_id):
            Delivery.objects.all().delete()
            WeeklySummary.objects.all().delete()
            Digest.objects.all().delete()


def weeks_of(patient) -> list[dt.date]:
    return [each.week for each in summaries(patient)]


# ---- When ----------------------------------------------------------------------------------------


def test_it_is_made_from_the_minute_on_at_which_it_is_due(world):
    begin(world)

    make_weeks(now=DUE - SECOND)
    assert weeks_of(world.ana) == []
    make_weeks(now=DUE)

    assert weeks_of(world.ana) == [MONDAY]
    [mail] = deliveries(world.clinic)
    assert (mail.patient_id, mail.recipient_id) == (world.ana.pk, world.ana.user_id)
    assert (mail.channel, mail.slot, mail.local_date, mail.state) == ("email", 0, MONDAY, "waiting")
    assert mail.time_zone == "Europe/Lisbon"
    assert (mail.due_at, mail.next_at) == (DUE, DUE)
    assert mail.expires_at == DUE + 36 * HOUR


def test_each_zone_has_its_own_eight_o_clock(world):
    """A day of the year's: Auckland is 13 hours ahead, Honolulu 10 behind."""
    names = {"Pacific/Auckland": -13, "Europe/Lisbon": 0, "Pacific/Honolulu": 10}
    for zone in ("Pacific/Auckland", "Pacific/Honolulu"):
        people.patient(world.clinic, "Eva Lima", care_team=[world.rui], time_zone=zone)
    begin(world)

    seen = {}
    for hours in range(-14, 12):
        make_weeks(now=DUE + hours * HOUR)
        for mail in deliveries(world.clinic):
            seen.setdefault(mail.time_zone, (hours, mail.due_at))

    assert seen == {zone: (hours, DUE + hours * HOUR) for zone, hours in names.items()}


@pytest.mark.parametrize(
    ("weekday", "hour", "quiet", "due"),
    [
        (1, 0, ("21:00", "08:00"), DUE),
        (1, 7, ("21:00", "08:00"), DUE),
        (1, 9, ("21:00", "08:00"), DUE + HOUR),
        (1, 21, ("21:00", "08:00"), DUE + DAY),
        (3, 20, ("21:00", "08:00"), DUE + 2 * DAY + 12 * HOUR),
        (7, 8, ("21:00", "08:00"), DUE + 6 * DAY),
        (1, 8, ("07:30", "08:15"), DUE + 15 * MINUTE),
    ],
)
def test_the_clinic_chooses_weekday_and_hour_outside_its_quiet_hours(
    world, weekday, hour, quiet, due
):
    clinic = world.clinic
    clinic.summary_weekday, clinic.summary_hour = weekday, hour
    clinic.quiet_from, clinic.quiet_until = (dt.time.fromisoformat(each) for each in quiet)
    clinic.save()
    begin(world)
    make_weeks(now=due - WEEK)  # the week before, where its day is late in the week

    make_weeks(now=due - SECOND)
    assert MONDAY not in weeks_of(world.ana)
    make_weeks(now=due)

    assert MONDAY in weeks_of(world.ana)
    assert deliveries(world.clinic)[-1].due_at == due


def test_a_patients_own_quiet_hours_may_end_later(world):
    factory.preferences(world.ana, quiet_from=dt.time(20), quiet_until=dt.time(9, 30))
    begin(world)
    make_weeks(now=DUE)

    [mail] = deliveries(world.clinic)
    assert (mail.due_at, mail.next_at) == (DUE, DUE + 90 * MINUTE)


# ---- Once ----------------------------------------------------------------------------------------


def test_however_often_it_runs_there_is_one(world):
    begin(world)
    counts = [make_weeks(now=DUE + number * MINUTE) for number in range(40)]

    assert counts[0] == 5  # of Ana and of Per; for Rui, Marta and Ingrid
    assert set(counts[1:]) == {0}
    assert weeks_of(world.ana) == [MONDAY]
    assert len(deliveries(world.clinic)) == 1


def test_what_is_there_already_is_passed_over_and_keeps_what_it_says(world):
    """As when two run at once, or the state of a clinic is lost."""
    begin(world)
    make_weeks(now=DUE)
    told = summary(world.ana).contents
    prescribed.line(world.ana)
    with clinic_context(world.clinic.pk):
        ClinicWeeks.objects.all().delete()
        Delivery.objects.update(state="sent", settled_at=DUE)

    make_weeks(now=DUE + MINUTE)

    assert summary(world.ana).contents == told
    assert [each.state for each in deliveries(world.clinic)] == ["sent"]
    assert len(digests(world.rui)) == 1


def test_slices_are_whole_and_the_next_run_goes_on(world, monkeypatch):
    monkeypatch.setattr(summarising, "AT_ONCE", 2)
    for number in range(4):
        people.patient(world.clinic, f"Eva Lima {number}", care_team=[world.rui])
    begin(world)

    first = make_slice(clinic_id=world.clinic.pk, now=DUE)
    with clinic_context(world.clinic.pk):
        assert (first, WeeklySummary.objects.count(), Delivery.objects.count()) == (2, 2, 2)

    assert make_slice(clinic_id=world.clinic.pk, now=DUE) == 2
    assert make_slice(clinic_id=world.clinic.pk, now=DUE) == 1
    assert make_slice(clinic_id=world.clinic.pk, now=DUE) == 2  # the two digests
    assert make_slice(clinic_id=world.clinic.pk, now=DUE) is None
    assert len(deliveries(world.clinic)) == 5


def test_the_last_slice_says_when_the_clinic_is_looked_at_again(world):
    """Of each clinic one for the patients and one for the therapists, none to find that this was all."""
    begin(world)

    with CaptureQueriesContext(connection) as captured:
        assert make_weeks(now=DUE) == 5

    locking = 'reminders_clinicweeks"."clinic_id" = '
    locked = [
        one for one in captured if locking in one["sql"] and one["sql"].endswith("FOR UPDATE")
    ]
    assert len(locked) == 4
    with clinic_context(world.clinic.pk):
        state = ClinicWeeks.objects.get()
    assert state.next_at == DUE + 15 * MINUTE
    assert state.made == {
        "Europe/Lisbon": {"week": "2026-11-16", "after": None},
        "": {"week": "2026-11-16", "after": None},
    }


def test_a_slice_that_is_not_the_last_leaves_the_clinic_to_be_looked_at(world):
    begin(world)
    with clinic_context(world.clinic.pk):
        before = ClinicWeeks.objects.get().next_at

    assert make_slice(clinic_id=world.clinic.pk, now=DUE) == 1
    with clinic_context(world.clinic.pk):
        assert ClinicWeeks.objects.get().next_at == before

    assert make_slice(clinic_id=world.clinic.pk, now=DUE) == 2  # the two digests
    with clinic_context(world.clinic.pk):
        assert ClinicWeeks.objects.get().next_at == DUE + 15 * MINUTE
    assert make_slice(clinic_id=world.clinic.pk, now=DUE) is None


def test_a_run_stops_in_time_and_leaves_the_rest(world):
    begin(world)
    assert make_weeks(now=DUE, longest_seconds=0) == 0

    make_weeks(now=DUE + MINUTE)
    assert weeks_of(world.ana) == [MONDAY]


def test_a_run_with_nothing_to_do_costs_one_statement_whatever_the_clinics(world):
    begin(world)
    make_weeks(now=DUE)
    make_weeks(now=DUE + MINUTE)

    counts = []
    for _turn in range(2):
        with CaptureQueriesContext(connection) as captured:
            make_weeks(now=DUE + 2 * MINUTE)
        counts.append(len(captured))
        people.clinic(f"Clinic {len(counts)}")
        make_weeks(now=DUE + 2 * MINUTE)

    of_the_job = 6  # the job's own record: begun and done, each with its transaction
    assert counts[0] == counts[1] <= 1 + of_the_job


# ---- Late ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("late", "is_mailed"),
    [(36 * HOUR - SECOND, True), (36 * HOUR, False), (2 * DAY, False)],
)
def test_a_late_week_is_stored_and_mailed_only_while_it_is_of_use(world, late, is_mailed):
    begin(world)
    make_weeks(now=DUE + late)

    assert weeks_of(world.ana) == [MONDAY]
    assert bool(deliveries(world.clinic)) == is_mailed


def test_after_eight_days_without_the_job_the_last_week_alone_is_made(world):
    begin(world)
    make_weeks(now=DUE + 8 * DAY)

    assert weeks_of(world.ana) == [MONDAY + WEEK]
    assert [each.week for each in digests(world.rui)] == [MONDAY + WEEK]


def test_a_new_clinic_is_told_nothing_of_what_was_over_before_it(world):
    make_weeks(now=DUE + 2 * DAY)
    assert weeks_of(world.ana) == []

    make_weeks(now=DUE + WEEK)
    assert weeks_of(world.ana) == [MONDAY + WEEK]


# ---- For whom ------------------------------------------------------------------------------------


def test_stored_but_not_mailed_without_a_login_or_once_stopped(world):
    silent = people.patient(world.clinic, "Eva Lima", care_team=[world.rui], email=None)
    factory.preferences(world.ana, summaries_stopped_at=DUE - DAY)
    begin(world)
    make_weeks(now=DUE)

    assert weeks_of(silent) == weeks_of(world.ana) == [MONDAY]
    assert deliveries(world.clinic) == []


def test_whoever_stopped_reminders_alone_still_gets_summaries(world):
    factory.preferences(world.ana, reminders_stopped_at=DUE - DAY, is_paused=True)
    begin(world)
    make_weeks(now=DUE)

    assert len(deliveries(world.clinic)) == 1


def test_nothing_for_the_discharged(world):
    world.ana.status, world.ana.discharged_on = "discharged", MONDAY
    with clinic_context(world.clinic.pk):
        world.ana.save()
    begin(world)
    make_weeks(now=DUE)

    assert weeks_of(world.ana) == deliveries(world.clinic) == []


def test_nothing_in_an_archived_clinic_and_the_last_week_once_it_is_back(world):
    begin(world)
    world.clinic.archived_at = DUE - HOUR
    world.clinic.save()
    make_weeks(now=DUE)
    assert weeks_of(world.ana) == digests(world.rui) == []

    world.clinic.archived_at = None
    world.clinic.save()
    make_weeks(now=DUE + 3 * DAY)

    assert weeks_of(world.ana) == [MONDAY]
    assert deliveries(world.clinic) == []


def test_clinics_do_not_see_each_others(world):
    begin(world)
    make_weeks(now=DUE)

    assert weeks_of(world.far_patient) == [MONDAY]
    [mail] = deliveries(world.far_clinic)
    assert (mail.recipient_id, mail.due_at) == (world.far_patient.user_id, DUE - HOUR)
    assert [each.recipient_id for each in deliveries(world.clinic)] == [world.ana.user_id]


def test_the_task_runs_and_leaves_its_mark(world):
    tasks.weeks()

    assert JobRun.objects.get(name="weeks").last_outcome == "done"
