"""Who may log and read on a patient's behalf."""

from __future__ import annotations

from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import STAFF, StaffView, answer
from clinics.openapi import operation
from core.pagination import Listing, PageQuery, paginate
from patients.actions.carers import add_carer, revoke_carer
from patients.api.people import find_person
from patients.bodies.people import CarerOut, NewCarer
from patients.presenters.people import carer_out

JOAO = {
    "id": "019aa9f4-3c11-7b02-9d8e-7f6a5b4c3d2e",
    "name": "João Silva",
    "email": "joao@example.org",
    "consented_at": "2026-11-23T09:30:00Z",
    "consent_recorded_by": "Rui Costa",
    "revoked_at": None,
}


class CarersView(StaffView):
    access = {"get": STAFF, "post": STAFF}
    audited_as = "carers"

    @operation(
        summary="List a patient's carers, those of the past too",
        query=PageQuery,
        answers={200: Listing[CarerOut]},
        examples={200: {"results": [JOAO], "next": None}},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        asked = self.query(PageQuery)
        patient = find_person(patient_id, self.actor)
        page = paginate(
            patient.carers.select_related("user", "consent_recorded_by"),
            order=("-consented_at", "-id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"carers:{self.actor.user_id}:{patient.pk}",
        )
        shown = [carer_out(one) for one in page.items]
        return answer(Listing(results=shown, next=page.next_cursor))

    @operation(
        summary="Record a patient's consent to a carer",
        description="The carer signs in with that address already.",
        body=NewCarer,
        answers={201: CarerOut},
        problems=(409,),
        examples={"body": {"email": "joao@example.org", "consent": "given"}, 201: JOAO},
    )
    def post(self, request: Request, patient_id: UUID) -> Response:
        email = self.body(NewCarer).email
        carer = add_carer(patient_id=patient_id, email=email, by=self.actor, now=self.now)
        return answer(carer_out(carer), status=201)


class CarerRevokeView(StaffView):
    access = {"post": STAFF}

    @operation(
        summary="Revoke a carer's consent, with effect at their next request",
        answers={200: CarerOut},
        examples={200: JOAO | {"revoked_at": "2026-12-01T17:05:00Z"}},
    )
    def post(self, request: Request, patient_id: UUID, carer_id: UUID) -> Response:
        carer = revoke_carer(patient_id=patient_id, carer_id=carer_id, by=self.actor, now=self.now)
        return answer(carer_out(carer))


urlpatterns = [
    path("patients/<uuid:patient_id>/carers", CarersView.as_view(), name="carers"),
    path(
        "patients/<uuid:patient_id>/carers/<uuid:carer_id>/revoke",
        CarerRevokeView.as_view(),
        name="carer-revoke",
    ),
]
