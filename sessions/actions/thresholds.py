"""A clinic's own numbers and texts of the alert rules: in versions, none of which ever changes."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from clinics.actors import THERAPIST, Actor
from clinics.models import Clinic, Membership
from core import audit
from core.errors import Conflict, FieldError, Forbidden, Invalid
from sessions.alert_rules import RULES
from sessions.models import AlertThresholds
from sessions.threshold_bodies import PutThresholds, SignOff
from sessions.thresholds import DEFAULTS, NAMES, Thresholds, loosened, out_of_order


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


def set_thresholds(*, wanted: PutThresholds, by: Actor, now: dt.datetime) -> AlertThresholds:
    """
    Put new numbers and texts in force; the same ones again answer with what they made.

    :raises Forbidden: not an administrator of the clinic
    :raises Invalid: an unknown rule, a lesser row above its graver one, or looser without a sign-off
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
                return stands
            raise StaleThresholds(extra={"version": number})
        return _store(wanted, stands, clinic_id=by.clinic_id, user_id=by.user_id, by=by, now=now)


def _store(
    wanted: PutThresholds,
    stands: AlertThresholds | None,
    *,
    clinic_id: UUID,
    user_id: UUID,
    by: Actor,
    now: dt.datetime,
) -> AlertThresholds:
    looser = loosened(now=numbers_of(stands), wanted=wanted.numbers)
    signed = _signed_off(wanted.sign_off, looser, by)
    made: AlertThresholds = AlertThresholds.objects.create(
        clinic_id=clinic_id,
        number=stands.number + 1 if stands else 1,
        texts=dict(wanted.texts),
        set_by_id=user_id,
        set_at=now,
        loosened=looser,
        signed_off_by=signed,
        signed_off_name=signed.user.name if signed else "",
        signed_off_at=now if signed else None,
        sign_off_reason=wanted.sign_off.reason if signed and wanted.sign_off else "",
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


def _signed_off(sign_off: SignOff | None, looser: list[str], by: Actor) -> Membership | None:
    """Return the working therapist who signed; nobody needs to where nothing is loosened."""
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
