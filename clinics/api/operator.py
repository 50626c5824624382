"""The clinics of the platform, and what is done outside them, for its operators."""

from __future__ import annotations

from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actions.operating import (
    archive_clinic,
    create_clinic,
    resend_first_invitation,
    restore_clinic,
)
from clinics.bodies import (
    ClinicsQuery,
    InvitationOut,
    NewClinic,
    PlatformAuditQuery,
    PlatformClinicOut,
    PlatformEventOut,
)
from clinics.http import OPERATORS, OperatorView, answer
from clinics.models import Clinic
from clinics.openapi import operation
from clinics.platform_audit import filters_of, platform_events
from clinics.presenters import invitation_out, platform_clinic_out, platform_events_out
from core.pagination import Listing, paginate

HARBOUR = {
    "id": "019aa9f4-0001-7f00-8000-9a8b7c6d5e4f",
    "name": "Harbour Clinic",
    "time_zone": "Europe/Lisbon",
    "country": "PT",
    "phone_number": "+351 210 000 000",
    "archived_at": None,
}
FIRST_ASKED = {
    "id": "019aa9f4-4d01-7c33-8e21-6f5a4b3c2d1e",
    "kind": "member",
    "email": "helena@harbour.example",
    "roles": ["admin"],
    "state": "open",
    "invited_by": "Olga Reis",
    "invited_at": "2026-11-23T09:30:00Z",
    "ends_at": "2026-12-08T18:02:00Z",
    "times_sent": 2,
}
EVENT = {
    "id": "019aa9f4-5e02-7d44-9f32-7a6b5c4d3e2f",
    "at": "2026-11-23T18:02:00Z",
    "action": "login_deactivated",
    "actor": "019aa9f4-0002-7f00-8000-9a8b7c6d5e4f",
    "actor_name": "Olga Reis",
    "acting_as": "operator",
    "target": "clinics.User",
    "target_id": "019aa9f4-0003-7f00-8000-9a8b7c6d5e4f",
    "request_id": "6f1c2b7d9e3a4c5f",
    "address": "192.0.2.17",
    "details": {},
}
FOUNDED = {name: HARBOUR[name] for name in ("name", "time_zone", "country", "phone_number")}


class ClinicsView(OperatorView):
    access = {"get": OPERATORS, "post": OPERATORS}

    @operation(
        summary="List the platform's clinics",
        query=ClinicsQuery,
        answers={200: Listing[PlatformClinicOut]},
        examples={200: {"results": [HARBOUR], "next": None}},
    )
    def get(self, request: Request) -> Response:
        asked = self.query(ClinicsQuery)
        found = Clinic.objects.visible_to(self.actor).filter(
            archived_at__isnull=not asked.archived, name__icontains=asked.search
        )
        page = paginate(
            found,
            order=("name", "id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"clinics:{self.actor.user_id}:{asked.archived}:{asked.search}",
        )
        shown = [platform_clinic_out(one) for one in page.items]
        return answer(Listing(results=shown, next=page.next_cursor))

    @operation(
        summary="Found a clinic",
        description="Its first administrator is asked by mail. A name is given once: sent again, "
        "409 `clinic_exists` names the clinic that has it.",
        body=NewClinic,
        answers={201: PlatformClinicOut},
        problems=(409,),
        examples={"body": FOUNDED | {"admin_email": "helena@harbour.example"}, 201: HARBOUR},
    )
    def post(self, request: Request) -> Response:
        asked = self.body(NewClinic)
        made = create_clinic(
            name=asked.name,
            time_zone=asked.time_zone,
            country=asked.country,
            phone_number=asked.phone_number,
            admin_email=asked.admin_email,
            by=self.actor,
            now=self.now,
        )
        return answer(platform_clinic_out(made), status=201)


class ArchiveClinicView(OperatorView):
    access = {"post": OPERATORS}

    @operation(
        summary="Archive a clinic",
        description="Nobody acts in it from the next request on. Nothing is deleted.",
        answers={200: PlatformClinicOut},
        examples={200: HARBOUR | {"archived_at": "2026-11-23T18:02:00Z"}},
    )
    def post(self, request: Request, clinic_id: UUID) -> Response:
        clinic = archive_clinic(clinic_id=clinic_id, by=self.actor, now=self.now)
        return answer(platform_clinic_out(clinic))


class RestoreClinicView(OperatorView):
    access = {"post": OPERATORS}

    @operation(
        summary="Take an archived clinic back",
        answers={200: PlatformClinicOut},
        examples={200: HARBOUR},
    )
    def post(self, request: Request, clinic_id: UUID) -> Response:
        clinic = restore_clinic(clinic_id=clinic_id, by=self.actor, now=self.now)
        return answer(platform_clinic_out(clinic))


class ResendFirstInvitationView(OperatorView):
    access = {"post": OPERATORS}

    @operation(
        summary="Ask a clinic's first administrator again",
        description="Good for 14 more days; the mail before leads nowhere any more. 409 "
        "`invitation_accepted` where they are at work already, `clinic_archived` where nobody is.",
        answers={200: InvitationOut},
        problems=(409,),
        examples={200: FIRST_ASKED},
    )
    def post(self, request: Request, clinic_id: UUID) -> Response:
        sent = resend_first_invitation(clinic_id=clinic_id, by=self.actor, now=self.now)
        return answer(invitation_out(sent, now=self.now))


class PlatformAuditView(OperatorView):
    access = {"get": OPERATORS}

    @operation(
        summary="List what was done outside every clinic, newest first",
        description="Signing in, logins that were made, ended and let in again, reviews of what "
        "ships. What was done in a clinic is in that clinic's own audit, behind its glass.",
        query=PlatformAuditQuery,
        answers={200: Listing[PlatformEventOut]},
        examples={200: {"results": [EVENT], "next": None}},
    )
    def get(self, request: Request) -> Response:
        asked = self.query(PlatformAuditQuery)
        page = paginate(
            platform_events(asked),
            order=("-at", "-id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"platform audit:{self.actor.user_id}:{filters_of(asked)}",
        )
        return answer(Listing(results=platform_events_out(page.items), next=page.next_cursor))


CLINIC = "operator/clinics/<uuid:clinic_id>"

urlpatterns = [
    path("operator/clinics", ClinicsView.as_view(), name="operator-clinics"),
    path("operator/audit", PlatformAuditView.as_view(), name="operator-audit"),
    path(f"{CLINIC}/archive", ArchiveClinicView.as_view(), name="operator-clinic-archive"),
    path(f"{CLINIC}/restore", RestoreClinicView.as_view(), name="operator-clinic-restore"),
    path(
        f"{CLINIC}/resend-invitation",
        ResendFirstInvitationView.as_view(),
        name="operator-clinic-resend-invitation",
    ),
]
