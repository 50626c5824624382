"""Several jobs make the same weeks at once, and one of them is cut off in the middle."""

from __future__ import annotations

import pytest

from core.tenancy import clinic_context
from reminders.actions import summaries as summarising
from reminders.actions.deliver import deliver
from reminders.actions.summaries import make_summaries
from reminders.actions.weeks import make_slice, make_weeks
from reminders.models import ClinicWeeks, Delivery, WeeklySummary
from reminders.telling import Telling
from tests.factories import people
from tests.factories import reminders as factory
from tests.factories.racing import at_once
from tests.unit.reminders.weeks import DUE, HOUR, MONDAY

PATIENTS = 12
JOBS = 4


class CutOff(Exception):
    """The worker is gone."""


def stored(world: people.World) -> tuple[int, int, int]:
    """How many weeks, of how many patients, and how many mails."""
    with clinic_context(world.clinic.pk):
        summaries = WeeklySummary.objects.filter(week=MONDAY)
        mails = Delivery.objects.filter(kind="weekly_summary", local_date=MONDAY)
        patients = summaries.values("patient").distinct()
        return summaries.count(), patients.count(), mails.count()


def every_slice(world: people.World) -> None:
    """Make all weeks without the state that jobs wait for each other by."""
    telling = Telling(week=MONDAY, zone_name="Europe/Lisbon", due_at=DUE)
    after, is_over = None, False
    while not is_over:
        with clinic_context(world.clinic.pk):
            _count, after = make_summaries(
                clinic=world.clinic, telling=telling, after=after, now=DUE
            )
        is_over = after is None


def cut_off(*_given: object, **_named: object) -> None:
    raise CutOff


@pytest.mark.django_db(transaction=True)
def test_each_week_is_made_once_by_four_jobs_at_once_and_after_one_was_cut_off(monkeypatch):
    world = people.world()
    monkeypatch.setattr(summarising, "AT_ONCE", 3)
    for number in range(PATIENTS - 1):
        people.patient(world.clinic, f"Eva Lima {number}", care_team=[world.rui])

    # One is cut off after its second slice was written and before it was committed.
    make_slice(clinic_id=world.clinic.pk, now=DUE)
    with monkeypatch.context() as patch:
        patch.setattr(ClinicWeeks, "save", cut_off)
        with pytest.raises(CutOff):
            make_slice(clinic_id=world.clinic.pk, now=DUE)
    assert stored(world) == (3, 3, 3)

    at_once(*[lambda: make_weeks(now=DUE)] * JOBS)
    assert stored(world) == (PATIENTS, PATIENTS, PATIENTS)

    # Without the state that they wait for each other by, the unique keys hold.
    with clinic_context(world.clinic.pk):
        WeeklySummary.objects.all().delete()
        Delivery.objects.all().delete()
    at_once(*[lambda: every_slice(world)] * JOBS)
    assert stored(world) == (PATIENTS, PATIENTS, PATIENTS)

    factory.contact(world.clinic, world.ana.user)
    at_once(*[lambda: deliver(now=DUE)] * 2, lambda: make_weeks(now=DUE + HOUR))
    with clinic_context(world.clinic.pk):
        sent = Delivery.objects.filter(patient=world.ana, kind="weekly_summary")
        assert list(sent.values_list("state", "attempts")) == [("sent", 1)]
