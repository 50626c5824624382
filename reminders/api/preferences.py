"""The patient's own reminders: when, how, and the zone by which they are told."""

from __future__ import annotations

from typing import ClassVar

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import RECORD_HOLDERS, RecordView, answer
from clinics.openapi import operation
from patients.actions.change import no_such_patient
from patients.models import Patient
from reminders.actions.preferences import choose_reminders
from reminders.actions.time_zone import follow_phone
from reminders.bodies.preferences import (
    NewReminderChoice,
    OwnReminders,
    PhoneZone,
    PhoneZoneOut,
)
from reminders.presenters.preferences import own_reminders_out

CHOICE = {
    "version": 0,
    "times": [{"slot": 1, "at": "09:00", "weekdays": [1, 2, 3, 4, 5]}],
    "channels": ["email"],
    "quiet_from": "20:00",
    "quiet_until": "08:30",
    "is_paused": True,
    "paused_until": "2026-12-24",
    "copies_carers": False,
    "counts_by_mail": True,
    "follows_phone": False,
    "wants_reminders": True,
    "wants_summaries": True,
}
CHOSEN = CHOICE | {
    "version": 1,
    "times": [{"slot": 1, "at": "09:00", "weekdays": [1, 2, 3, 4, 5], "is_quiet": False}],
    "counts_by_mail_at": "2026-11-26T10:00:00Z",
}
OWN = CHOSEN | {
    "time_zone": "Europe/Lisbon",
    "clinic_quiet_from": "21:00",
    "clinic_quiet_until": "08:00",
    "channels_offered": ["email"],
    "push_public_key": None,
}


class OwnRemindersView(RecordView):
    access: ClassVar = {"get": RECORD_HOLDERS, "put": RECORD_HOLDERS}
    audited_as = "reminders"

    @operation(
        summary="Read when and how one is reminded",
        description="Before anything was chosen: `version` 0, no times, and weekly summaries by "
        "mail. A time that lies in quiet hours by now is marked `is_quiet`: nothing goes out then.",
        answers={200: OwnReminders},
        examples={200: OWN},
    )
    def get(self, request: Request) -> Response:
        return answer(self._shown())

    @operation(
        summary="Choose when and how to be reminded",
        description="The whole choice, made from the `version` that was read; else 409 `stale`. "
        "Times lie outside the quiet hours and half an hour apart. A carer who changes what is "
        "the patient's own consent gets 403 `patient_decides`.",
        body=NewReminderChoice,
        answers={200: OwnReminders},
        problems=(409,),
        examples={"body": CHOICE, 200: OWN},
    )
    def put(self, request: Request) -> Response:
        choose_reminders(
            patient_id=self.patient_id,
            asked=self.body(NewReminderChoice),
            by=self.actor,
            now=self.now,
        )
        return answer(self._shown())

    def _shown(self) -> OwnReminders:
        own = Patient.objects.visible_to(self.actor).select_related("clinic").first()
        if own is None:
            raise no_such_patient()
        return own_reminders_out(own, now=self.now)


class OwnTimeZoneView(RecordView):
    access: ClassVar = {"put": RECORD_HOLDERS}

    @operation(
        summary="Let one's time zone follow the phone",
        description="Reminders keep their time of the day where the patient is; no date that was "
        "logged moves. Without the patient's `follows_phone`: 409 `zone_not_followed`. A carer's "
        "phone is not followed: 403 `patient_decides`.",
        body=PhoneZone,
        answers={200: PhoneZoneOut},
        problems=(409,),
        examples={
            "body": {"time_zone": "Atlantic/Azores"},
            200: {"time_zone": "Atlantic/Azores"},
        },
    )
    def put(self, request: Request) -> Response:
        patient = follow_phone(
            patient_id=self.patient_id,
            time_zone=self.body(PhoneZone).time_zone,
            by=self.actor,
            now=self.now,
        )
        return answer(PhoneZoneOut(time_zone=patient.time_zone))


urlpatterns = [
    path("me/reminders", OwnRemindersView.as_view(), name="me-reminders"),
    path("me/time-zone", OwnTimeZoneView.as_view(), name="me-time-zone"),
]
