"""A patient's reminders as the care team sees them: what was chosen, and what became of it."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import THERAPISTS, StaffView, answer
from clinics.openapi import operation
from patients.actions.change import no_such_patient
from patients.models import Patient
from reminders.api.preferences import CHOSEN
from reminders.bodies.care_team import PatientReminders
from reminders.presenters.care_team import patient_reminders

SEEN = {
    "choice": CHOSEN,
    "contacts": [
        {
            "id": "019aa9f4-8b66-7057-8cd3-5e6f70819203",
            "channel": "email",
            "address": "a…@example.org",
            "confirmed_at": "2026-11-20T10:00:00Z",
            "disabled_at": "2026-11-26T09:01:00Z",
            "disabled_because": "bounced",
            "disabled_words": "the provider says that it does not exist",
        }
    ],
    "deliveries": [
        {
            "id": "019aa9f4-9c77-7168-9de4-6f7081920314",
            "kind": "reminder",
            "channel": "email",
            "to": "patient",
            "local_date": "2026-11-26",
            "slot": 1,
            "due_at": "2026-11-26T09:00:00Z",
            "state": "failed",
            "state_words": "failed",
            "reason": "",
            "attempts": 1,
            "settled_at": "2026-11-26T09:00:02Z",
        }
    ],
}


class PatientRemindersView(StaffView):
    access: ClassVar = {"get": THERAPISTS}
    audited_as = "reminders"

    @operation(
        summary="Read how a patient is reminded, and what became of it",
        description="Addresses are shown in part. One that bounced, or that the patient marked as "
        "unwanted, says so: ask for another.",
        answers={200: PatientReminders},
        examples={200: SEEN},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        found = Patient.objects.visible_to(self.actor).filter(pk=patient_id)
        patient = found.select_related("clinic").first()
        if patient is None:
            raise no_such_patient()
        return answer(patient_reminders(patient, who=self.actor, now=self.now))


urlpatterns = [
    path(
        "patients/<uuid:patient_id>/reminders",
        PatientRemindersView.as_view(),
        name="patient-reminders",
    ),
]
