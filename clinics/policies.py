"""Who may do what with a clinic and the people who work there."""

from __future__ import annotations

from clinics.actors import OPERATOR, SYSTEM, Actor


def may_manage_clinic(who: Actor) -> bool:
    """Settings, members and their invitations: the clinic's administrators alone."""
    return who.is_admin and who.clinic_id is not None and who.patient_id is None


def may_operate(who: Actor) -> bool:
    """Clinics and logins: the platform's operators, outside every clinic, and its commands."""
    if who.clinic_id is not None or who.patient_id is not None:
        return False
    return who.acting_as == SYSTEM or (who.acting_as == OPERATOR and who.user_id is not None)
