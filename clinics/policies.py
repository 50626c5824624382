"""Who may do what with a clinic and the people who work there."""

from __future__ import annotations

from clinics.actors import Actor


def may_manage_clinic(who: Actor) -> bool:
    """Settings, members and their invitations: the clinic's administrators alone."""
    return who.is_admin and who.clinic_id is not None and who.patient_id is None
