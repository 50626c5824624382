"""People who are asked to use a record, and how an invitation is accepted."""

from __future__ import annotations

from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.api.devices import DEVICE_EXAMPLE
from clinics.bodies import (
    InvitationCode,
    InvitationOut,
    InvitationShown,
    InvitationTaken,
    JoinByInvitation,
    SignedIn,
)
from clinics.http import (
    ANYONE,
    STAFF,
    USERS,
    PublicView,
    StaffView,
    UserView,
    answer,
    client_address,
)
from clinics.models import Invitation
from clinics.openapi import operation
from clinics.presenters import device_out, invitation_out
from core.pagination import Listing, PageQuery, paginate
from patients.actions.invitations import (
    accept_invitation,
    invite_to_record,
    join_by_invitation,
    resend_record_invitation,
    revoke_record_invitation,
    show_invitation,
)
from patients.api.people import find_person
from patients.bodies.invitations import NewRecordInvitation

JOAO = {
    "id": "019aa9f4-4d01-7c33-8e21-6f5a4b3c2d1e",
    "kind": "carer",
    "email": "joao@example.org",
    "roles": [],
    "state": "open",
    "invited_by": "Rui Costa",
    "invited_at": "2026-11-23T09:30:00Z",
    "ends_at": "2026-12-07T09:30:00Z",
    "times_sent": 1,
}
CODE = {"code": "AZqp9AABfwCAAJqLfG1eTw…"}


class RecordInvitationsView(StaffView):
    access = {"get": STAFF, "post": STAFF}
    audited_as = "invitations"

    @operation(
        summary="List who was asked to use a record",
        query=PageQuery,
        answers={200: Listing[InvitationOut]},
        examples={200: {"results": [JOAO], "next": None}},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        asked = self.query(PageQuery)
        patient = find_person(patient_id, self.actor)
        invitations = Invitation.objects.visible_to(self.actor).filter(patient_id=patient.pk)
        page = paginate(
            invitations.select_related("invited_by"),
            order=("-invited_at", "-id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"record invitations:{self.actor.user_id}:{patient.pk}",
        )
        shown = [invitation_out(one, now=self.now) for one in page.items]
        return answer(Listing(results=shown, next=page.next_cursor))

    @operation(
        summary="Ask a patient or a carer by mail to use a record",
        description="The mail carries a code that is good for 14 days, once. A carer's consent is "
        "recorded with it.",
        body=NewRecordInvitation,
        answers={201: InvitationOut},
        problems=(409,),
        examples={
            "body": {"kind": "carer", "email": "joao@example.org", "consent": "given"},
            201: JOAO,
        },
    )
    def post(self, request: Request, patient_id: UUID) -> Response:
        asked = self.body(NewRecordInvitation)
        made = invite_to_record(
            patient_id=patient_id,
            kind=Invitation.Kind(asked.kind),
            email=asked.email,
            by=self.actor,
            now=self.now,
        )
        return answer(invitation_out(made, now=self.now), 201)


class RecordInvitationResendView(StaffView):
    access = {"post": STAFF}

    @operation(
        summary="Send an invitation to a record again, good for 14 more days",
        answers={200: InvitationOut},
        problems=(409,),
        examples={200: JOAO | {"times_sent": 2}},
    )
    def post(self, request: Request, patient_id: UUID, invitation_id: UUID) -> Response:
        sent = resend_record_invitation(
            patient_id=patient_id, invitation_id=invitation_id, by=self.actor, now=self.now
        )
        return answer(invitation_out(sent, now=self.now))


class RecordInvitationRevokeView(StaffView):
    access = {"post": STAFF}

    @operation(
        summary="Take an invitation to a record back",
        answers={200: InvitationOut},
        problems=(409,),
        examples={200: JOAO | {"state": "revoked"}},
    )
    def post(self, request: Request, patient_id: UUID, invitation_id: UUID) -> Response:
        revoked = revoke_record_invitation(
            patient_id=patient_id, invitation_id=invitation_id, by=self.actor, now=self.now
        )
        return answer(invitation_out(revoked, now=self.now))


class InvitationShowView(PublicView):
    access = {"post": ANYONE}

    @operation(
        summary="See what a mailed invitation is to",
        body=InvitationCode,
        answers={200: InvitationShown},
        problems=(400, 404, 409, 429),
        examples={
            "body": CODE,
            200: {
                "clinic_name": "Harbour Clinic",
                "kind": "carer",
                "email": "joao@example.org",
                "has_login": False,
            },
        },
    )
    def post(self, request: Request) -> Response:
        code = self.body(InvitationCode).code
        address = client_address(request)
        invitation, has_login = show_invitation(code=code, address=address, now=self.now)
        shown = InvitationShown(
            clinic_name=invitation.clinic.name,
            kind=invitation.kind,
            email=invitation.email,
            has_login=has_login,
        )
        return answer(shown)


class InvitationAcceptView(UserView):
    access = {"post": USERS}

    @operation(
        summary="Accept an invitation with the login that is signed in",
        description="Its address must be the one that the mail went to.",
        body=InvitationCode,
        answers={200: InvitationTaken},
        problems=(403, 404, 409),
        examples={
            "body": CODE,
            200: {
                "clinic": "019aa9f4-0001-7f00-8000-9a8b7c6d5e4f",
                "kind": "carer",
                "record": "019aa9f4-2b7e-7a41-8c9d-0e1f2a3b4c5d",
            },
        },
    )
    def post(self, request: Request) -> Response:
        code = self.body(InvitationCode).code
        taken = accept_invitation(code=code, by=self.actor, now=self.now)
        place = InvitationTaken(clinic=taken.clinic_id, kind=taken.kind, record=taken.patient_id)
        return answer(place)


class InvitationJoinView(PublicView):
    access = {"post": ANYONE}

    @operation(
        summary="Accept an invitation by making a login, and sign this device in",
        description="Where the address has a login: 409 `login_exists`. Sign in, then accept.",
        body=JoinByInvitation,
        answers={201: SignedIn},
        problems=(400, 404, 409, 429),
        examples={
            "body": {
                **CODE,
                "name": "João Silva",
                "password": "four words are plenty",
                "device_name": "João's phone",
            },
            201: {"token": "kJ3…", "device": DEVICE_EXAMPLE},
        },
    )
    def post(self, request: Request) -> Response:
        asked = self.body(JoinByInvitation)
        made = join_by_invitation(
            code=asked.code,
            name=asked.name,
            password=asked.password,
            device_name=asked.device_name,
            address=client_address(request),
            now=self.now,
        )
        device = device_out(made.device, this_one=made.device.pk)
        return answer(SignedIn(token=made.token, device=device), 201)


OF_RECORD = "patients/<uuid:patient_id>/invitations"
urlpatterns = [
    path(OF_RECORD, RecordInvitationsView.as_view(), name="record-invitations"),
    path(
        f"{OF_RECORD}/<uuid:invitation_id>/resend",
        RecordInvitationResendView.as_view(),
        name="record-invitation-resend",
    ),
    path(
        f"{OF_RECORD}/<uuid:invitation_id>/revoke",
        RecordInvitationRevokeView.as_view(),
        name="record-invitation-revoke",
    ),
    path("auth/invitations/show", InvitationShowView.as_view(), name="invitation-show"),
    path("auth/invitations/accept", InvitationAcceptView.as_view(), name="invitation-accept"),
    path("auth/invitations/join", InvitationJoinView.as_view(), name="invitation-join"),
]
