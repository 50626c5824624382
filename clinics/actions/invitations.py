"""
Invitations by mail: made, sent again, revoked. Accepting one is `patients.actions.invitations`,
since it may lead to a record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.actions.settings import lock_clinic
from clinics.actors import Actor
from clinics.models import Invitation, Membership, UserManager
from clinics.policies import may_manage_clinic
from clinics.tokens import clinic_of_code, code_for, hash_token, place_code
from core import audit, outbox
from core.errors import Conflict, DomainError, Forbidden, NotFound
from core.models import Message
from core.tenancy import set_clinic

LIFE = dt.timedelta(days=14)
MOST_SENDS = 10


class AlreadyMember(Conflict):
    code = "already_member"
    message = _("This person works here already, in every role that is asked for.")


class AlreadyInvited(Conflict):
    """`invitation` in the problem is the one to send again, or to revoke first."""

    code = "already_invited"
    message = _("This address is invited already. Send that invitation again.")


class InvitationAccepted(Conflict):
    code = "invitation_accepted"
    message = _("This invitation was accepted. Sign in.")


class InvitationRevoked(Conflict):
    code = "invitation_revoked"
    message = _("This invitation was taken back. Ask the clinic.")


class InvitationExpired(Conflict):
    code = "invitation_expired"
    message = _("This invitation is too old. Ask the clinic to send it again.")


class SentOften(Conflict):
    code = "sent_often"
    message = _("This invitation was sent ten times. Revoke it, and look at the address.")


class WrongAddress(DomainError):
    code = "wrong_address"
    status = 403
    message = _("This invitation went to another address. Sign in with that one.")


def invite_member(*, email: str, roles: Collection[str], by: Actor, now: dt.datetime) -> Invitation:
    """
    Ask somebody to work in the clinic, in roles that only this row decides.

    :raises AlreadyMember, AlreadyInvited: nothing to ask
    """
    if not may_manage_clinic(by):
        raise Forbidden
    address = UserManager.normalize(email)
    with transaction.atomic(savepoint=False):
        lock_clinic(by)
        held = Membership.objects.visible_to(by).working().filter(user__email=address)
        if set(roles) <= set(held.values_list("role", flat=True)):
            raise AlreadyMember(field="email")
        return make_invitation(
            kind=Invitation.Kind.MEMBER, email=address, roles=sorted(set(roles)), by=by, now=now
        )


def make_invitation(
    *,
    kind: Invitation.Kind,
    email: str,
    by: Actor,
    now: dt.datetime,
    roles: Collection[str] = (),
    patient_id: UUID | None = None,
) -> Invitation:
    """
    Keep an invitation and leave its mail. The clinic, or the patient, must be locked.

    :raises AlreadyInvited: the address has one that is open, or expired and not revoked
    """
    if by.user_id is None or by.clinic_id is None:  # only a person can invite
        raise Forbidden
    address = UserManager.normalize(email)
    standing = Invitation.objects.filter(
        clinic_id=by.clinic_id, kind=kind, email=address, patient_id=patient_id,
        accepted_at=None, revoked_at=None,
    ).first()  # fmt: skip
    if standing is not None:
        raise AlreadyInvited(field="email", extra={"invitation": str(standing.pk)})
    made = Invitation.objects.create(
        clinic_id=by.clinic_id,
        kind=kind,
        email=address,
        roles=list(roles),
        patient_id=patient_id,
        invited_by_id=by.user_id,
        invited_at=now,
        ends_at=now + LIFE,
    )
    _leave_mail(made, now=now)
    record_invitation("invitation_made", made, by=by, now=now)
    return made


def resend_member_invitation(*, invitation_id: UUID, by: Actor, now: dt.datetime) -> Invitation:
    """Send it again, good for 14 more days; raises as `resend`, and NotFound."""
    with transaction.atomic(savepoint=False):
        return resend(_locked_member_invitation(invitation_id, by), by=by, now=now)


def revoke_member_invitation(*, invitation_id: UUID, by: Actor, now: dt.datetime) -> Invitation:
    """Take it back; raises as `revoke`, and NotFound."""
    with transaction.atomic(savepoint=False):
        return revoke(_locked_member_invitation(invitation_id, by), by=by, now=now)


def resend(invitation: Invitation, *, by: Actor, now: dt.datetime) -> Invitation:
    """
    Send a locked invitation again; the code of the mail before ends when the new one is sent.

    :raises InvitationAccepted, InvitationRevoked: there is nothing to send
    :raises SentOften: ten times are enough
    """
    refuse_settled(invitation)
    if invitation.times_sent >= MOST_SENDS:
        raise SentOften
    invitation.times_sent += 1
    invitation.ends_at = now + LIFE
    invitation.save(update_fields=["times_sent", "ends_at", "updated_at"])
    _leave_mail(invitation, now=now)
    record_invitation("invitation_sent_again", invitation, by=by, now=now)
    return invitation


def revoke(invitation: Invitation, *, by: Actor, now: dt.datetime) -> Invitation:
    """
    Take a locked invitation back; twice is as once.

    :raises InvitationAccepted: it is too late
    """
    if invitation.revoked_at is None:
        refuse_settled(invitation)
        invitation.revoked_at = now
        invitation.save(update_fields=["revoked_at", "updated_at"])
        record_invitation("invitation_revoked", invitation, by=by, now=now)
    return invitation


def refuse_settled(invitation: Invitation) -> None:
    """
    :raises InvitationAccepted, InvitationRevoked: nothing more can be done with it
    """
    if invitation.accepted_at is not None:
        raise InvitationAccepted
    if invitation.revoked_at is not None:
        raise InvitationRevoked


def find_by_code(code: str) -> Invitation:
    """
    Return the invitation of a mailed code, and see its clinic's rows. Needs a transaction.

    The clinic that the code names decides where it is looked for; without the secret behind it
    nothing is found there.

    :raises NotFound: no such code, or a later mail has another
    """
    set_clinic(clinic_of_code(code))
    invitations = Invitation.objects.select_related("clinic")
    found = invitations.filter(code_hash=hash_token(code), clinic__archived_at=None).first()
    if found is None:
        raise NotFound(_("There is no such invitation. Look for the newest mail."))
    return found


def make_invitation_code(*, message: Message, invitation: Invitation) -> str:
    """Make the code that an invitation's mail carries, and keep its hash."""
    code = place_code(invitation.clinic_id, code_for("invitation", message.pk))
    invitation.code_hash = hash_token(code)
    invitation.save(update_fields=["code_hash", "updated_at"])
    return code


def mail_key(invitation: Invitation) -> str:
    """Name the invitation's newest mail."""
    return f"invitation:{invitation.pk}:{invitation.times_sent}"


def record_invitation(action: str, invitation: Invitation, *, by: Actor, now: dt.datetime) -> None:
    audit.record(
        action=action,
        by=by,
        now=now,
        patient_id=invitation.patient_id,
        target="clinics.Invitation",
        target_id=invitation.pk,
        details={"kind": invitation.kind},
    )


def _locked_member_invitation(invitation_id: UUID, by: Actor) -> Invitation:
    if not may_manage_clinic(by):
        raise Forbidden
    lock_clinic(by)
    invitations = Invitation.objects.visible_to(by).filter(kind=Invitation.Kind.MEMBER)
    found = invitations.select_for_update(of=("self",)).filter(pk=invitation_id).first()
    if found is None:
        raise NotFound(_("There is no such invitation."))
    return found


def _leave_mail(invitation: Invitation, *, now: dt.datetime) -> None:
    outbox.leave(
        kind=Message.Kind.INVITATION,
        clinic_id=invitation.clinic_id,
        key=mail_key(invitation),
        address=invitation.email,
        about={"invitation": invitation.pk},
        due_at=now,
    )
