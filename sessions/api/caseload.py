"""A therapist's caseload, those who need them first."""

from __future__ import annotations

from typing import ClassVar

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import THERAPISTS, StaffView, answer
from clinics.openapi import operation
from core.pagination import Listing
from sessions.caseload import caseload_page, tally
from sessions.caseload_answers import case_outs, summary_out
from sessions.caseload_bodies import EXAMPLE, CaseloadQuery, CaseloadSummary, CaseOut
from sessions.needs import NEEDS

ORDER = (
    "The order is that of the most pressing need: open alerts (emergency, critical, high, medium), "
    "held sessions that wait, a pause that was asked for, a safety hold, off track and slipping over the last four completed "
    "weeks, a week without a session, never started, nothing prescribed, a draft, a suggestion. "
    "Among equals who has waited longest comes first, then by name."
)


class CaseloadView(StaffView):
    access: ClassVar = {"get": THERAPISTS}
    audited_as = "caseload"

    @operation(
        summary="List one's caseload, those who need somebody first",
        description=ORDER,
        query=CaseloadQuery,
        answers={200: Listing[CaseOut]},
        examples={200: {"results": [EXAMPLE], "next": None}},
    )
    def get(self, request: Request) -> Response:
        page = caseload_page(who=self.actor, asked=self.query(CaseloadQuery), now=self.now)
        self.reads(case.facts.patient_id for case in page.items)
        return answer(Listing(results=case_outs(page.items), next=page.next_cursor))


class CaseloadSummaryView(StaffView):
    access: ClassVar = {"get": THERAPISTS}
    audited_as = "caseload_summary"

    @operation(
        summary="Count the needs of one's caseload",
        answers={200: CaseloadSummary},
        examples={
            200: {
                "patients": 24,
                "paused": 3,
                "without_need": 11,
                "needs": [{"need": need, "patients": 1, "first": 1} for need in NEEDS],
            }
        },
    )
    def get(self, request: Request) -> Response:
        return answer(summary_out(tally(who=self.actor, now=self.now)))


urlpatterns = [
    path("caseload", CaseloadView.as_view(), name="caseload"),
    path("caseload/summary", CaseloadSummaryView.as_view(), name="caseload-summary"),
]
