"""People who are asked to work in the clinic."""

from __future__ import annotations

from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actions.invitations import (
    invite_member,
    resend_member_invitation,
    revoke_member_invitation,
)
from clinics.bodies import InvitationOut, NewInvitation
from clinics.http import ADMINS, StaffView, answer
from clinics.models import Invitation
from clinics.openapi import operation
from clinics.presenters import invitation_out
from core.pagination import Listing, PageQuery, paginate

MARTA = {
    "id": "019aa9f4-4d01-7c33-8e21-6f5a4b3c2d1e",
    "kind": "member",
    "email": "marta@example.org",
    "roles": ["therapist"],
    "state": "open",
    "invited_by": "Helena Prata",
    "invited_at": "2026-11-23T09:30:00Z",
    "ends_at": "2026-12-07T09:30:00Z",
    "times_sent": 1,
}


class InvitationsView(StaffView):
    access = {"get": ADMINS, "post": ADMINS}

    @operation(
        summary="List who was asked to work in the clinic",
        query=PageQuery,
        answers={200: Listing[InvitationOut]},
        examples={200: {"results": [MARTA], "next": None}},
    )
    def get(self, request: Request) -> Response:
        asked = self.query(PageQuery)
        invitations = Invitation.objects.visible_to(self.actor).filter(kind=Invitation.Kind.MEMBER)
        page = paginate(
            invitations.select_related("invited_by"),
            order=("-invited_at", "-id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"invitations:{self.actor.user_id}:{self.actor.clinic_id}",
        )
        shown = [invitation_out(one, now=self.now) for one in page.items]
        return answer(Listing(results=shown, next=page.next_cursor))

    @operation(
        summary="Ask somebody by mail to work in the clinic",
        description="The mail carries a code that is good for 14 days, once.",
        body=NewInvitation,
        answers={201: InvitationOut},
        problems=(409,),
        examples={"body": {"email": "marta@example.org", "roles": ["therapist"]}, 201: MARTA},
    )
    def post(self, request: Request) -> Response:
        asked = self.body(NewInvitation)
        made = invite_member(email=asked.email, roles=asked.roles, by=self.actor, now=self.now)
        return answer(invitation_out(made, now=self.now), 201)


class InvitationResendView(StaffView):
    access = {"post": ADMINS}

    @operation(
        summary="Send an invitation again, good for 14 more days",
        answers={200: InvitationOut},
        problems=(409,),
        examples={200: MARTA | {"times_sent": 2}},
    )
    def post(self, request: Request, invitation_id: UUID) -> Response:
        sent = resend_member_invitation(invitation_id=invitation_id, by=self.actor, now=self.now)
        return answer(invitation_out(sent, now=self.now))


class InvitationRevokeView(StaffView):
    access = {"post": ADMINS}

    @operation(
        summary="Take an invitation back",
        answers={200: InvitationOut},
        problems=(409,),
        examples={200: MARTA | {"state": "revoked"}},
    )
    def post(self, request: Request, invitation_id: UUID) -> Response:
        revoked = revoke_member_invitation(invitation_id=invitation_id, by=self.actor, now=self.now)
        return answer(invitation_out(revoked, now=self.now))


urlpatterns = [
    path("invitations", InvitationsView.as_view(), name="invitations"),
    path(
        "invitations/<uuid:invitation_id>/resend",
        InvitationResendView.as_view(),
        name="invitation-resend",
    ),
    path(
        "invitations/<uuid:invitation_id>/revoke",
        InvitationRevokeView.as_view(),
        name="invitation-revoke",
    ),
]
