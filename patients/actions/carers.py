"""A carer's consent: recorded by the clinic, standing until it is revoked."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from clinics.models import User
from core import audit
from core.errors import Conflict, Forbidden, Invalid, NotFound
from patients.actions.change import lock_patient, lock_person, raise_change
from patients.actions.people import find_user
from patients.models import Carer, Patient
from patients.policies import may_revoke_own_carer


class AlreadyCarer(Conflict):
    code = "already_carer"
    message = _("This login is a carer of this patient already.")


def add_carer(*, patient_id: UUID, email: str, by: Actor, now: dt.datetime) -> Carer:
    """
    Let a user log and read on the patient's behalf; the actor vouches for the patient's consent.

    :raises Invalid: `unknown_user`, or `own_record` where it is the patient's own login
    :raises AlreadyCarer: their consent stands
    """
    if by.user_id is None:  # only a person can vouch
        raise Forbidden
    with transaction.atomic():
        patient = lock_person(patient_id, by)
        return let_care(patient, find_user(email), vouched_by=by.user_id, by=by, now=now)


def let_care(
    patient: Patient, user: User, *, vouched_by: UUID, by: Actor, now: dt.datetime
) -> Carer:
    """Make a user a carer of a locked record. Raises as `add_carer`."""
    if patient.user_id == user.pk:
        raise Invalid.at("email", "own_record", _("This is the patient's own login."))
    if patient.carers.filter(user=user, revoked_at=None).exists():
        raise AlreadyCarer(field="email")
    carer = Carer.objects.create(
        clinic_id=patient.clinic_id,
        patient=patient,
        user=user,
        consented_at=now,
        consent_recorded_by_id=vouched_by,
    )
    _record("carer_added", carer, patient, by=by, now=now)
    return carer


def revoke_carer(*, patient_id: UUID, carer_id: UUID, by: Actor, now: dt.datetime) -> Carer:
    """
    End a carer's access with their next request, as staff or as the patient; twice is as once.

    :raises NotFound: not a carer of this patient
    """
    with transaction.atomic():
        lock = lock_patient if may_revoke_own_carer(by) else lock_person
        patient = lock(patient_id, by)
        carer = patient.carers.select_related("user").filter(pk=carer_id).first()
        if carer is None:
            raise NotFound(_("There is no such carer."))
        if carer.revoked_at is None:
            carer.revoked_at = now
            carer.save(update_fields=["revoked_at", "updated_at"])
            _record("carer_revoked", carer, patient, by=by, now=now)
    return carer


def _record(action: str, carer: Carer, patient: Patient, *, by: Actor, now: dt.datetime) -> None:
    raise_change(patient)
    audit.record(
        action=action,
        by=by,
        now=now,
        patient_id=patient.pk,
        target="patients.Carer",
        target_id=carer.pk,
    )
