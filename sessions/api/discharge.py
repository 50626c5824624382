"""Ending a patient's care, and beginning it again."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import THERAPISTS, StaffView, answer
from clinics.openapi import operation
from core.pagination import Listing, PageQuery, paginate
from patients.actions.discharge import readmit_patient
from patients.bodies.discharge import (
    DischargeAnswer,
    DischargeOut,
    NewDischarge,
    NewReadmission,
    ReadmissionAnswer,
)
from patients.presenters.discharge import discharge_out, readmission_answer
from sessions.actions.discharge import discharge_patient
from sessions.api.staff import visible_patient
from sessions.models import Alert, ExerciseSession

DISCHARGE = {
    "id": "019aa9f4-5e33-7d24-9fa0-2b3c4d5e6f70",
    "discharged_on": "2026-11-25",
    "reason": "completed",
    "note": "Walks outdoors alone.",
    "made_by": "Rui Costa",
    "made_at": "2026-11-25T10:00:00Z",
    "readmitted_on": None,
    "readmitted_by": None,
    "readmitted_at": None,
    "readmission_note": "",
}
READMITTED = DISCHARGE | {
    "readmitted_on": "2027-02-01",
    "readmitted_by": "Rui Costa",
    "readmitted_at": "2027-02-01T09:15:00Z",
    "readmission_note": "Second stroke.",
}
STANDS = {"discharge": DISCHARGE, "open_alerts": 0, "held_sessions": 1}


class DischargesView(StaffView):
    access: ClassVar = {"get": THERAPISTS, "post": THERAPISTS}
    audited_as = "discharges"

    @operation(
        summary="List a patient's discharges and readmissions, the latest first",
        query=PageQuery,
        answers={200: Listing[DischargeOut]},
        examples={200: {"results": [READMITTED], "next": None}},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        asked = self.query(PageQuery)
        patient = visible_patient(self, patient_id)
        page = paginate(
            patient.discharges.visible_to(self.actor).select_related("made_by", "readmitted_by"),
            order=("-made_at", "-id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"discharges:{self.actor.user_id}:{patient.pk}",
        )
        shown = [discharge_out(one) for one in page.items]
        return answer(Listing(results=shown, next=page.next_cursor))

    @operation(
        summary="Discharge a patient",
        description="`on` is the last date of care, today where it is left out. It ends all "
        "assignments and pauses on that date, deletes drafts, and closes alerts about engagement, "
        "never those about safety. A date that is over answers 409 `discharged_in_past` until "
        "`confirm` names it. What was performed up to that date still uploads and counts.",
        body=NewDischarge,
        answers={201: DischargeAnswer, 200: DischargeAnswer},
        problems=(409,),
        examples={
            "body": {"reason": "completed", "note": "Walks outdoors alone."},
            201: STANDS,
            200: STANDS,
        },
    )
    def post(self, request: Request, patient_id: UUID) -> Response:
        asked = self.body(NewDischarge)
        discharge, is_new = discharge_patient(
            patient_id=patient_id, asked=asked, by=self.actor, now=self.now
        )
        alerts = Alert.objects.visible_to(self.actor).filter(patient_id=patient_id)
        held = ExerciseSession.objects.visible_to(self.actor).filter(
            patient_id=patient_id, status=ExerciseSession.Status.HELD
        )
        shown = DischargeAnswer(
            discharge=discharge_out(discharge),
            open_alerts=alerts.exclude(status=Alert.Status.RESOLVED).count(),
            held_sessions=held.count(),
        )
        return answer(shown, status=201 if is_new else 200)


class ReadmitView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Readmit a discharged patient",
        description="From today. Nothing is restored: prescribe anew. Twice is as once.",
        body=NewReadmission,
        answers={200: ReadmissionAnswer},
        examples={
            "body": {"note": "Second stroke."},
            200: {
                "patient": "019aa9f4-2a10-7c01-8b7d-6e5f4a3b2c1d",
                "status": "active",
                "discharge": READMITTED,
                "detail": "Nothing was restored: what the discharge ended stays ended. "
                "Prescribe anew.",
            },
        },
    )
    def post(self, request: Request, patient_id: UUID) -> Response:
        note = self.body(NewReadmission).note
        patient, discharge = readmit_patient(
            patient_id=patient_id, note=note, by=self.actor, now=self.now
        )
        return answer(readmission_answer(patient, discharge))


urlpatterns = [
    path("patients/<uuid:patient_id>/discharges", DischargesView.as_view(), name="discharges"),
    path("patients/<uuid:patient_id>/readmit", ReadmitView.as_view(), name="patient-readmit"),
]
