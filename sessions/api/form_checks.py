"""How an exercise was done in the clinic, and whether the patient sees it as the therapist does."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import THERAPISTS, StaffView, answer
from clinics.openapi import operation
from core.pagination import Listing, PageQuery, paginate
from sessions.actions.form_checks import score_form, withdraw_form_check
from sessions.api.examples import LINE, RECORD, ROW
from sessions.api.staff import visible_patient
from sessions.form_agreement import form_agreement
from sessions.form_bodies import FormAgreementOut, FormCheckOut, NewFormCheck, WithdrawFormCheck
from sessions.models import FormCheck
from sessions.presenters import form_check_out

NEW = {
    "line": LINE,
    "seen_on": "2026-11-23",
    "answers": {"heel-down": "yes", "knee-straight": "no"},
    "note": "Left heel lifts when she is tired.",
}
SCORED: dict[str, Any] = NEW | {
    "id": ROW,
    "patient": RECORD,
    "exercise": "Calf stretch with a bent knee",
    "scored_by": "Rui Costa",
    "scored_at": "2026-11-23T09:30:00Z",
    "withdrawn_at": None,
    "withdrawn_reason": "",
}
WITHDRAWN = SCORED | {"withdrawn_at": "2026-11-23T09:40:00Z", "withdrawn_reason": "Other leg."}
COUNTS: dict[str, Any] = {
    "scored": 7,
    "both_answered": 6,
    "agree": 4,
    "more_favourable": 2,
    "less_favourable": 0,
    "agreement_percent": 66,
}
AGREEMENT = {
    "patient": RECORD,
    "window_days": 14,
    "lines": [
        COUNTS
        | {
            "line": LINE,
            "exercise": "Calf stretch with a bent knee",
            "checks": [COUNTS | {"check": "heel-down", "ask": "Did your heel stay down?"}],
        }
    ],
}


class FormChecksView(StaffView):
    access: ClassVar = {"get": THERAPISTS, "post": THERAPISTS}
    audited_as = "form_checks"

    @operation(
        summary="List a patient's form checks, the latest first",
        query=PageQuery,
        answers={200: Listing[FormCheckOut]},
        problems=(400, 404),
        examples={200: {"results": [SCORED], "next": None}},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        asked = self.query(PageQuery)
        patient = visible_patient(self, patient_id)
        page = paginate(
            _shown(self).filter(patient=patient),
            order=("-seen_on", "-id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"form-checks:{self.actor.user_id}:{patient.pk}",
        )
        shown = [form_check_out(each) for each in page.items]
        return answer(Listing(results=shown, next=page.next_cursor))

    @operation(
        summary="Score how an exercise was done in the clinic",
        description="The patient's own checks, as the therapist saw them. One score for a line and "
        "date: the same again is answered with 200, another one with 409.",
        body=NewFormCheck,
        answers={201: FormCheckOut, 200: FormCheckOut},
        problems=(400, 404, 409),
        examples={"body": NEW, 201: SCORED, 200: SCORED},
    )
    def post(self, request: Request, patient_id: UUID) -> Response:
        scored = score_form(
            patient_id=patient_id, asked=self.body(NewFormCheck), by=self.actor, now=self.now
        )
        status = 201 if scored.outcome == "created" else 200
        return answer(form_check_out(_shown(self).get(pk=scored.check.pk)), status)


class FormCheckWithdrawView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Withdraw a form check that was scored wrongly",
        description="It is kept and counts nowhere. The same again is answered as the first time.",
        body=WithdrawFormCheck,
        answers={200: FormCheckOut},
        problems=(400, 404, 409),
        examples={"body": {"reason": "Other leg."}, 200: WITHDRAWN},
    )
    def post(self, request: Request, form_check_id: UUID) -> Response:
        withdraw_form_check(
            form_check_id=form_check_id,
            reason=self.body(WithdrawFormCheck).reason,
            by=self.actor,
            now=self.now,
        )
        return answer(form_check_out(_shown(self).get(pk=form_check_id)))


class FormAgreementView(StaffView):
    access: ClassVar = {"get": THERAPISTS}
    audited_as = "form_agreement"

    @operation(
        summary="Read how well the patient's checks agree with the therapist's",
        description="Beside each check that was scored stands the patient's nearest answer to it on "
        "that line, at most 14 days away. Counts, and a percentage from 5 answers on.",
        answers={200: FormAgreementOut},
        problems=(404,),
        examples={200: AGREEMENT},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        patient = visible_patient(self, patient_id)
        return answer(form_agreement(patient_id=patient.pk, who=self.actor))


def _shown(view: StaffView) -> QuerySet[FormCheck]:
    rows = FormCheck.objects.visible_to(view.actor)
    return rows.select_related("line__exercise__current", "scored_by")


urlpatterns = [
    path("patients/<uuid:patient_id>/form-checks", FormChecksView.as_view(), name="form-checks"),
    path(
        "form-checks/<uuid:form_check_id>/withdraw",
        FormCheckWithdrawView.as_view(),
        name="form-check-withdraw",
    ),
    path(
        "patients/<uuid:patient_id>/form-agreement",
        FormAgreementView.as_view(),
        name="form-agreement",
    ),
]
