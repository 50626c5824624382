"""What answers show of a clinic's thresholds, and of what waits to change them."""

from __future__ import annotations

from clinics.actors import Actor
from core.bodies import decode
from sessions.actions.thresholds import numbers_of
from sessions.models import AlertThresholds, ThresholdProposal
from sessions.policies import may_sign_proposal
from sessions.threshold_bodies import LimitOut, ProposalOut, SignOffOut, ThresholdsOut
from sessions.thresholds import DEFAULTS, LIMITS, Thresholds


def thresholds_out(
    stored: AlertThresholds | None, proposal: ThresholdProposal | None, *, by: Actor
) -> ThresholdsOut:
    """Present the version that stands (None: the platform's own numbers), and what waits."""
    return ThresholdsOut(
        version=stored.number if stored else 0,
        numbers=numbers_of(stored),
        texts=dict(stored.texts) if stored else {},
        set_at=stored.set_at if stored else None,
        sign_off=_sign_off(stored) if stored else None,
        proposal=proposal_out(proposal, by=by) if proposal else None,
        defaults=DEFAULTS,
        limits={name: LimitOut.of(limit) for name, limit in LIMITS.items()},
    )


def _sign_off(stored: AlertThresholds) -> SignOffOut | None:
    if stored.signed_off_at is None:
        return None
    return SignOffOut(
        name=stored.signed_off_name,
        signed_at=stored.signed_off_at,
        reason=stored.sign_off_reason,
        loosened=list(stored.loosened),
    )


def proposal_out(proposal: ThresholdProposal, *, by: Actor) -> ProposalOut:
    """Present one whose people are loaded (`with_people`)."""
    is_waiting = proposal.status == ThresholdProposal.Status.WAITING
    return ProposalOut(
        id=proposal.pk,
        status=proposal.status,  # type: ignore[arg-type]
        replaces=proposal.replaces,
        numbers=decode(proposal.numbers, Thresholds),
        texts=dict(proposal.texts),
        loosened=list(proposal.loosened),
        reason=proposal.reason,
        clinician=proposal.clinician_id,
        clinician_name=proposal.clinician.user.name,
        is_mine_to_sign=is_waiting and may_sign_proposal(by, proposal),
        proposed_by=proposal.proposed_by.name,
        proposed_at=proposal.proposed_at,
        decided_by=proposal.decided_by.name if proposal.decided_by else None,
        decided_at=proposal.decided_at,
        decision_note=proposal.decision_note,
    )
