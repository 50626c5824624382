"""When nothing is expected of a patient."""

from __future__ import annotations

from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import THERAPISTS, StaffView, answer
from clinics.openapi import operation
from core.calendar import local_date
from core.pagination import Listing, PageQuery, paginate
from patients.actions.change import no_such_patient
from patients.actions.pauses import PauseWritten, change_pause, create_pause, end_pause
from patients.bodies.pauses import NewPause, PauseAnswer, PauseChange, PauseOut
from patients.models import Patient
from patients.presenters.pauses import pause_answer, pause_out

PAST = (
    'Dates that are over are changed only with `confirm: ["past_dates"]`; without it the answer '
    "is 409 `changes_past_dates`, and says what would become of which dates and weeks."
)
HOLIDAY = {
    "id": "019aa9f4-4d22-7c13-8e9f-1a2b3c4d5e6f",
    "starts_on": "2026-12-24",
    "ends_on": "2026-12-26",
    "reason": "holiday",
    "note": "",
    "state": "coming",
    "made_by": "Rui Costa",
    "made_at": "2026-11-23T09:30:00Z",
    "ended_by": None,
    "ended_at": None,
}
NEWLY_PAUSED = {
    "newly_paused": [{"first": "2026-12-24", "last": "2026-12-26"}],
    "no_longer_paused": [],
    "past_weeks": [],
}
NO_LONGER_PAUSED = {
    "newly_paused": [],
    "no_longer_paused": [{"first": "2026-12-26", "last": "2026-12-26"}],
    "past_weeks": [],
}


class PausesView(StaffView):
    access = {"get": THERAPISTS, "post": THERAPISTS}
    audited_as = "pauses"

    @operation(
        summary="List a patient's pauses, the latest first",
        query=PageQuery,
        answers={200: Listing[PauseOut]},
        examples={200: {"results": [HOLIDAY], "next": None}},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        asked = self.query(PageQuery)
        patient = Patient.objects.visible_to(self.actor).filter(pk=patient_id).first()
        if patient is None:
            raise no_such_patient()
        page = paginate(
            patient.pauses.select_related("made_by", "ended_by"),
            order=("-starts_on", "-id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"pauses:{self.actor.user_id}:{patient.pk}",
        )
        today = local_date(self.now, patient.time_zone)
        shown = [pause_out(one, today=today) for one in page.items]
        return answer(Listing(results=shown, next=page.next_cursor))

    @operation(
        summary="Pause a patient",
        description=PAST,
        body=NewPause,
        answers={201: PauseAnswer},
        problems=(409,),
        examples={
            "body": {"starts_on": "2026-12-24", "ends_on": "2026-12-26", "reason": "holiday"},
            201: {"pause": HOLIDAY, "effect": NEWLY_PAUSED},
        },
    )
    def post(self, request: Request, patient_id: UUID) -> Response:
        written = create_pause(
            patient_id=patient_id, asked=self.body(NewPause), by=self.actor, now=self.now
        )
        return answer(_shown(self, written), status=201)


class PauseView(StaffView):
    access = {"patch": THERAPISTS}

    @operation(
        summary="Change a pause",
        description=PAST,
        body=PauseChange,
        answers={200: PauseAnswer},
        problems=(409,),
        examples={
            "body": {"ends_on": "2026-12-25"},
            200: {"pause": HOLIDAY | {"ends_on": "2026-12-25"}, "effect": NO_LONGER_PAUSED},
        },
    )
    def patch(self, request: Request, patient_id: UUID, pause_id: UUID) -> Response:
        written = change_pause(
            patient_id=patient_id,
            pause_id=pause_id,
            asked=self.body(PauseChange),
            by=self.actor,
            now=self.now,
        )
        return answer(_shown(self, written))


class PauseEndView(StaffView):
    access = {"post": THERAPISTS}

    @operation(
        summary="End a pause today: yesterday is its last date",
        description="One that began today, or has not begun, is kept and covers no date.",
        answers={200: PauseAnswer},
        problems=(409,),
        examples={
            200: {
                "pause": HOLIDAY
                | {
                    "ends_on": "2026-12-25",
                    "state": "over",
                    "ended_by": "Rui Costa",
                    "ended_at": "2026-12-26T10:00:00Z",
                },
                "effect": NO_LONGER_PAUSED,
            }
        },
    )
    def post(self, request: Request, patient_id: UUID, pause_id: UUID) -> Response:
        written = end_pause(patient_id=patient_id, pause_id=pause_id, by=self.actor, now=self.now)
        return answer(_shown(self, written))


def _shown(view: StaffView, written: PauseWritten) -> PauseAnswer:
    today = local_date(view.now, written.pause.patient.time_zone)
    return pause_answer(written, today=today)


urlpatterns = [
    path("patients/<uuid:patient_id>/pauses", PausesView.as_view(), name="pauses"),
    path("patients/<uuid:patient_id>/pauses/<uuid:pause_id>", PauseView.as_view(), name="pause"),
    path(
        "patients/<uuid:patient_id>/pauses/<uuid:pause_id>/end",
        PauseEndView.as_view(),
        name="pause-end",
    ),
]
