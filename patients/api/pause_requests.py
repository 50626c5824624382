"""What patients ask their care team for: pauses, to accept or decline."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import THERAPISTS, StaffView, answer
from clinics.openapi import operation
from core.pagination import Listing, paginate
from patients.actions.change import no_such_patient
from patients.actions.pause_requests import accept_request, decline_request
from patients.bodies.pause_requests import (
    AcceptPauseRequest,
    DeclinePauseRequest,
    PauseRequestOut,
    PauseRequestQuery,
)
from patients.models import Patient
from patients.presenters.pause_requests import pause_request_out, with_people

ASKED = {
    "id": "019aa9f4-7a55-7f46-9bc2-4d5e6f708192",
    "starts_on": "2026-12-24",
    "ends_on": "2026-12-26",
    "reason": "holiday",
    "note": "We visit my sister.",
    "status": "waiting",
    "asked_by": "Ana Silva",
    "asked_as": "patient",
    "asked_at": "2026-11-25T10:00:00Z",
    "decided_by": None,
    "decided_at": None,
    "decision_note": "",
    "pause": None,
}
DECIDED = {"decided_by": "Rui Costa", "decided_at": "2026-11-26T10:00:00Z"}


class PauseRequestsView(StaffView):
    access: ClassVar = {"get": THERAPISTS}
    audited_as = "pause_requests"

    @operation(
        summary="List the pauses that a patient asked for, the latest first",
        query=PauseRequestQuery,
        answers={200: Listing[PauseRequestOut]},
        examples={200: {"results": [ASKED], "next": None}},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        asked = self.query(PauseRequestQuery)
        patient = Patient.objects.visible_to(self.actor).filter(pk=patient_id).first()
        if patient is None:
            raise no_such_patient()
        requests = patient.pause_requests.visible_to(self.actor)
        page = paginate(
            with_people(requests.filter(status=asked.status) if asked.status else requests),
            order=("-asked_at", "-id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"pause-requests:{self.actor.user_id}:{patient.pk}:{asked.status}",
        )
        shown = [pause_request_out(one) for one in page.items]
        return answer(Listing(results=shown, next=page.next_cursor))


class PauseRequestAcceptView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Make the pause that a patient asked for",
        description="With other dates if they are said. Dates that are over ask as a new pause "
        "does: 409 `changes_past_dates` until `confirm` holds `past_dates`.",
        body=AcceptPauseRequest,
        answers={200: PauseRequestOut},
        problems=(409,),
        examples={
            "body": {"note": "Enjoy it."},
            200: ASKED
            | DECIDED
            | {
                "status": "accepted",
                "decision_note": "Enjoy it.",
                "pause": "019aa9f4-4d22-7c13-8e9f-1a2b3c4d5e6f",
            },
        },
    )
    def post(self, request: Request, patient_id: UUID, request_id: UUID) -> Response:
        accepted = accept_request(
            patient_id=patient_id,
            request_id=request_id,
            asked=self.body(AcceptPauseRequest),
            by=self.actor,
            now=self.now,
        )
        return answer(pause_request_out(accepted))


class PauseRequestDeclineView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Decline a pause, saying why",
        body=DeclinePauseRequest,
        answers={200: PauseRequestOut},
        problems=(409,),
        examples={
            "body": {"note": "Let us talk first. I will call you."},
            200: ASKED
            | DECIDED
            | {"status": "declined", "decision_note": "Let us talk first. I will call you."},
        },
    )
    def post(self, request: Request, patient_id: UUID, request_id: UUID) -> Response:
        declined = decline_request(
            patient_id=patient_id,
            request_id=request_id,
            note=self.body(DeclinePauseRequest).note,
            by=self.actor,
            now=self.now,
        )
        return answer(pause_request_out(declined))


_ONE = "patients/<uuid:patient_id>/pause-requests/<uuid:request_id>"
urlpatterns = [
    path(
        "patients/<uuid:patient_id>/pause-requests",
        PauseRequestsView.as_view(),
        name="pause-requests",
    ),
    path(f"{_ONE}/accept", PauseRequestAcceptView.as_view(), name="pause-request-accept"),
    path(f"{_ONE}/decline", PauseRequestDeclineView.as_view(), name="pause-request-decline"),
]
