"""Who works in a clinic."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actions.members import grant_role
from clinics.actors import ADMIN, THERAPIST, Actor
from clinics.bodies import MemberOut, MemberQuery
from clinics.http import ADMINS, StaffView, answer
from clinics.models import Membership, User
from clinics.openapi import operation
from clinics.presenters import members_out
from core.pagination import Listing, paginate

RUI = {
    "id": "019aa9f4-1e00-7a10-8b20-3c4d5e6f7a8b",
    "name": "Rui Costa",
    "email": "rui@example.org",
    "roles": [{"membership": "019aa9f4-1f02-7d55-9a3c-5b0c6f2e8d10", "role": THERAPIST}],
}


class MembersView(StaffView):
    access = {"get": ADMINS}

    @operation(
        summary="List who works in the clinic",
        query=MemberQuery,
        answers={200: Listing[MemberOut]},
        examples={200: {"results": [RUI], "next": None}},
    )
    def get(self, request: Request) -> Response:
        asked = self.query(MemberQuery)
        page = paginate(
            members(self.actor, ended=asked.ended),
            order=("name", "id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"members:{self.actor.user_id}:{self.actor.clinic_id}:{asked.ended}",
        )
        return answer(Listing(results=members_out(page.items, self.actor), next=page.next_cursor))


class GrantRoleView(StaffView):
    """One class for each role: the address names it."""

    access = {"put": ADMINS}
    role = ""

    @operation(
        summary="Give this role to somebody who works in the clinic",
        answers={200: MemberOut},
        examples={200: RUI},
    )
    def put(self, request: Request, user_id: UUID) -> Response:
        user = grant_role(user_id=user_id, role=self.role, by=self.actor, now=self.now)
        return answer(members_out([user], self.actor)[0])


class GrantAdminView(GrantRoleView):
    role = ADMIN


class GrantTherapistView(GrantRoleView):
    role = THERAPIST


def members(who: Actor, *, ended: bool) -> QuerySet[User]:
    """Return the logins that hold a role in the actor's clinic; or that held one, and hold none."""
    held = Membership.objects.visible_to(who).filter(user=OuterRef("pk"))
    working = Exists(held.filter(deactivated_at=None))
    if ended:
        return User.objects.filter(Exists(held)).exclude(working)
    return User.objects.filter(working)


urlpatterns = [
    path("members", MembersView.as_view(), name="members"),
    path("members/<uuid:user_id>/admin", GrantAdminView.as_view(), name="member-admin"),
    path("members/<uuid:user_id>/therapist", GrantTherapistView.as_view(), name="member-therapist"),
]
