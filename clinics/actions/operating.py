"""
What operators do with clinics: founding them, asking their first administrator, archiving them.

An archived clinic stays as it is, and nobody acts in it: signing in finds no place there
(`identify`), its nightly check and its mails rest.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.actions.invitations import make_invitation, resend
from clinics.actors import ADMIN, Actor
from clinics.models import Clinic, Invitation, User
from clinics.policies import may_operate
from clinics.settings_rules import refuse_faults
from core import audit
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.tenancy import clinic_context

LEAST_REASON = 10
MOST_REASON = 500


class ClinicExists(Conflict):
    """`clinic` in the problem is the one that has the name; a request sent twice meets its first."""

    code = "clinic_exists"
    message = _("There is a clinic of that name.")


class ClinicArchived(Conflict):
    code = "clinic_archived"
    message = _("This clinic is archived. Take it back first.")


def create_clinic(
    *,
    name: str,
    time_zone: str,
    country: str,
    phone_number: str,
    admin_email: str,
    by: Actor,
    now: dt.datetime,
) -> Clinic:
    """
    Found a clinic and ask its first administrator by mail.

    :raises ClinicExists: a clinic, archived or not, has that name
    :raises Invalid: an unknown zone or country, a number that cannot be dialled
    """
    if not may_operate(by) or by.user_id is None:
        raise Forbidden
    refuse_faults(name=name, time_zone=time_zone, country=country, phone_number=phone_number)
    with transaction.atomic():
        # The same request twice at once: the second waits here, and then sees the first's clinic.
        User.objects.select_for_update(no_key=True).get(pk=by.user_id)
        standing = Clinic.objects.visible_to(by).filter(name=name).first()
        if standing is not None:
            raise ClinicExists(field="name", extra={"clinic": str(standing.pk)})
        clinic = insert_clinic(
            name=name, time_zone=time_zone, country=country, phone_number=phone_number,
            by=by, now=now,
        )  # fmt: skip
        with clinic_context(clinic.pk):
            make_invitation(
                kind=Invitation.Kind.MEMBER,
                email=admin_email,
                roles=[ADMIN],
                by=replace(by, clinic_id=clinic.pk),
                now=now,
            )
    return clinic


def resend_first_invitation(*, clinic_id: UUID, by: Actor, now: dt.datetime) -> Invitation:
    """
    Ask a clinic's first administrator again: the mail before leads nowhere once this one is sent.

    :raises NotFound: no such clinic, or one that was founded by command
    :raises ClinicArchived: nobody could accept it
    :raises InvitationAccepted, InvitationRevoked, SentOften: as `resend`
    """
    _refuse_others(by)
    with transaction.atomic():
        clinic = _locked(clinic_id)
        if clinic.archived_at is not None:
            raise ClinicArchived
        with clinic_context(clinic.pk):
            first = _first_invitation(clinic)
            return resend(first, by=replace(by, clinic_id=clinic.pk), now=now)


def insert_clinic(
    *, name: str, time_zone: str, country: str, phone_number: str, by: Actor, now: dt.datetime
) -> Clinic:
    """Make a clinic without people."""
    clinic = Clinic.objects.create(
        name=name, time_zone=time_zone, country=country, phone_number=phone_number
    )
    _record("clinic_founded", clinic, by=by, now=now)
    return clinic


def archive_clinic(*, clinic_id: UUID, by: Actor, now: dt.datetime) -> Clinic:
    """
    Let nobody act in a clinic from the next request on; twice is as once. Nothing is deleted.

    :raises NotFound: no such clinic
    """
    _refuse_others(by)
    with transaction.atomic(savepoint=False):
        clinic = _locked(clinic_id)
        if clinic.archived_at is None:
            _set_archived(clinic, now)
            _record("clinic_archived", clinic, by=by, now=now)
    return clinic


def restore_clinic(*, clinic_id: UUID, by: Actor, now: dt.datetime) -> Clinic:
    """
    Take an archived clinic back: its people act in it as before; twice is as once.

    :raises NotFound: no such clinic
    """
    _refuse_others(by)
    with transaction.atomic(savepoint=False):
        clinic = _locked(clinic_id)
        if clinic.archived_at is not None:
            _set_archived(clinic, None)
            _record("clinic_restored", clinic, by=by, now=now)
    return clinic


def break_glass(*, clinic_id: UUID, reason: str, by: Actor, now: dt.datetime) -> Clinic:
    """
    Let an operator look into one clinic, having said why: the clinic's audit keeps it.

    :raises Invalid: a reason that says nothing
    :raises NotFound: no such clinic
    """
    if not may_operate(by) or by.user_id is None:
        raise Forbidden
    if not LEAST_REASON <= len(reason.strip()) <= MOST_REASON:
        raise Invalid.at("reason", "out_of_range", _("Say in 10 to 500 characters why you look."))
    clinic = Clinic.objects.visible_to(by).filter(pk=clinic_id).first()
    if clinic is None:
        raise NotFound(_("There is no such clinic."))
    _record("glass_broken", clinic, by=by, now=now, reason=reason.strip())
    return clinic


def look_at(
    *,
    target: str,
    target_id: UUID | None,
    patient_id: UUID | None,
    reason: str,
    by: Actor,
    now: dt.datetime,
) -> None:
    """Keep what an operator sees behind the glass, in the clinic that they act in."""
    if not by.is_operator or by.clinic_id is None:
        raise Forbidden
    audit.record(
        action="operator_looked",
        by=by,
        now=now,
        patient_id=patient_id,
        target=target,
        target_id=target_id,
        reason=reason,
    )


def _refuse_others(by: Actor) -> None:
    if not may_operate(by):
        raise Forbidden


def _locked(clinic_id: UUID) -> Clinic:
    found = Clinic.objects.select_for_update(no_key=True).filter(pk=clinic_id).first()
    if found is None:
        raise NotFound(_("There is no such clinic."))
    return found


def _first_invitation(clinic: Clinic) -> Invitation:
    """Return, locked, what an operator sent when the clinic was founded."""
    asked = Invitation.objects.select_related("invited_by").select_for_update(of=("self",))
    sent = asked.filter(
        clinic=clinic, kind=Invitation.Kind.MEMBER, invited_by__is_operator=True
    ).order_by("invited_at", "pk")
    found = sent.first()
    if found is None:
        raise NotFound(_("No operator has asked anybody to manage this clinic."))
    return found


def _set_archived(clinic: Clinic, at: dt.datetime | None) -> None:
    clinic.archived_at = at
    clinic.save(update_fields=["archived_at", "updated_at"])


def _record(action: str, clinic: Clinic, *, by: Actor, now: dt.datetime, reason: str = "") -> None:
    """Keep the event in the clinic's own audit, whoever acts."""
    with clinic_context(clinic.pk):
        audit.record(
            action=action,
            by=replace(by, clinic_id=clinic.pk),
            now=now,
            target="clinics.Clinic",
            target_id=clinic.pk,
            reason=reason,
        )
