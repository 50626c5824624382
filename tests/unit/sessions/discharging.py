"""Ending care and beginning it again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.models import AuditEvent
from patients.actions.discharge import readmit_patient
from patients.bodies.discharge import NewDischarge
from patients.models import Assignment, Discharge, Patient, Pause
from sessions.actions.discharge import discharge_patient
from sessions.actions.store import log_session
from sessions.models import Alert
from tests.factories import people
from tests.unit.sessions.bodies import NOW, log

DAY = dt.timedelta(days=1)


# Monday 23 November 2026 in Lisbon.
TODAY = dt.date(2026, 11, 23)
LATER = NOW + 30 * DAY
CONFIRMED = ["discharged_in_past"]


def discharge(world: people.World, *, by=None, now: dt.datetime = NOW, **asked: Any):
    return discharge_patient(
        patient_id=world.ana.pk,
        asked=NewDischarge(**({"reason": "completed"} | asked)),
        by=by or people.acting(world.rui),
        now=now,
    )


def readmit(world: people.World, *, by=None, now: dt.datetime = NOW, note: str = ""):
    return readmit_patient(
        patient_id=world.ana.pk, note=note, by=by or people.acting(world.rui), now=now
    )


def send(world: people.World, body: dict, *, now: dt.datetime = NOW):
    return log_session(
        patient_id=world.ana.pk, content=log(body), by=people.acting_for(world.ana), now=now
    )


def stored(world: people.World) -> tuple[Any, ...]:
    """Everything that a discharge touches."""
    return (
        list(Patient.objects.filter(pk=world.ana.pk).values()),
        list(Discharge.objects.order_by("pk").values()),
        list(Assignment.objects.order_by("pk").values()),
        list(Pause.objects.order_by("pk").values()),
        list(Alert.objects.order_by("pk").values()),
        AuditEvent.objects.count(),
    )


def last_dates() -> dict[str, tuple[str, dt.date | None]]:
    return {
        title: (status, last)
        for title, status, last in Assignment.objects.values_list("title", "status", "ends_on")
    }
