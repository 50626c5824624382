"""
A clinic's alert thresholds and texts: read by its staff, set by its administrators; looser ones wait
for the therapist who was asked to sign.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import msgspec
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import ADMINS, STAFF, THERAPISTS, StaffView, answer
from clinics.openapi import operation
from core.pagination import Listing, paginate
from sessions.actions.threshold_proposals import confirm_proposal, decline_proposal
from sessions.actions.thresholds import (
    newest_thresholds,
    set_thresholds,
    waiting_proposal,
    with_people,
)
from sessions.api import alert_examples as examples
from sessions.models import ThresholdProposal
from sessions.threshold_bodies import (
    DeclineProposal,
    ProposalOut,
    ProposalQuery,
    PutThresholds,
    ThresholdsOut,
)
from sessions.threshold_presenters import proposal_out, thresholds_out
from sessions.thresholds import DEFAULTS

NUMBERS = msgspec.structs.asdict(DEFAULTS) | {"pain_after_critical": 6}
NOTE = "Two of my patients would be heard of a week too late."
DECIDED = {
    "is_mine_to_sign": False,
    "decided_by": "Rui Costa",
    "decided_at": "2026-11-24T10:00:00Z",
}


class ThresholdsView(StaffView):
    access: ClassVar = {"get": STAFF, "put": ADMINS}

    @operation(
        summary="Read the clinic's alert thresholds",
        description="Version 0: the clinic has set none, and the platform's own numbers stand.",
        answers={200: ThresholdsOut},
        examples={200: examples.THRESHOLDS},
    )
    def get(self, request: Request) -> Response:
        stands, proposal = newest_thresholds(self.actor), waiting_proposal(self.actor)
        return answer(thresholds_out(stands, proposal, by=self.actor))

    @operation(
        summary="Set the clinic's alert thresholds",
        description=(
            "All numbers and texts, in place of the version named by `replaces`. A number that "
            "raises less often than before needs the sign-off of a therapist of the clinic: with "
            "the caller's own it is in force at once; with another's the change waits (202) until "
            "that therapist confirms it, and until then the numbers that stand hold."
        ),
        body=PutThresholds,
        answers={200: ThresholdsOut, 202: ThresholdsOut},
        problems=(400, 409),
        examples={
            "body": {
                "replaces": 0,
                "numbers": NUMBERS,
                "texts": {"no_contact": "Call within two days."},
            },
            200: examples.THRESHOLDS | {"version": 1, "numbers": NUMBERS},
            202: examples.THRESHOLDS | {"proposal": examples.PROPOSAL},
        },
    )
    def put(self, request: Request) -> Response:
        wanted = self.body(PutThresholds)
        stands, proposal = set_thresholds(wanted=wanted, by=self.actor, now=self.now)
        told = thresholds_out(stands, proposal, by=self.actor)
        return answer(told, status=202 if proposal else 200)


class ProposalsView(StaffView):
    access: ClassVar = {"get": STAFF}

    @operation(
        summary="List the changes of alert thresholds that a therapist was asked to sign",
        description="The latest first; those that wait, or were decided.",
        query=ProposalQuery,
        answers={200: Listing[ProposalOut]},
        problems=(400,),
        examples={200: {"results": [examples.PROPOSAL], "next": None}},
    )
    def get(self, request: Request) -> Response:
        asked = self.query(ProposalQuery)
        proposals = with_people(ThresholdProposal.objects.visible_to(self.actor))
        page = paginate(
            proposals.filter(status=asked.status) if asked.status else proposals,
            order=("-proposed_at", "-id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"threshold-proposals:{self.actor.user_id}:{self.actor.clinic_id}:{asked.status}",
        )
        shown = [proposal_out(one, by=self.actor) for one in page.items]
        return answer(Listing(results=shown, next=page.next_cursor))


class ConfirmView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Sign a change of alert thresholds, as the therapist who was asked to",
        description="It is in force from now. Nobody else can sign it: 403.",
        answers={200: ProposalOut},
        problems=(403, 404, 409),
        examples={200: examples.PROPOSAL | DECIDED | {"status": "confirmed"}},
    )
    def post(self, request: Request, proposal_id: UUID) -> Response:
        confirmed = confirm_proposal(proposal_id=proposal_id, by=self.actor, now=self.now)
        return answer(proposal_out(confirmed, by=self.actor))


class DeclineView(StaffView):
    access: ClassVar = {"post": STAFF}

    @operation(
        summary="Decline a change of alert thresholds, or take it back, saying why",
        description="By the therapist who is asked to sign, or an administrator.",
        body=DeclineProposal,
        answers={200: ProposalOut},
        problems=(400, 403, 404, 409),
        examples={
            "body": {"note": NOTE},
            200: examples.PROPOSAL | DECIDED | {"status": "declined", "decision_note": NOTE},
        },
    )
    def post(self, request: Request, proposal_id: UUID) -> Response:
        note = self.body(DeclineProposal).note
        declined = decline_proposal(proposal_id=proposal_id, note=note, by=self.actor, now=self.now)
        return answer(proposal_out(declined, by=self.actor))


_ONE = "clinic/thresholds/proposals/<uuid:proposal_id>"
urlpatterns = [
    path("clinic/thresholds", ThresholdsView.as_view(), name="alert-thresholds"),
    path("clinic/thresholds/proposals", ProposalsView.as_view(), name="threshold-proposals"),
    path(f"{_ONE}/confirm", ConfirmView.as_view(), name="threshold-proposal-confirm"),
    path(f"{_ONE}/decline", DeclineView.as_view(), name="threshold-proposal-decline"),
]
