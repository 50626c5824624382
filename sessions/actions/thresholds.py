"""
A clinic's own numbers and texts of the alert rules: in versions, none of which ever changes.

Numbers that raise less often wait as a proposal until the clinician who is named signs under her own
login (`sessions/actions/threshold_proposals.py`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clinics.actors import THERAPIST, Actor
from clinics.models import Clinic, Membership
from core import audit, outbox
from core.errors import Conflict, FieldError, Forbidden, Invalid
from core.models import Message
from sessions.alert_rules import RULES
from sessions.models import AlertThresholds, ThresholdProposal
from sessions.threshold_bodies import PutThresholds, SignOff
from sessions.thresholds import DEFAULTS, NAMES, Thresholds, loosened, out_of_order

WAITING = ThresholdProposal.Status.WAITING


class StaleThresholds(Conflict):
    code = "stale_thresholds"


def newest_thresholds(by: Actor) -> AlertThresholds | None:
    """Return the version that stands in the actor's clinic; None: the platform's own numbers."""
    versions = AlertThresholds.objects.visible_to(by)
    return versions.select_related("signed_off_by").order_by("-number").first()


def numbers_of(stored: AlertThresholds | None) -> Thresholds:
    if stored is None:
        return DEFAULTS
    return Thresholds(**{name: getattr(stored, name) for name in NAMES})


def waiting_proposal(by: Actor) -> ThresholdProposal | None:
    """Return what waits for a signature in the actor's clinic."""
    return with_people(ThresholdProposal.objects.visible_to(by)).filter(status=WAITING).first()


def with_people(proposals: QuerySet[ThresholdProposal]) -> QuerySet[ThresholdProposal]:
    """Load whom an answer names."""
    return proposals.select_related("clinician__user", "proposed_by", "decided_by")


def set_thresholds(
    *, wanted: PutThresholds, by: Actor, now: dt.datetime
) -> tuple[AlertThresholds | None, ThresholdProposal | None]:
    """
    Put new numbers and texts in force; return what stands then, and what waits for a signature.

    Looser ones are in force at once only where the one who sets them is the therapist who signs.
    The same again answers with what it made.

    :raises Forbidden: not an administrator of the clinic
    :raises Invalid: an unknown rule, a lesser row above its graver one, or looser with nobody to sign
    :raises StaleThresholds: another version stands than the one that this replaces
    """
    if not by.is_admin or by.clinic_id is None or by.user_id is None:
        raise Forbidden
    _refuse_nonsense(wanted)
    with transaction.atomic(savepoint=False):
        Clinic.objects.visible_to(by).select_for_update().get()
        stands = newest_thresholds(by)
        number = stands.number if stands else 0
        if wanted.replaces != number:
            if stands and wanted.replaces == number - 1 and _says(stands, wanted):
                return stands, waiting_proposal(by)
            raise StaleThresholds(extra={"version": number})
        looser = loosened(now=numbers_of(stands), wanted=wanted.numbers)
        clinician = _who_signs(wanted.sign_off, looser, by)
        if clinician is not None and clinician.user_id != by.user_id:
            return stands, _propose(wanted, looser, clinician, by=by, now=now)
        signature = Signature.of(clinician, wanted.sign_off)
        return put_in_force(wanted, stands, signature, set_by=by.user_id, by=by, now=now), None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A clinician's own: she is the actor whose write it is part of."""

    clinician: Membership
    reason: str

    @classmethod
    def of(cls, clinician: Membership | None, sign_off: SignOff | None) -> Signature | None:
        return cls(clinician=clinician, reason=sign_off.reason) if clinician and sign_off else None


def put_in_force(
    wanted: PutThresholds,
    stands: AlertThresholds | None,
    signature: Signature | None,
    *,
    set_by: UUID,
    by: Actor,
    now: dt.datetime,
) -> AlertThresholds:
    """Store the next version; what waits for a signature was made from another. Clinic locked."""
    assert by.clinic_id is not None  # the callers saw to it
    supersede_waiting(by=by, now=now)
    looser = loosened(now=numbers_of(stands), wanted=wanted.numbers)
    signed = signature.clinician if signature else None
    made: AlertThresholds = AlertThresholds.objects.create(
        clinic_id=by.clinic_id,
        number=stands.number + 1 if stands else 1,
        texts=dict(wanted.texts),
        set_by_id=set_by,
        set_at=now,
        loosened=looser,
        signed_off_by=signed,
        signed_off_name=signed.user.name if signed else "",
        signed_off_at=now if signed else None,
        sign_off_reason=signature.reason if signature else "",
        **msgspec.structs.asdict(wanted.numbers),
    )
    audit.record(
        action="thresholds_set",
        by=by,
        now=now,
        target="rehab_sessions.AlertThresholds",
        target_id=made.pk,
        details={"number": made.number, "loosened": looser},
    )
    return made


