"""What the planner asks each minute where there is nothing to plan, and that it misses no work by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.tenancy import clinic_context
from patients.models import Patient
from reminders.actions import plan as planning
from reminders.actions.plan import plan, plan_clinic
from reminders.models import Delivery, ReminderPreferences
from tests.factories import people
from tests.factories.people import World
from tests.factories.reminders import delivery, preferences

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
CONTEXTS = 2  # inside a test a context is chosen, and the one before it taken back


@pytest.fixture
def world(db: None) -> World:
    """Ana's two days are planned; in the other clinic nobody chose reminders."""
    made = people.world()
    preferences(made.ana, "09:00", "18:30", copies_carers=True)
    assert plan(now=NOW) == 1
    return made


def asked(call: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        call()
    return [query["sql"] for query in captured]


def test_a_clinic_that_has_nothing_to_plan_costs_one_statement(world: World) -> None:
    sent = asked(lambda: plan_clinic(world.clinic.pk, now=NOW + HOUR))

    assert len(sent) - CONTEXTS == 1, sent
    assert sent[1].startswith("-- Whether the planner has anything to do")


def test_each_idle_clinic_more_costs_one_statement_more(world: World) -> None:
    few = len(asked(lambda: plan(now=NOW)))
    for name in ("Hill Clinic", "Lake Clinic", "Forest Clinic"):
        people.clinic(name)
    more = len(asked(lambda: plan(now=NOW)))

    assert more - few == 3 * (1 + CONTEXTS)


def nothing(_world: World) -> None:
    """Leave all as it was planned."""


def a_choice(world: World) -> None:
    with clinic_context(world.clinic.pk):
        ReminderPreferences.objects.update(planned_with="")


def another_zone(world: World) -> None:
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(time_zone="America/Toronto")


def a_carer(world: World) -> None:
    people.carer(world.ana, "Eva Silva")


def what_is_late(world: World) -> None:
    delivery(world.ana, NOW - 2 * HOUR, slot=3)


def what_is_an_hour_late(world: World) -> None:
    delivery(world.ana, NOW - HOUR, slot=3, expires_at=NOW)


def what_was_settled_long_ago(world: World) -> None:
    delivery(world.ana, NOW - 91 * DAY, state="sent", settled_at=NOW - 90 * DAY - HOUR)


def what_was_settled_ninety_days_ago(world: World) -> None:
    delivery(world.ana, NOW - 91 * DAY, state="sent", settled_at=NOW - 90 * DAY)


def an_address_that_was_proved(world: World) -> None:
    who = world.rui.user
    accepted = {"email": who.email, "accepted_at": NOW - DAY, "accepted_by": who}
    people.invitation(world.clinic, who, **accepted)


@pytest.mark.parametrize(
    ("change", "has_work"),
    [
        (nothing, False),
        (a_choice, True),
        (another_zone, True),
        (a_carer, True),
        (what_is_late, True),
        (what_is_an_hour_late, False),
        (what_was_settled_long_ago, True),
        (what_was_settled_ninety_days_ago, False),
        (an_address_that_was_proved, True),
    ],
)
def test_whatever_makes_work_is_found(
    world: World, change: Callable[[World], None], has_work: bool
) -> None:
    """And in its own clinic alone; once it is done, there is nothing left to do."""
    change(world)

    assert found(world) == (has_work, False)
    plan(now=NOW)
    assert found(world) == (False, False)


def found(world: World) -> tuple[bool, bool]:
    """Say of either clinic whether there is work."""
    clocks = planning.todays(now=NOW)
    answers = []
    for clinic in (world.clinic, world.far_clinic):
        with clinic_context(clinic.pk):
            answers.append(planning._has_work(clinic.pk, clocks, now=NOW))
    return answers[0], answers[1]


def test_the_next_day_is_work(world: World) -> None:
    assert plan(now=NOW + 11 * HOUR) == 0  # eleven in the evening
    assert plan(now=NOW + 12 * HOUR) == 1
    with clinic_context(world.clinic.pk):
        assert Delivery.objects.filter(local_date=dt.date(2026, 11, 26)).count() == 4
