"""Who may log and read on a patient's behalf."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import STAFF, StaffView, answer
from core.pagination import Listing, PageQuery, paginate
from patients.actions.carers import add_carer, revoke_carer
from patients.api.people import find_person
from patients.bodies.people import NewCarer
from patients.presenters.people import carer_out


class CarersView(StaffView):
    access: ClassVar = {"get": STAFF, "post": STAFF}
    audited_as = "carers"

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

    def post(self, request: Request, patient_id: UUID) -> Response:
        email = self.body(NewCarer).email
        carer = add_carer(patient_id=patient_id, email=email, by=self.actor, now=self.now)
        return answer(carer_out(carer), status=201)


class CarerRevokeView(StaffView):
    access: ClassVar = {"post": STAFF}

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
