"""The record as its patient sees it, in a fixed number of statements; nothing internal is told."""

from __future__ import annotations

import datetime as dt

from clinics.models import Clinic
from core.calendar import local_date
from patients.bodies.record import (
    OwnCarer,
    OwnClinic,
    OwnPause,
    OwnProgram,
    OwnRecord,
    OwnTherapist,
    State,
)
from patients.models import Assignment, Carer, Patient
from patients.presenters.people import care_teams

MOST = 50


def record_out(patient: Patient, *, now: dt.datetime) -> OwnRecord:
    """Show a record to its patient or a carer; of programs and pauses, the latest fifty."""
    today = local_date(now, patient.time_zone)
    clinic = Clinic.objects.get(pk=patient.clinic_id)
    return OwnRecord(
        id=patient.pk,
        name=patient.name,
        date_of_birth=patient.date_of_birth,
        medical_record_number=patient.medical_record_number,
        affected_side=patient.affected_side,
        affected_side_words=str(Patient.AffectedSide(patient.affected_side).label),
        in_care=patient.status == Patient.Status.ACTIVE,
        discharged_on=patient.discharged_on,
        clinic=OwnClinic(name=clinic.name, phone_number=clinic.phone_number),
        care_team=[
            OwnTherapist(name=one.name, is_lead=one.is_lead)
            for one in care_teams([patient.pk])[patient.pk]
            if one.is_working
        ],
        programs=_programs(patient, today),
        pauses=_pauses(patient, today),
        aids=patient.assistive_devices,
        precautions=patient.precautions,
        carers=[own_carer(one) for one in _standing(patient)],
    )


def own_carer(carer: Carer) -> OwnCarer:
    """Show a carer whose `user` is loaded, by name alone."""
    return OwnCarer(
        id=carer.pk,
        name=carer.user.name,
        consented_at=carer.consented_at,
        revoked_at=carer.revoked_at,
    )


def _standing(patient: Patient) -> list[Carer]:
    carers = patient.carers.filter(revoked_at=None).select_related("user")
    return list(carers.order_by("consented_at", "pk"))


def _programs(patient: Patient, today: dt.date) -> list[OwnProgram]:
    """Drafts are the therapist's, and one that ended before it began was never there."""
    activated = patient.assignments.exclude(status=Assignment.Status.DRAFT).filter(
        activated_at__isnull=False
    )
    rows = activated.order_by("-starts_on", "-pk")[:MOST]
    return [
        OwnProgram(
            title=one.title,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            state=_state(one.starts_on, one.ends_on, today),
        )
        for one in rows
        if one.ends_on is None or one.ends_on >= one.starts_on
    ]


def _pauses(patient: Patient, today: dt.date) -> list[OwnPause]:
    rows = patient.pauses.order_by("-starts_on", "-pk")[:MOST]
    return [
        OwnPause(
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            reason=one.reason,
            reason_words=str(one.get_reason_display()),
            state=_state(one.starts_on, one.ends_on, today),
        )
        for one in rows
        if one.ends_on is None or one.ends_on >= one.starts_on
    ]


def _state(first: dt.date, last: dt.date | None, today: dt.date) -> State:
    if last is not None and last < today:
        return "over"
    return "coming" if today < first else "running"
