"""Scores of outcome measures: what a therapist measured, and what its change says."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import THERAPISTS, StaffView, answer
from clinics.openapi import operation
from core.pagination import Listing, paginate
from patients.actions.assessments import (
    correct_assessment,
    record_assessment,
    withdraw_assessment,
)
from patients.actions.change import no_such_patient
from patients.bodies.assessments import (
    AssessmentOut,
    AssessmentsQuery,
    NewAssessment,
    Rescore,
    WithdrawAssessment,
)
from patients.models import Assessment, Patient
from patients.presenters.assessments import assessments_out

LIKE_WITH_LIKE = (
    "A change is read between like and like alone: the same instrument, variant, aid and side. "
    "`real_change`, `within_measurement_error` or `worse` is by the published figure shown, whose "
    "subgroup is that of the earlier score."
)
FASTER: dict[str, Any] = {
    "id": "019aa9f4-4d22-7c13-8e9f-1a2b3c4d5e70",
    "measure": "gait_speed",
    "name": "10-metre walk",
    "unit": "m/s",
    "assessed_on": "2026-11-23",
    "score": 0.62,
    "is_unable": False,
    "variant": "comfortable",
    "aid": "stick",
    "side": None,
    "note": "",
    "status": "current",
    "replaces": None,
    "recorded_by": "Rui Costa",
    "recorded_at": "2026-11-23T09:30:00Z",
    "withdrawn_reason": "",
    "since_previous": {
        "since": "2026-10-26",
        "score": 0.5,
        "difference": 0.12,
        "reading": "real_change",
        "words": "real change",
        "figure": {
            "kind": "mdc",
            "amount": 0.11,
            "group": "",
            "baseline": "gait_speed at least 0.4, at most 0.8",
            "source": "Hosoi 2023, Front Neurol 1219505",
            "seen_words": "seen in the source",
        },
        "matters": False,
        "mcid": {
            "kind": "mcid",
            "amount": 0.16,
            "group": "20 to 60 days after the stroke",
            "baseline": "",
            "source": "Tilson 2010, PMC2816032",
            "seen_words": "seen in the source",
        },
    },
    "since_first": None,
}
SENT: dict[str, Any] = {
    "assessed_on": "2026-11-23",
    "score": 0.62,
    "variant": "comfortable",
    "aid": "stick",
}


class AssessmentsView(StaffView):
    access: ClassVar = {"get": THERAPISTS, "post": THERAPISTS}
    audited_as = "assessments"

    @operation(
        summary="List a patient's scores, newest first, each with its change",
        description=LIKE_WITH_LIKE,
        query=AssessmentsQuery,
        answers={200: Listing[AssessmentOut]},
        problems=(400, 404),
        examples={200: {"results": [FASTER], "next": None}},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        asked = self.query(AssessmentsQuery)
        patient = Patient.objects.visible_to(self.actor).filter(pk=patient_id).first()
        if patient is None:
            raise no_such_patient()
        rows = Assessment.objects.filter(patient=patient).select_related("recorded_by")
        if not asked.earlier:
            rows = rows.filter(status=Assessment.Status.CURRENT)
        if asked.measure is not None:
            rows = rows.filter(slug=asked.measure)
        page = paginate(
            rows,
            order=("-assessed_on", "-id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"assessments:{self.actor.user_id}:{patient.pk}:{asked.measure}:{asked.earlier}",
        )
        shown = assessments_out(page.items, patient_id=patient.pk)
        return answer(Listing(results=shown, next=page.next_cursor))

    @operation(
        summary="Record a score, or that the patient was unable",
        description="A score outside the instrument's range is refused. " + LIKE_WITH_LIKE,
        body=NewAssessment,
        answers={201: AssessmentOut},
        problems=(400, 404, 409),
        examples={"body": SENT | {"measure": "gait_speed"}, 201: FASTER},
    )
    def post(self, request: Request, patient_id: UUID) -> Response:
        made = record_assessment(
            patient_id=patient_id, asked=self.body(NewAssessment), by=self.actor, now=self.now
        )
        return answer(_shown(made), status=201)


class AssessmentView(StaffView):
    access: ClassVar = {"put": THERAPISTS}

    @operation(
        summary="Correct a score",
        description="It is replaced by a new one with an id of its own; the earlier one is kept. "
        "The same correction again is answered as the first time.",
        body=Rescore,
        answers={200: AssessmentOut},
        problems=(400, 404, 409),
        examples={
            "body": SENT,
            200: FASTER | {"replaces": "019aa9f4-4d22-7c13-8e9f-1a2b3c4d5e71"},
        },
    )
    def put(self, request: Request, patient_id: UUID, assessment_id: UUID) -> Response:
        made = correct_assessment(
            patient_id=patient_id,
            assessment_id=assessment_id,
            asked=self.body(Rescore),
            by=self.actor,
            now=self.now,
        )
        return answer(_shown(made))


class AssessmentWithdrawView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Withdraw a score that was a mistake",
        description="It is kept and compared with nothing. Twice is answered as the first time.",
        body=WithdrawAssessment,
        answers={200: AssessmentOut},
        problems=(400, 404, 409),
        examples={
            "body": {"reason": "Another patient's score."},
            200: FASTER
            | {
                "status": "withdrawn",
                "withdrawn_reason": "Another patient's score.",
                "since_previous": None,
            },
        },
    )
    def post(self, request: Request, patient_id: UUID, assessment_id: UUID) -> Response:
        withdrawn = withdraw_assessment(
            patient_id=patient_id,
            assessment_id=assessment_id,
            reason=self.body(WithdrawAssessment).reason,
            by=self.actor,
            now=self.now,
        )
        return answer(_shown(withdrawn))


def _shown(assessment: Assessment) -> AssessmentOut:
    return assessments_out([assessment], patient_id=assessment.patient_id)[0]


urlpatterns = [
    path("patients/<uuid:patient_id>/assessments", AssessmentsView.as_view(), name="assessments"),
    path(
        "patients/<uuid:patient_id>/assessments/<uuid:assessment_id>",
        AssessmentView.as_view(),
        name="assessment",
    ),
    path(
        "patients/<uuid:patient_id>/assessments/<uuid:assessment_id>/withdraw",
        AssessmentWithdrawView.as_view(),
        name="assessment-withdraw",
    ),
]
