"""Who may answer for what a clinic's alert rules leave unsaid."""

from __future__ import annotations

from clinics.actors import Actor
from sessions.models import ThresholdProposal


def may_sign_proposal(who: Actor, proposal: ThresholdProposal) -> bool:
    """The therapist who was named, under her own login, while she works in the clinic as one."""
    clinician = proposal.clinician
    return (
        who.is_therapist
        and who.clinic_id == proposal.clinic_id
        and who.user_id == clinician.user_id
        and clinician.deactivated_at is None
    )


def may_decline_proposal(who: Actor, proposal: ThresholdProposal) -> bool:
    """Whoever is asked to sign; an administrator takes it back."""
    if may_sign_proposal(who, proposal):
        return True
    return who.is_admin and who.patient_id is None and who.clinic_id == proposal.clinic_id
