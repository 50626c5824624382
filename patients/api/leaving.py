"""Somebody leaves the clinic, or one of their roles in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actors import ADMIN, THERAPIST
from clinics.http import ADMINS, StaffView, answer
from clinics.openapi import ExampleKey, operation
from patients.actions.leaving import deactivate_member, end_role
from patients.bodies.leaving import Leaving, LeftOut

COVERED: Mapping[ExampleKey, Any] = {
    "body": {"cover": "019aa9f4-1f02-7d55-9a3c-5b0c6f2e8d10"},
    200: {"care_teams": 12, "unassigned": 0},
}


class DeactivateMemberView(StaffView):
    access = {"post": ADMINS}

    @operation(
        summary="End somebody's work in the clinic, with effect at their next request",
        description="`cover` takes over their places in care teams; without it, a patient of whom "
        "nobody is left stands as unassigned. The last administrator stays.",
        body=Leaving,
        answers={200: LeftOut},
        problems=(409,),
        examples=COVERED,
    )
    def post(self, request: Request, user_id: UUID) -> Response:
        cover = self.body(Leaving).cover
        return answer(deactivate_member(user_id=user_id, cover=cover, by=self.actor, now=self.now))


class EndRoleView(StaffView):
    """One class for each role: the address names it."""

    access = {"post": ADMINS}
    role = ""

    @operation(
        summary="End this role of somebody who works in the clinic",
        description="As ending all of their work: see there.",
        body=Leaving,
        answers={200: LeftOut},
        problems=(409,),
        examples=COVERED,
    )
    def post(self, request: Request, user_id: UUID) -> Response:
        cover = self.body(Leaving).cover
        return answer(
            end_role(user_id=user_id, role=self.role, cover=cover, by=self.actor, now=self.now)
        )


class EndAdminView(EndRoleView):
    role = ADMIN


class EndTherapistView(EndRoleView):
    role = THERAPIST


urlpatterns = [
    path(
        "members/<uuid:user_id>/deactivate",
        DeactivateMemberView.as_view(),
        name="member-deactivate",
    ),
    path("members/<uuid:user_id>/admin/end", EndAdminView.as_view(), name="member-admin-end"),
    path(
        "members/<uuid:user_id>/therapist/end",
        EndTherapistView.as_view(),
        name="member-therapist-end",
    ),
]
