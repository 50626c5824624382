"""
How every writer about a patient begins and ends: lock the record first, raise its sequence last.

The patient's row is the one lock of a patient: whoever holds it is alone with the record, so
writers lock it before any other row. Both functions need a transaction.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from core.errors import NotFound
from patients.models import Patient
from patients.policies import may_manage_person, may_use_record


def lock_patient(patient_id: UUID, by: Actor) -> Patient:
    """
    Lock and return a record that the actor may read and write: their own, or a care team's.

    Access is looked at after the lock is held, in a statement of its own: someone may have left
    the care team while this one waited.

    :raises NotFound: unknown, of another clinic, or not the actor's to see
    """
    patient = _locked(patient_id, by)
    if patient is None or not may_use_record(by, patient):
        raise no_such_patient()
    return patient


def lock_person(patient_id: UUID, by: Actor) -> Patient:
    """
    Lock and return a record whose people (name, care team, carers, login) the actor manages.

    The care team's therapists, and the clinic's administrators for every patient of the clinic.

    :raises NotFound: as `lock_patient`
    """
    patient = _locked(patient_id, by)
    if patient is None or not may_manage_person(by, patient):
        raise no_such_patient()
    return patient


def raise_change(patient: Patient) -> None:
    """Tell this patient's phones that something changed. The record must be locked."""
    Patient.objects.filter(pk=patient.pk).update(change_seq=F("change_seq") + 1)
    patient.change_seq += 1


def no_such_patient() -> NotFound:
    return NotFound(_("There is no such patient."))


def _locked(patient_id: UUID, by: Actor) -> Patient | None:
    if by.clinic_id is None:
        return None
    record = Patient.objects.filter(pk=patient_id, clinic_id=by.clinic_id)
    return record.select_for_update().first()
