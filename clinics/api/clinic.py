"""A clinic's own settings."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actions.settings import change_clinic
from clinics.bodies import ClinicChange, ClinicOut
from clinics.http import ADMINS, STAFF, StaffView, answer
from clinics.models import Clinic
from clinics.openapi import operation
from clinics.presenters import clinic_out

HARBOUR = {
    "id": "019aa9f4-0001-7f00-8000-9a8b7c6d5e4f",
    "version": 3,
    "name": "Harbour Clinic",
    "time_zone": "Europe/Lisbon",
    "language": "en",
    "country": "PT",
    "phone_number": "+351 210 000 000",
    "on_call_contact": "on-call@harbour.example",
    "quiet_from": "21:00",
    "quiet_until": "08:00",
    "summary_weekday": 1,
    "summary_hour": 8,
    "holds_after_fall": True,
}


class ClinicView(StaffView):
    access = {"get": STAFF, "patch": ADMINS}

    @operation(
        summary="Read the clinic's settings",
        answers={200: ClinicOut},
        examples={200: HARBOUR},
    )
    def get(self, request: Request) -> Response:
        return answer(clinic_out(Clinic.objects.visible_to(self.actor).get()))

    @operation(
        summary="Change the clinic's settings",
        description="`version` is that of the settings that were read: where somebody changed them "
        "meanwhile the answer is 409 `stale`. Another zone moves no date that is stored.",
        body=ClinicChange,
        answers={200: ClinicOut},
        problems=(409,),
        examples={"body": {"version": 2, "quiet_from": "21:00"}, 200: HARBOUR},
    )
    def patch(self, request: Request) -> Response:
        clinic = change_clinic(asked=self.body(ClinicChange), by=self.actor, now=self.now)
        return answer(clinic_out(clinic))


urlpatterns = [path("clinic", ClinicView.as_view(), name="clinic")]
