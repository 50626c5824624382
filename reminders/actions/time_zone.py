"""The zone of a record, where it follows the patient's phone."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from core import audit
from core.calendar import is_known_zone
from core.errors import Conflict, Invalid
from patients.actions.change import raise_change
from patients.models import Patient
from reminders.actions.preferences import PatientDecides, lock_own
from reminders.models import ReminderPreferences
from reminders.policies import may_consent


class ZoneNotFollowed(Conflict):
    code = "zone_not_followed"
    message = _("Your time zone stays as it is. Let it follow your phone first.")


def follow_phone(*, patient_id: UUID, time_zone: str, by: Actor, now: dt.datetime) -> Patient:
    """
    Let the record's zone follow the phone's. No date that is stored moves; twice is as once.

    A carer's phone may be anywhere: only the patient's own is followed.

    :raises PatientDecides: a carer
    :raises Invalid: an unknown zone
    :raises ZoneNotFollowed: the patient did not allow it
    """
    with transaction.atomic():
        patient = lock_own(patient_id, by)
        if not may_consent(by):
            raise PatientDecides
        if not is_known_zone(time_zone):
            detail = _("Give a zone by area and city, such as Europe/Lisbon.")
            raise Invalid.at("time_zone", "unknown_zone", detail)
        allowed = ReminderPreferences.objects.filter(patient=patient, follows_phone=True)
        if not allowed.exists():
            raise ZoneNotFollowed
        if patient.time_zone != time_zone:
            _move(patient, time_zone, by=by, now=now)
    return patient


def _move(patient: Patient, time_zone: str, *, by: Actor, now: dt.datetime) -> None:
    patient.time_zone = time_zone
    patient.save(update_fields=["time_zone", "updated_at"])
    raise_change(patient)
    audit.record(
        action="time_zone_followed",
        by=by,
        now=now,
        patient_id=patient.pk,
        target="patients.Patient",
        target_id=patient.pk,
        details={"fields": ["time_zone"]},
    )
