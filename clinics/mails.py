"""The mails that tell people of their login, and that something waits behind it."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from clinics.actions.invitations import mail_key, make_invitation_code
from clinics.actions.passwords import make_reset_code
from clinics.models import Clinic, Invitation, User
from core.mail import Mail, Unwanted
from core.models import Message

LOGIN_ENDED = Unwanted("the login has ended")


def alert_mail(message: Message, now: dt.datetime) -> Mail | Unwanted:
    """Say that an alert waits, and nothing about whom it is or why."""
    to = address_of(message)
    if to is None:
        return LOGIN_ENDED
    assert message.clinic_id is not None  # an alert is a clinic's
    clinic = Clinic.objects.get(pk=message.clinic_id)
    subject = _("%(clinic)s: an alert needs you") % {"clinic": clinic.name}
    return Mail(to=to, subject=subject, template="alert", context={"clinic": clinic.name})


def password_reset_mail(message: Message, now: dt.datetime) -> Mail | Unwanted:
    """Carry a code that is made now; nobody with that address: no mail."""
    user = User.objects.filter(email=message.address, is_active=True).first()
    if user is None:
        return Unwanted("nobody signs in with this address")
    code = make_reset_code(message=message, user=user, now=now)
    return Mail(
        to=user.email,
        subject=_("Your code to set a new password"),
        template="password_reset",
        context={"code": code},
    )


def password_changed_mail(message: Message, now: dt.datetime) -> Mail | Unwanted:
    """Tell the owner of a login, who may not have been the one to change it."""
    to = address_of(message)
    if to is None:
        return LOGIN_ENDED
    return Mail(to=to, subject=_("Your password was changed"), template="password_changed")


def invitation_mail(message: Message, now: dt.datetime) -> Mail | Unwanted:
    """Carry a code that is made now. The same words for staff, patients and carers."""
    invitation = (
        Invitation.objects.filter(pk=UUID(message.about["invitation"]), ends_at__gt=now)
        .filter(accepted_at=None, revoked_at=None)
        .select_related("clinic")
        .select_for_update(of=("self",))
        .first()
    )
    if invitation is None or mail_key(invitation) != message.key:
        return Unwanted("the invitation leads nowhere, or was sent again")
    clinic = invitation.clinic.name
    return Mail(
        to=invitation.email,
        subject=_("%(clinic)s invites you") % {"clinic": clinic},
        template="invitation",
        context={
            "clinic": clinic,
            "code": make_invitation_code(message=message, invitation=invitation),
        },
    )


def address_of(message: Message) -> str | None:
    """Return where a message goes today; None where its user's login has ended."""
    if message.recipient_id is None:
        return message.address
    user = User.objects.filter(pk=message.recipient_id, is_active=True)
    return user.values_list("email", flat=True).first()
