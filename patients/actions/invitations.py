"""
Invitations to a record, and how any invitation is accepted: a record belongs to this app.

The patient, or for staff the clinic, is locked before the invitation, by everybody.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinics.actions.devices import NewDevice, new_device
from clinics.actions.invitations import (
    InvitationExpired,
    WrongAddress,
    find_by_code,
    make_invitation,
    record_invitation,
    refuse_settled,
    resend,
    revoke,
)
from clinics.actions.members import give_roles
from clinics.actions.passwords import refuse_weak
from clinics.actors import Actor
from clinics.attempts import ADDRESS_LIMIT, refuse_many
from clinics.models import Clinic, Invitation, User, UserManager
from core import audit
from core.errors import Conflict, Invalid, NotFound, NotSignedIn
from patients.actions.carers import AlreadyCarer, let_care
from patients.actions.change import lock_person
from patients.actions.people import LoginIsCarer, PatientHasLogin, give_record
from patients.models import Patient


class LoginExists(Conflict):
    code = "login_exists"
    message = _("This address has a login. Sign in with it, then accept the invitation.")


class OperatorsLogin(Conflict):
    code = "operators_login"
    message = _(
        "This login operates the platform and belongs to no clinic. "
        "Ask the clinic to invite another address of yours."
    )


def invite_to_record(
    *, patient_id: UUID, kind: Invitation.Kind, email: str, by: Actor, now: dt.datetime
) -> Invitation:
    """
    Ask a patient to use their record, or a carer to help, for whose consent the actor vouches.

    :raises PatientHasLogin, LoginIsCarer, AlreadyCarer: it would lead to nothing
    :raises Invalid: a carer's address is the patient's own
    :raises AlreadyInvited: as `make_invitation`
    """
    address = UserManager.normalize(email)
    with transaction.atomic():
        patient = lock_person(patient_id, by)
        cares = patient.carers.filter(user__email=address, revoked_at=None).exists()
        if kind == Invitation.Kind.PATIENT:
            if patient.user_id is not None:
                raise PatientHasLogin
            if cares:
                raise LoginIsCarer(field="email")
        elif patient.user is not None and patient.user.email == address:
            raise Invalid.at("email", "own_record", _("This is the patient's own login."))
        elif cares:
            raise AlreadyCarer(field="email")
        return make_invitation(kind=kind, email=address, patient_id=patient.pk, by=by, now=now)


def resend_record_invitation(
    *, patient_id: UUID, invitation_id: UUID, by: Actor, now: dt.datetime
) -> Invitation:
    with transaction.atomic():
        return resend(_locked_of_patient(patient_id, invitation_id, by), by=by, now=now)


def revoke_record_invitation(
    *, patient_id: UUID, invitation_id: UUID, by: Actor, now: dt.datetime
) -> Invitation:
    with transaction.atomic():
        return revoke(_locked_of_patient(patient_id, invitation_id, by), by=by, now=now)


def show_invitation(*, code: str, address: str, now: dt.datetime) -> tuple[Invitation, bool]:
    """
    Return what a code leads to, and whether its address has a login.

    :raises NotFound, InvitationAccepted, InvitationRevoked, InvitationExpired: it leads nowhere
    """
    refuse_many(now=now, invitation_address=(address, ADDRESS_LIMIT))
    with transaction.atomic():
        invitation = find_by_code(code)
        _refuse_unusable(invitation, now=now)
        return invitation, User.objects.filter(email=invitation.email).exists()


def accept_invitation(*, code: str, by: Actor, now: dt.datetime) -> Invitation:
    """
    Accept with the login that is signed in, whose address it must be; twice is as once.

    :raises WrongAddress: it went to somebody else
    :raises OperatorsLogin: whoever operates the platform is nobody of a clinic
    :raises NotFound, InvitationAccepted, InvitationRevoked, InvitationExpired: it leads nowhere
    """
    if by.user_id is None:
        raise NotSignedIn
    with transaction.atomic(savepoint=False):
        user = User.objects.get(pk=by.user_id)
        invitation, patient = _locked(find_by_code(code))
        if user.email != invitation.email:
            raise WrongAddress
        if user.is_operator:
            raise OperatorsLogin
        if invitation.accepted_by_id != user.pk:
            _refuse_unusable(invitation, now=now)
            _take(invitation, patient, user, now=now)
    return invitation


def join_by_invitation(
    *, code: str, name: str, password: str, device_name: str, address: str, now: dt.datetime
) -> NewDevice:
    """
    Accept by making a login with the address that the invitation went to, and sign its device in.

    :raises LoginExists: the address has one
    :raises Invalid: the password is too weak; the invitation stays open
    :raises NotFound, InvitationAccepted, InvitationRevoked, InvitationExpired: it leads nowhere
    """
    refuse_many(now=now, invitation_address=(address, ADDRESS_LIMIT))
    with transaction.atomic():
        invitation, patient = _locked(find_by_code(code))
        _refuse_unusable(invitation, now=now)
        user = _make_login(invitation.email, name=name, password=password, now=now)
        _take(invitation, patient, user, now=now)
        return new_device(user=user, name=device_name, now=now)


def _make_login(email: str, *, name: str, password: str, now: dt.datetime) -> User:
    if User.objects.filter(email=email).exists():
        raise LoginExists
    refuse_weak(password, User(email=email, name=name))
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name)
    except IntegrityError:  # made at the same moment, by another clinic's invitation
        raise LoginExists from None
    who = Actor(user_id=user.pk, acting_as="user")
    audit.record(action="login_made", by=who, now=now, target="clinics.User", target_id=user.pk)
    return user


def _locked(found: Invitation) -> tuple[Invitation, Patient | None]:
    """Lock what it leads to, then the invitation as it is by now."""
    patient = None
    if found.patient_id is None:
        Clinic.objects.select_for_update(no_key=True).get(pk=found.clinic_id)
    else:
        patient = Patient.objects.select_for_update().get(pk=found.patient_id)
    return Invitation.objects.select_for_update().get(pk=found.pk), patient


def _refuse_unusable(invitation: Invitation, *, now: dt.datetime) -> None:
    refuse_settled(invitation)
    if invitation.ends_at <= now:
        raise InvitationExpired


def _take(invitation: Invitation, patient: Patient | None, user: User, *, now: dt.datetime) -> None:
    """Give what was offered. The roles and the record are the row's: nothing sent decides."""
    who = Actor(user_id=user.pk, acting_as="user", clinic_id=invitation.clinic_id)
    if patient is None:
        give_roles(user, invitation.roles, by=who, now=now)
    elif invitation.kind == Invitation.Kind.PATIENT:
        give_record(patient, user, by=who, now=now)
    else:
        let_care(patient, user, vouched_by=invitation.invited_by_id, by=who, now=now)
    invitation.accepted_at = now
    invitation.accepted_by = user
    invitation.save(update_fields=["accepted_at", "accepted_by", "updated_at"])
    record_invitation("invitation_accepted", invitation, by=who, now=now)


def _locked_of_patient(patient_id: UUID, invitation_id: UUID, by: Actor) -> Invitation:
    patient = lock_person(patient_id, by)
    invitations = Invitation.objects.visible_to(by).filter(patient_id=patient.pk)
    found = invitations.select_for_update().filter(pk=invitation_id).first()
    if found is None:
        raise NotFound(_("There is no such invitation."))
    return found
