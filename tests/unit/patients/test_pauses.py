from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from clinics.actors import system
from core.errors import Forbidden, NotFound
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.actions.change import lock_patient
from patients.actions.pauses import create_pause, end_pause, open_safety_hold
from patients.bodies.pauses import NewPause
from patients.models import Patient, Pause
from patients.paused_dates import Span
from patients.presenters.people import paused_patients
from tests.factories import people
from tests.factories.database import checked_at_once
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 25)
DAY = dt.timedelta(days=1)


def pause(world: World, starts_on: dt.date, ends_on: dt.date | None, **fields: Any) -> Pause:
    return people.pause(
        fields.pop("patient", world.ana), starts_on=starts_on, ends_on=ends_on, **fields
    )


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "last", "freed"),
    [
        (TODAY - 3 * DAY, None, TODAY - DAY, Span(TODAY, None)),
        (TODAY - 3 * DAY, TODAY, TODAY - DAY, Span(TODAY, TODAY)),
        (TODAY - 3 * DAY, TODAY + 5 * DAY, TODAY - DAY, Span(TODAY, TODAY + 5 * DAY)),
        (TODAY, None, TODAY - DAY, Span(TODAY, None)),
        (TODAY + 2 * DAY, TODAY + 4 * DAY, TODAY + DAY, Span(TODAY + 2 * DAY, TODAY + 4 * DAY)),
    ],
)
def test_ending_today_makes_yesterday_the_last_date(
    world: World, starts_on: dt.date, ends_on: dt.date | None, last: dt.date, freed: Span
) -> None:
    running = pause(world, starts_on, ends_on)
    by = people.acting(world.rui)

    with clinic_context(world.clinic.pk):
        written = end_pause(patient_id=world.ana.pk, pause_id=running.pk, by=by, now=NOW)
        stored = Pause.objects.get(pk=running.pk)

    assert (stored.starts_on, stored.ends_on) == (starts_on, last)
    assert (stored.ended_at, stored.ended_by_id) == (NOW, world.rui.user_id)
    assert written.effect.no_longer_paused == [freed]
    assert written.effect.newly_paused == []
    assert written.effect.past_weeks == []


def test_today_is_the_patients(world: World) -> None:
    """At 10:00 UTC it is the 26th on Kiritimati already."""
    with clinic_context(world.clinic.pk):
        Patient.objects.update(time_zone="Pacific/Kiritimati")
    running = pause(world, TODAY - DAY, None)

    with clinic_context(world.clinic.pk):
        end_pause(
            patient_id=world.ana.pk,
            pause_id=running.pk,
            by=people.acting(world.rui),
            now=NOW.replace(hour=11),
        )
        assert Pause.objects.get(pk=running.pk).ends_on == TODAY


def test_what_another_pause_covers_stays_paused(world: World) -> None:
    pause(world, TODAY, TODAY + 2 * DAY, reason="illness")
    running = pause(world, TODAY - DAY, TODAY + 4 * DAY)

    with clinic_context(world.clinic.pk):
        written = end_pause(
            patient_id=world.ana.pk, pause_id=running.pk, by=people.acting(world.rui), now=NOW
        )

    assert written.effect.no_longer_paused == [Span(TODAY + 3 * DAY, TODAY + 4 * DAY)]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_paused"),
    [
        (TODAY, TODAY, True),
        (TODAY, None, True),
        (TODAY - DAY, TODAY - DAY, False),
        (TODAY + DAY, None, False),
        (TODAY, TODAY - DAY, False),
        (TODAY - DAY, TODAY, True),
    ],
)
def test_paused_is_derived_from_today(
    world: World, starts_on: dt.date, ends_on: dt.date | None, is_paused: bool
) -> None:
    pause(world, starts_on, ends_on)

    with clinic_context(world.clinic.pk):
        assert paused_patients([world.ana], now=NOW) == ({world.ana.pk} if is_paused else set())


def test_paused_is_judged_in_each_patients_zone(world: World) -> None:
    """In November 23:30 UTC is the same day in Lisbon and the next one in Oslo."""
    late = NOW.replace(hour=23, minute=30)
    eva = people.patient(world.clinic, "Eva Reis", time_zone="Europe/Oslo")
    for patient in (world.ana, eva):
        pause(world, TODAY, TODAY, patient=patient)

    with clinic_context(world.clinic.pk):
        assert paused_patients([world.ana, eva], now=late) == {world.ana.pk}


# ---- the safety hold ----------------------------------------------------------------------------


def test_a_red_flag_opens_one_hold(world: World) -> None:
    by = people.acting_for(world.ana)

    with clinic_context(world.clinic.pk):
        ana = lock_patient(world.ana.pk, by)
        first = open_safety_hold(patient=ana, by=by, now=NOW)
        second = open_safety_hold(patient=ana, by=by, now=NOW + DAY)
        (stored,) = Pause.objects.all()
        events = list(AuditEvent.objects.filter(action="safety_hold_opened"))

    assert first == stored
    assert second is None
    assert (stored.starts_on, stored.ends_on, stored.reason) == (TODAY, None, "safety_hold")
    assert (stored.made_by_id, stored.made_at) == (world.ana.user_id, NOW)
    assert ana.change_seq == 1
    assert [one.patient_id for one in events] == [world.ana.pk]


def test_a_red_flag_after_the_hold_was_ended_opens_another(world: World) -> None:
    pause(world, TODAY, TODAY - DAY, reason="safety_hold", ended_at=NOW)

    with clinic_context(world.clinic.pk):
        opened = open_safety_hold(patient=world.ana, by=system(world.clinic.pk), now=NOW)
        assert Pause.objects.count() == 2

    assert opened
    assert (opened.starts_on, opened.made_by_id) == (TODAY, None)


# ---- who, and what the database refuses ---------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "error"),
    [("ana", Forbidden), ("marta", NotFound), ("admin", NotFound), ("far_therapist", NotFound)],
)
def test_only_the_care_team_pauses(world: World, who: str, error: type[Exception]) -> None:
    person = getattr(world, who)
    by = people.acting_for(person) if who == "ana" else people.acting(person)
    asked = NewPause(starts_on=TODAY, reason="holiday")

    with clinic_context(world.clinic.pk):
        with pytest.raises(error):
            create_pause(patient_id=world.ana.pk, asked=asked, by=by, now=NOW)
        assert Pause.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"ends_on": TODAY - 2 * DAY}, "pause_does_not_end_before_it_starts"),
        ({"reason": "boredom"}, "pause_reason_is_known"),
        ({"reason": "safety_hold"}, "one_open_safety_hold"),
    ],
)
def test_the_database_refuses_too(world: World, fields: dict[str, object], constraint: str) -> None:
    pause(world, TODAY - 9 * DAY, None, reason="safety_hold")

    with (
        clinic_context(world.clinic.pk),
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
    ):
        pause(world, TODAY, **{"ends_on": None} | fields)


def test_the_database_refuses_a_pause_of_another_clinics_patient(world: World) -> None:
    with (
        clinic_context(world.clinic.pk),
        checked_at_once(),
        pytest.raises(IntegrityError, match="tenant_fk"),
    ):
        Pause.objects.create(
            clinic=world.clinic,
            patient=world.far_patient,
            starts_on=TODAY,
            reason="holiday",
            made_at=NOW,
        )
