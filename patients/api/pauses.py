"""When nothing is expected of a patient."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import THERAPISTS, StaffView, answer
from core.calendar import local_date
from core.pagination import Listing, PageQuery, paginate
from patients.actions.change import no_such_patient
from patients.actions.pauses import PauseWritten, change_pause, create_pause, end_pause
from patients.bodies.pauses import NewPause, PauseAnswer, PauseChange
from patients.models import Patient
from patients.presenters.pauses import pause_answer, pause_out


class PausesView(StaffView):
    access: ClassVar = {"get": THERAPISTS, "post": THERAPISTS}
    audited_as = "pauses"

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

    def post(self, request: Request, patient_id: UUID) -> Response:
        written = create_pause(
            patient_id=patient_id, asked=self.body(NewPause), by=self.actor, now=self.now
        )
        return answer(_shown(self, written), status=201)


class PauseView(StaffView):
    access: ClassVar = {"patch": THERAPISTS}

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
    access: ClassVar = {"post": THERAPISTS}

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
