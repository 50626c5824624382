"""The patient's own record: look at it, ask for a pause, take back a carer's consent."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actors import PATIENT
from clinics.http import RECORD_HOLDERS, RecordView, answer
from clinics.openapi import operation
from core.pagination import Listing, PageQuery, paginate
from patients.actions.carers import revoke_carer
from patients.actions.change import no_such_patient
from patients.actions.pause_requests import ask_for_pause, withdraw_request
from patients.api.pause_requests import ASKED
from patients.bodies.pause_requests import NewPauseRequest, PauseRequestOut, PauseRequestQuery
from patients.bodies.record import OwnCarer, OwnRecord
from patients.models import Carer, Patient, PauseRequest
from patients.presenters.pause_requests import pause_request_out, with_people
from patients.presenters.record import own_carer, record_out

PATIENT_ALONE = frozenset({PATIENT})
JOAO = {
    "id": "019aa9f4-3c11-7b02-9d8e-7f6a5b4c3d2e",
    "name": "João Silva",
    "consented_at": "2026-11-23T09:30:00Z",
    "revoked_at": None,
}
RECORD = {
    "id": "019aa9f4-2a10-7c01-8b7d-6e5f4a3b2c1d",
    "name": "Ana Silva",
    "date_of_birth": "1958-04-17",
    "medical_record_number": "H-1023",
    "affected_side": "left",
    "affected_side_words": "left",
    "in_care": True,
    "discharged_on": None,
    "clinic": {"name": "Harbour Clinic", "phone_number": "+351 210 000 000"},
    "care_team": [{"name": "Rui Costa", "is_lead": True}],
    "programs": [
        {
            "title": "Home exercises",
            "starts_on": "2026-11-23",
            "ends_on": None,
            "state": "running",
        }
    ],
    "pauses": [
        {
            "starts_on": "2026-12-24",
            "ends_on": "2026-12-26",
            "reason": "holiday",
            "reason_words": "away",
            "state": "coming",
        }
    ],
    "aids": ["quad cane"],
    "precautions": "No kneeling.",
    "carers": [JOAO],
}


class RecordSummaryView(RecordView):
    access: ClassVar = {"get": RECORD_HOLDERS}
    audited_as = "record"

    @operation(
        summary="Read one's own record",
        description="Who treats me and how to call them, my programs and pauses, what to mind, and "
        "who may act for me.",
        answers={200: OwnRecord},
        examples={200: RECORD},
    )
    def get(self, request: Request) -> Response:
        patient = Patient.objects.visible_to(self.actor).first()
        if patient is None:
            raise no_such_patient()
        return answer(record_out(patient, now=self.now))


class OwnCarersView(RecordView):
    access: ClassVar = {"get": PATIENT_ALONE}
    audited_as = "carers"

    @operation(
        summary="List one's carers, those of the past too",
        query=PageQuery,
        answers={200: Listing[OwnCarer]},
        examples={200: {"results": [JOAO], "next": None}},
    )
    def get(self, request: Request) -> Response:
        asked = self.query(PageQuery)
        page = paginate(
            Carer.objects.visible_to(self.actor).select_related("user"),
            order=("-consented_at", "-id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"me/carers:{self.actor.user_id}:{self.patient_id}",
        )
        shown = [own_carer(one) for one in page.items]
        return answer(Listing(results=shown, next=page.next_cursor))


class OwnCarerRevokeView(RecordView):
    access: ClassVar = {"post": PATIENT_ALONE}

    @operation(
        summary="Take back one's consent to a carer",
        description="With effect at their next request, also after discharge. Twice is as once.",
        answers={200: OwnCarer},
        examples={200: JOAO | {"revoked_at": "2026-12-01T17:05:00Z"}},
    )
    def post(self, request: Request, carer_id: UUID) -> Response:
        carer = revoke_carer(
            patient_id=self.patient_id, carer_id=carer_id, by=self.actor, now=self.now
        )
        return answer(own_carer(carer))


class OwnPauseRequestsView(RecordView):
    access: ClassVar = {"get": RECORD_HOLDERS, "post": RECORD_HOLDERS}
    audited_as = "pause_requests"

    @operation(
        summary="List what one asked for, the latest first",
        query=PauseRequestQuery,
        answers={200: Listing[PauseRequestOut]},
        examples={200: {"results": [ASKED], "next": None}},
    )
    def get(self, request: Request) -> Response:
        asked = self.query(PauseRequestQuery)
        own = PauseRequest.objects.visible_to(self.actor)
        page = paginate(
            with_people(own.filter(status=asked.status) if asked.status else own),
            order=("-asked_at", "-id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"me/pause-requests:{self.actor.user_id}:{self.patient_id}:{asked.status}",
        )
        shown = [pause_request_out(one) for one in page.items]
        return answer(Listing(results=shown, next=page.next_cursor))

    @operation(
        summary="Ask the care team for a pause",
        description="It pauses nothing until a therapist accepts it. The same dates and reason "
        "while one waits answer 200 with that one. After discharge: 409 `patient_discharged`.",
        body=NewPauseRequest,
        answers={201: PauseRequestOut, 200: PauseRequestOut},
        problems=(409,),
        examples={
            "body": {
                "starts_on": "2026-12-24",
                "ends_on": "2026-12-26",
                "reason": "holiday",
                "note": "We visit my sister.",
            },
            201: ASKED,
            200: ASKED,
        },
    )
    def post(self, request: Request) -> Response:
        made, is_new = ask_for_pause(
            patient_id=self.patient_id,
            asked=self.body(NewPauseRequest),
            by=self.actor,
            now=self.now,
        )
        return answer(pause_request_out(made), status=201 if is_new else 200)


class OwnPauseRequestWithdrawView(RecordView):
    access: ClassVar = {"post": RECORD_HOLDERS}

    @operation(
        summary="Take back a request that waits",
        answers={200: PauseRequestOut},
        problems=(409,),
        examples={
            200: ASKED
            | {
                "status": "withdrawn",
                "decided_by": "Ana Silva",
                "decided_at": "2026-11-26T10:00:00Z",
            }
        },
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        taken_back = withdraw_request(
            patient_id=self.patient_id, request_id=request_id, by=self.actor, now=self.now
        )
        return answer(pause_request_out(taken_back))


urlpatterns = [
    path("me/record", RecordSummaryView.as_view(), name="me-record"),
    path("me/carers", OwnCarersView.as_view(), name="me-carers"),
    path("me/carers/<uuid:carer_id>/revoke", OwnCarerRevokeView.as_view(), name="me-carer-revoke"),
    path("me/pause-requests", OwnPauseRequestsView.as_view(), name="me-pause-requests"),
    path(
        "me/pause-requests/<uuid:request_id>/withdraw",
        OwnPauseRequestWithdrawView.as_view(),
        name="me-pause-request-withdraw",
    ),
]
