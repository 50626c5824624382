"""Who treats a patient, and which therapists there are to choose from."""

from __future__ import annotations

from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import STAFF, StaffView, answer
from clinics.models import Membership
from clinics.openapi import operation
from core.pagination import Listing, PageQuery, paginate
from patients.actions.care_team import put_on_care_team, remove_from_care_team
from patients.api.people import RUI, find_person
from patients.bodies.people import CareTeamOut, CareTeamPlace, TherapistOut
from patients.presenters.people import care_team_out, therapist_out

TEAM = {"results": [RUI], "is_unassigned": False}


class CareTeamView(StaffView):
    access = {"get": STAFF}
    audited_as = "care_team"

    @operation(summary="Read a care team", answers={200: CareTeamOut}, examples={200: TEAM})
    def get(self, request: Request, patient_id: UUID) -> Response:
        return answer(care_team_out(find_person(patient_id, self.actor)))


class CareTeamMemberView(StaffView):
    access = {"put": STAFF, "delete": STAFF}

    @operation(
        summary="Put a therapist on a care team, or in its lead",
        body=CareTeamPlace,
        answers={200: CareTeamOut},
        problems=(409,),
        examples={"body": {"is_lead": True}, 200: TEAM},
    )
    def put(self, request: Request, patient_id: UUID, membership_id: UUID) -> Response:
        patient = put_on_care_team(
            patient_id=patient_id,
            membership_id=membership_id,
            is_lead=self.body(CareTeamPlace).is_lead,
            by=self.actor,
            now=self.now,
        )
        return answer(care_team_out(patient))

    @operation(
        summary="Take a therapist off a care team",
        description="The last one too: the patient then stands on the administrators' list of "
        "the unassigned, and the answer says so.",
        answers={200: CareTeamOut},
        examples={200: {"results": [], "is_unassigned": True}},
    )
    def delete(self, request: Request, patient_id: UUID, membership_id: UUID) -> Response:
        patient = remove_from_care_team(
            patient_id=patient_id, membership_id=membership_id, by=self.actor, now=self.now
        )
        return answer(care_team_out(patient))


class TherapistsView(StaffView):
    access = {"get": STAFF}

    @operation(
        summary="List the clinic's therapists",
        query=PageQuery,
        answers={200: Listing[TherapistOut]},
        examples={
            200: {
                "results": [{"membership": RUI["membership"], "name": "Rui Costa"}],
                "next": None,
            }
        },
    )
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