def _propose(
    wanted: PutThresholds, looser: list[str], clinician: Membership, *, by: Actor, now: dt.datetime
) -> ThresholdProposal:
    """Have a change wait for its signature, and mail the clinician; what waited gives way to it."""
    assert wanted.sign_off is not None  # it named the clinician
    assert by.user_id is not None  # an administrator is a user
    waits = waiting_proposal(by)
    if waits is not None and _asks(waits, wanted):
        return waits
    supersede_waiting(by=by, now=now)
    made: ThresholdProposal = ThresholdProposal.objects.create(
        clinic_id=clinician.clinic_id,
        replaces=wanted.replaces,
        numbers=msgspec.structs.asdict(wanted.numbers),
        texts=dict(wanted.texts),
        loosened=looser,
        reason=wanted.sign_off.reason,
        clinician=clinician,
        proposed_by_id=by.user_id,
        proposed_at=now,
    )
    outbox.leave(
        kind=Message.Kind.SIGN_OFF,
        clinic_id=made.clinic_id,
        recipient_id=clinician.user_id,
        key=f"sign_off:{made.pk}",
        about={"proposal": made.pk},
        due_at=now,
    )
    audit_proposal("thresholds_proposed", made, by=by, now=now)
    return made


def supersede_waiting(*, by: Actor, now: dt.datetime) -> None:
    waits = ThresholdProposal.objects.visible_to(by).filter(status=WAITING).first()
    if waits is not None:
        decide(waits, ThresholdProposal.Status.SUPERSEDED, by=by, now=now)
        audit_proposal("threshold_proposal_superseded", waits, by=by, now=now)


def decide(
    proposal: ThresholdProposal, status: str, *, note: str = "", by: Actor, now: dt.datetime
) -> None:
    proposal.status, proposal.decision_note = status, note
    proposal.decided_by_id, proposal.decided_at = by.user_id, now
    proposal.save(
        update_fields=["status", "decision_note", "decided_by", "decided_at", "updated_at"]
    )


def audit_proposal(
    action: str, proposal: ThresholdProposal, *, by: Actor, now: dt.datetime
) -> None:
    audit.record(
        action=action,
        by=by,
        now=now,
        target="rehab_sessions.ThresholdProposal",
        target_id=proposal.pk,
        details={"loosened": proposal.loosened, "clinician": str(proposal.clinician_id)},
    )


def _refuse_nonsense(wanted: PutThresholds) -> None:
    errors = [
        FieldError(
            field=f"numbers.{lesser}",
            code="out_of_order",
            detail=_("This must not lie above %(other)s.") % {"other": graver},
        )
        for lesser, graver in out_of_order(wanted.numbers)
    ]
    errors += [
        FieldError(field=f"texts.{rule}", code="unknown_rule", detail=_("There is no such rule."))
        for rule in wanted.texts
        if rule not in RULES
    ]
    if errors:
        raise Invalid(errors)


def _who_signs(sign_off: SignOff | None, looser: list[str], by: Actor) -> Membership | None:
    """Return the working therapist who must sign; nobody needs to where nothing is loosened."""
    if not looser:
        return None
    if sign_off is None:
        raise Invalid.at(
            "sign_off",
            "sign_off_required",
            _("A clinician must sign for raising less often: %(names)s.")
            % {"names": ", ".join(looser)},
        )
    working = Membership.objects.visible_to(by).working().filter(role=THERAPIST)
    signed: Membership | None = (
        working.select_related("user").filter(pk=sign_off.membership).first()
    )
    if signed is None:
        raise Invalid.at(
            "sign_off.membership", "unknown_therapist", _("There is no such therapist.")
        )
    return signed


def _says(stored: AlertThresholds, wanted: PutThresholds) -> bool:
    return numbers_of(stored) == wanted.numbers and stored.texts == wanted.texts


def _asks(proposal: ThresholdProposal, wanted: PutThresholds) -> bool:
    """Tell whether it is the same change, asked of the same clinician for the same reason."""
    asked = wanted.sign_off
    return (
        asked is not None
        and (proposal.replaces, proposal.clinician_id) == (wanted.replaces, asked.membership)
        and (proposal.numbers, proposal.texts, proposal.reason)
        == (msgspec.structs.asdict(wanted.numbers), wanted.texts, asked.reason)
    )
