"""Who decides about reminders. Whose record it is was looked at before: `lock_patient`."""

from __future__ import annotations

from clinics.actors import PATIENT, Actor


def may_choose_reminders(who: Actor) -> bool:
    """When, by which channel and whether at all: the patient, or a carer for them, under `me/`."""
    return who.patient_id is not None and not who.is_staff


def may_consent(who: Actor) -> bool:
    """What is the patient's own to allow: a carer never does."""
    return who.patient_id is not None and who.acting_as == PATIENT


def may_choose_digests(who: Actor) -> bool:
    """Each therapist, of their own."""
    return who.is_therapist and who.membership_id is not None
