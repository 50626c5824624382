"""Recording, correcting and withdrawing scores."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from clinics.actors import Actor
from core.bodies import LocalDate
from core.tenancy import clinic_context
from patients.actions.assessments import (
    record_assessment,
)
from patients.bodies.assessments import NewAssessment
from patients.models import Assessment, Patient
from tests.factories import people
from tests.factories.people import World

# Wednesday 25 November 2026: it is 10:00 in Lisbon.
NOW = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC)
WALK = {"variant": "comfortable", "aid": "stick"}


def day(number: int, month: int = 11, year: int = 2026) -> LocalDate:
    return LocalDate(year, month, number)


def rui(world: World) -> Actor:
    return people.acting(world.rui)


def record(world: World, *, by: Actor | None = None, now: dt.datetime = NOW, **fields: Any) -> Any:
    asked = NewAssessment(
        **{"measure": "gait_speed", "assessed_on": day(25), "score": 0.62, **WALK} | fields
    )
    with transaction.atomic(), clinic_context(world.clinic.pk):
        return record_assessment(patient_id=world.ana.pk, asked=asked, by=by or rui(world), now=now)


def stored(world: World) -> list[dict[str, Any]]:
    with clinic_context(world.clinic.pk):
        return list(Assessment.objects.order_by("recorded_at", "pk").values())


def change_seq(patient: Patient) -> int:
    with clinic_context(patient.clinic_id):
        return Patient.objects.get(pk=patient.pk).change_seq


def found_in(error: Any) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in error.value.errors]
