"""Who treats a patient, and which therapists there are to choose from."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import STAFF, StaffView, answer
from clinics.models import Membership
from core.pagination import Listing, PageQuery, paginate
from patients.actions.care_team import put_on_care_team, remove_from_care_team
from patients.api.people import find_person
from patients.bodies.people import CareTeamPlace
from patients.presenters.people import care_team_out, therapist_out


class CareTeamView(StaffView):
    access: ClassVar = {"get": STAFF}
    audited_as = "care_team"

    def get(self, request: Request, patient_id: UUID) -> Response:
        return answer(care_team_out(find_person(patient_id, self.actor)))


class CareTeamMemberView(StaffView):
    access: ClassVar = {"put": STAFF, "delete": STAFF}

    def put(self, request: Request, patient_id: UUID, membership_id: UUID) -> Response:
        patient = put_on_care_team(
            patient_id=patient_id,
            membership_id=membership_id,
            is_lead=self.body(CareTeamPlace).is_lead,
            by=self.actor,
            now=self.now,
        )
        return answer(care_team_out(patient))

    def delete(self, request: Request, patient_id: UUID, membership_id: UUID) -> Response:
        patient = remove_from_care_team(
            patient_id=patient_id, membership_id=membership_id, by=self.actor, now=self.now
        )
        return answer(care_team_out(patient))


class TherapistsView(StaffView):
    access: ClassVar = {"get": STAFF}

    def get(self, request: Request) -> Response:
        asked = self.query(PageQuery)
        working = Membership.objects.visible_to(self.actor).working()
        page = paginate(
            working.filter(role=Membership.Role.THERAPIST).select_related("user"),
            order=("user__name", "id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"therapists:{self.actor.user_id}:{self.actor.clinic_id}",
        )
        shown = [therapist_out(one) for one in page.items]
        return answer(Listing(results=shown, next=page.next_cursor))


urlpatterns = [
    path("therapists", TherapistsView.as_view(), name="therapists"),
    path("patients/<uuid:patient_id>/care-team", CareTeamView.as_view(), name="care-team"),
    path(
        "patients/<uuid:patient_id>/care-team/<uuid:membership_id>",
        CareTeamMemberView.as_view(),
        name="care-team-member",
    ),
]
