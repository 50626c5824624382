"""Weeks as they were told: to the patient, to the care team, and a therapist's own digests."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import RECORD_HOLDERS, THERAPISTS, RecordView, StaffView, answer
from clinics.openapi import operation
from core.pagination import Listing
from patients.actions.change import no_such_patient
from patients.models import Patient
from reminders.actions.digest_choices import choose_digests
from reminders.bodies.weeks import DigestChoice, DigestLine, DigestOut, SummaryOut, WeeksQuery
from reminders.models import WeeklySummary
from reminders.presenters.weeks import (
    digest_choice,
    digest_of,
    digests_page,
    summaries_page,
    summary_of,
)

AS_TOLD = (
    "As it was stored when it was told, in the words of then: what came later is a correction in "
    "the next one."
)
BY_ITS_MONDAY = "A week is named by its Monday."
_STATES = ("done", "done", "part", "done", "not_done", "rest", "rest")
_WORDS = ("Done", "Done", "Part", "Done", "Not done", "Rest", "Rest")
SUMMARY: dict[str, Any] = {
    "week": "2026-11-16",
    "made_at": "2026-11-23T08:00:12Z",
    "language": "en",
    "contents": {
        "monday": "2026-11-16",
        "sentence": "Well done. You were active on more days than the week before.",
        "rule": "more_days",
        "counts": "You did your plan on 3 of 5 days.",
        "days": [
            {"on": f"2026-11-{16 + number}", "state": state, "words": words}
            for number, (state, words) in enumerate(zip(_STATES, _WORDS, strict=True))
        ],
        "days_done": 3,
        "days_due": 5,
        "times_done": 0,
        "times_expected": 0,
        "sessions": 4,
        "in_a_row": "",
        "goals": [
            {
                "text": "Walk to the bakery and back.",
                "words": "220 of 300 m",
                "when": "in one go",
                "is_met": False,
            }
        ],
        "next_week": "The plan is the same: 5 days.",
        "next_days": 5,
        "next_times": 0,
        "is_same_plan": True,
        "corrections": [{"on": "2026-11-10", "state": "done", "words": "Tuesday is now: done"}],
    },
}
COUNTS: dict[str, Any] = {
    "week": "2026-11-16",
    "made_at": "2026-11-23T08:00:12Z",
    "patients": 23,
    "attention": 3,
    "on_track": 17,
    "paused": 3,
}
DIGEST: dict[str, Any] = COUNTS | {
    "cases": [
        {
            "patient": "019aa9f4-2b00-7a01-8c7d-0f1e2d3c4b50",
            "name": "Ana Silva",
            "reference": "1042",
            "reasons": ["safety"],
            "unit": "days",
            "done": 3,
            "due": 5,
            "trend": "down",
            "is_paused": False,
        }
    ]
}
CHOICE = {"wants_digests": True, "always": False}


class OwnSummariesView(RecordView):
    access: ClassVar = {"get": RECORD_HOLDERS}
    audited_as = "summaries"

    @operation(
        summary="List one's weeks, the latest first",
        description=AS_TOLD,
        query=WeeksQuery,
        answers={200: Listing[SummaryOut]},
        problems=(400,),
        examples={200: {"results": [SUMMARY], "next": None}},
    )
    def get(self, request: Request) -> Response:
        found = WeeklySummary.objects.visible_to(self.actor)
        bound_to = f"me/summaries:{self.patient_id}"
        return answer(summaries_page(found, self.query(WeeksQuery), bound_to=bound_to))


class OwnSummaryView(RecordView):
    access: ClassVar = {"get": RECORD_HOLDERS}
    audited_as = "summary"

    @operation(
        summary="Read one of one's weeks",
        description=f"{BY_ITS_MONDAY} {AS_TOLD}",
        answers={200: SummaryOut},
        examples={200: SUMMARY},
    )
    def get(self, request: Request, week: str) -> Response:
        return answer(summary_of(WeeklySummary.objects.visible_to(self.actor), week))


class PatientSummariesView(StaffView):
    access: ClassVar = {"get": THERAPISTS}
    audited_as = "summaries"

    @operation(
        summary="List a patient's weeks as they were told, the latest first",
        description=AS_TOLD,
        query=WeeksQuery,
        answers={200: Listing[SummaryOut]},
        problems=(400,),
        examples={200: {"results": [SUMMARY], "next": None}},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        if not Patient.objects.visible_to(self.actor).filter(pk=patient_id).exists():
            raise no_such_patient()
        found = WeeklySummary.objects.visible_to(self.actor).filter(patient=patient_id)
        bound_to = f"summaries:{self.actor.user_id}:{patient_id}"
        return answer(summaries_page(found, self.query(WeeksQuery), bound_to=bound_to))


class PatientSummaryView(StaffView):
    access: ClassVar = {"get": THERAPISTS}
    audited_as = "summary"

    @operation(
        summary="Read one of a patient's weeks as it was told",
        description=f"{BY_ITS_MONDAY} {AS_TOLD}",
        answers={200: SummaryOut},
        examples={200: SUMMARY},
    )
    def get(self, request: Request, patient_id: UUID, week: str) -> Response:
        if not Patient.objects.visible_to(self.actor).filter(pk=patient_id).exists():
            raise no_such_patient()
        found = WeeklySummary.objects.visible_to(self.actor).filter(patient=patient_id)
        return answer(summary_of(found, week))


class DigestsView(StaffView):
    access: ClassVar = {"get": THERAPISTS}
    audited_as = "digests"

    @operation(
        summary="List one's digests, the latest first",
        query=WeeksQuery,
        answers={200: Listing[DigestLine]},
        problems=(400,),
        examples={200: {"results": [COUNTS], "next": None}},
    )
    def get(self, request: Request) -> Response:
        return answer(digests_page(self.actor, self.query(WeeksQuery)))


class DigestView(StaffView):
    access: ClassVar = {"get": THERAPISTS}
    audited_as = "digest"

    @operation(
        summary="Read a week of one's whole caseload, those who need somebody first",
        description=f"{BY_ITS_MONDAY} As it was told; a name stands beside those whom one still "
        "sees. Reasons: `safety`, `waiting`, `slipping`, `ready`.",
        answers={200: DigestOut},
        examples={200: DIGEST},
    )
    def get(self, request: Request, week: str) -> Response:
        found = digest_of(self.actor, week)
        self.reads(case.patient for case in found.cases if case.name is not None)
        return answer(found)


class DigestChoiceView(StaffView):
    access: ClassVar = {"get": THERAPISTS, "put": THERAPISTS}
    audited_as = "digest_choice"

    @operation(
        summary="Read whether one's digests come by mail",
        description="Before anything was chosen: by mail, in weeks in which somebody needs one.",
        answers={200: DigestChoice},
        examples={200: CHOICE},
    )
    def get(self, request: Request) -> Response:
        return answer(digest_choice(self.actor))

    @operation(
        summary="Choose whether one's digests come by mail",
        description="`always`: also in a week in which nobody needs attention. What is not mailed "
        "is stored all the same.",
        body=DigestChoice,
        answers={200: DigestChoice},
        problems=(400,),
        examples={"body": CHOICE, 200: CHOICE},
    )
    def put(self, request: Request) -> Response:
        choose_digests(asked=self.body(DigestChoice), by=self.actor, now=self.now)
        return answer(digest_choice(self.actor))


urlpatterns = [
    path("me/summaries", OwnSummariesView.as_view(), name="me-summaries"),
    path("me/summaries/<str:week>", OwnSummaryView.as_view(), name="me-summary"),
    path(
        "patients/<uuid:patient_id>/summaries",
        PatientSummariesView.as_view(),
        name="patient-summaries",
    ),
    path(
        "patients/<uuid:patient_id>/summaries/<str:week>",
        PatientSummaryView.as_view(),
        name="patient-summary",
    ),
    path("digests", DigestsView.as_view(), name="digests"),
    path("digests/choice", DigestChoiceView.as_view(), name="digest-choice"),
    path("digests/<str:week>", DigestView.as_view(), name="digest"),
]
