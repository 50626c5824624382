"""Who may do what with a patient's record. What is not visible at all is 404, never a refusal."""

from __future__ import annotations

from clinics.actors import PATIENT, Actor
from patients.models import Patient


def may_use_record(who: Actor, patient: Patient) -> bool:
    """
    The patient, a carer with standing consent, and the care team's therapists.

    Under `me/` the record was looked up for the sign-in in the same transaction.
    """
    if who.patient_id is not None:
        return (who.clinic_id, who.patient_id) == (patient.clinic_id, patient.pk)
    return Patient.objects.visible_to(who).filter(pk=patient.pk).exists()


def may_manage_person(who: Actor, patient: Patient) -> bool:
    """
    Name, record number, care team, carers and login: an administrator's and the care team's work.

    A patient and a carer do not, even though they see the record.
    """
    if who.patient_id is not None or patient.clinic_id != who.clinic_id:
        return False
    return who.is_admin or may_use_record(who, patient)


def may_register_patient(who: Actor) -> bool:
    return who.is_staff and who.clinic_id is not None


def may_prescribe(who: Actor) -> bool:
    """Prescriptions and pauses, of a record that `lock_patient` gave: therapists alone."""
    return who.is_therapist and who.patient_id is None


def may_ask_for_pause(who: Actor) -> bool:
    """Asking the care team for a pause: the patient, or a carer for them, under `me/`."""
    return who.patient_id is not None and not who.is_staff


def may_revoke_own_carer(who: Actor) -> bool:
    """A patient takes back consent; a carer never decides about carers."""
    return who.acting_as == PATIENT and who.patient_id is not None


def may_discharge(who: Actor) -> bool:
    """Ending care and beginning it again, of a record that `lock_patient` gave: therapists alone."""
    return who.is_therapist and who.patient_id is None


def may_see_clinical(who: Actor, patient: Patient) -> bool:
    """An administrator sees people, never what ails them, unless also a therapist of theirs."""
    return may_use_record(who, patient)


def may_assess(who: Actor) -> bool:
    """Scores of outcome measures and goals, of a record that `lock_patient` gave: therapists alone."""
    return who.is_therapist and who.patient_id is None
