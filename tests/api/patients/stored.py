"""What answers show in short, and what is stored about people, read past the API."""

from __future__ import annotations

from typing import Any

from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Patient, Pause
from tests.factories.people import World


def record_of(patient: Patient) -> dict[str, Any]:
    with clinic_context(patient.clinic_id):
        return Patient.objects.filter(pk=patient.pk).values().get()


def number_of_records(world: World) -> int:
    with clinic_context(world.clinic.pk):
        return Patient.objects.count()


def events(world: World, action: str) -> list[AuditEvent]:
    with clinic_context(world.clinic.pk):
        return list(AuditEvent.objects.filter(action=action).order_by("at", "id"))


def change_seq(patient: Patient) -> int:
    return int(record_of(patient)["change_seq"])


def pauses_of(patient: Patient) -> list[dict[str, Any]]:
    with clinic_context(patient.clinic_id):
        return list(Pause.objects.filter(patient=patient).order_by("pk").values())


def names(response: Any) -> list[str]:
    """Return the names on a page of patients."""
    assert response.status_code == 200, response.content
    return [one["name"] for one in response.json()["results"]]
