"""The clinician who was named signs a looser threshold under her own login, or declines."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from clinics.models import Clinic
from core.bodies import decode
from core.errors import Conflict, Forbidden, NotFound
from sessions.actions.thresholds import (
    Signature,
    audit_proposal,
    decide,
    newest_thresholds,
    put_in_force,
    with_people,
)
from sessions.models import ThresholdProposal
from sessions.policies import may_decline_proposal, may_sign_proposal
from sessions.threshold_bodies import PutThresholds
from sessions.thresholds import Thresholds

Status = ThresholdProposal.Status


class ProposalDecided(Conflict):
    code = "threshold_proposal_decided"
    message = _("This change does not wait for a signature any more.")


def confirm_proposal(*, proposal_id: UUID, by: Actor, now: dt.datetime) -> ThresholdProposal:
    """
    Sign a change as the clinician who was asked to: it is in force from now. Twice is as once.

    :raises NotFound: not a proposal of this clinic
    :raises Forbidden: somebody else is asked to sign
    :raises ProposalDecided: it was declined, or other numbers took its place
    """
    with transaction.atomic(savepoint=False):
        proposal = _locked(proposal_id, by)
        if not may_sign_proposal(by, proposal):
            raise Forbidden
        if proposal.status == Status.CONFIRMED:
            return proposal
        _refuse_decided(proposal)
        decide(proposal, Status.CONFIRMED, by=by, now=now)
        audit_proposal("threshold_proposal_confirmed", proposal, by=by, now=now)
        put_in_force(
            _as_wanted(proposal),
            newest_thresholds(by),
            Signature(clinician=proposal.clinician, reason=proposal.reason),
            set_by=proposal.proposed_by_id,
            by=by,
            now=now,
        )
    return proposal


def decline_proposal(
    *, proposal_id: UUID, note: str, by: Actor, now: dt.datetime
) -> ThresholdProposal:
    """
    Answer with a no and the reason, as who was asked, or take it back as an administrator.

    The same again is as once.

    :raises NotFound: not a proposal of this clinic
    :raises Forbidden: neither the clinician who is asked nor an administrator
    :raises ProposalDecided: it was decided, or with other words
    """
    with transaction.atomic(savepoint=False):
        proposal = _locked(proposal_id, by)
        if not may_decline_proposal(by, proposal):
            raise Forbidden
        if (proposal.status, proposal.decision_note) == (Status.DECLINED, note):
            return proposal
        _refuse_decided(proposal)
        decide(proposal, Status.DECLINED, note=note, by=by, now=now)
        audit_proposal("threshold_proposal_declined", proposal, by=by, now=now)
    return proposal


def _locked(proposal_id: UUID, by: Actor) -> ThresholdProposal:
    """Lock the clinic, as whoever sets its numbers does, and read the proposal after that."""
    if Clinic.objects.visible_to(by).select_for_update().first() is not None:
        proposals = with_people(ThresholdProposal.objects.visible_to(by))
        if found := proposals.filter(pk=proposal_id).first():
            return found
    raise NotFound(_("There is no such proposal."))


def _refuse_decided(proposal: ThresholdProposal) -> None:
    if proposal.status != Status.WAITING:
        raise ProposalDecided(extra={"decided": proposal.status})


def _as_wanted(proposal: ThresholdProposal) -> PutThresholds:
    return PutThresholds(
        replaces=proposal.replaces,
        numbers=decode(proposal.numbers, Thresholds),
        texts=proposal.texts,
    )
