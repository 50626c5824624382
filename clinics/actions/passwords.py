"""A forgotten password, and a changed one."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from clinics.attempts import (
    ACCOUNT_LIMIT,
    ADDRESS_LIMIT,
    LONGEST_WINDOW,
    forget_attempts,
    refuse_many,
)
from clinics.models import Device, PasswordReset, User, UserManager
from clinics.tokens import code_for, hash_token
from core import audit, outbox
from core.errors import FieldError, Invalid, NotSignedIn
from core.ids import uuid7
from core.models import Message

RESET_LIFE = dt.timedelta(minutes=30)
RESETS_OF_AN_ACCOUNT = 3
RESETS_FROM_AN_ADDRESS = 10


class ResetCodeInvalid(Invalid):
    """The same words for a code that is unknown, used, too old, or of a login that ended."""

    code = "reset_code_invalid"


class WrongPassword(Invalid):
    code = "wrong_password"
    keeps_writes = True


def ask_for_reset(*, email: str, address: str, now: dt.datetime) -> None:
    """
    Have a code mailed to whoever signs in with that address.

    Nobody is looked up here, so that what is answered, and how fast, says nothing about who has a
    login: the worker looks when it writes the mail, and drops the message where there is none.

    :raises TooManyAttempts: three for an address or ten from a source within an hour
    """
    account = UserManager.normalize(email)
    refuse_many(
        now=now,
        window=LONGEST_WINDOW,
        reset_account=(account, RESETS_OF_AN_ACCOUNT),
        reset_address=(address, RESETS_FROM_AN_ADDRESS),
    )
    with transaction.atomic():
        outbox.leave(
            kind=Message.Kind.PASSWORD_RESET,
            clinic_id=None,
            key=f"password_reset:{uuid7()}",
            address=account,
            due_at=now,
        )
        audit.record(action="password_reset_asked", by=_somebody(), now=now)


def make_reset_code(*, message: Message, user: User, now: dt.datetime) -> str:
    """Make the code that a reset's mail carries, and keep its hash. Needs a transaction."""
    code = code_for("password reset", message.pk)
    PasswordReset.objects.create(
        user=user,
        code_hash=hash_token(code),
        epoch=user.token_epoch,
        made_at=now,
        ends_at=now + RESET_LIFE,
    )
    return code


def reset_password(*, code: str, password: str, address: str, now: dt.datetime) -> None:
    """
    Set a new password by a mailed code, once, and end every device of the login.

    :raises ResetCodeInvalid: the code gives nothing, for whatever reason
    :raises Invalid: the new password is too weak; the code stays good
    """
    refuse_many(now=now, reset_code_address=(address, ADDRESS_LIMIT))
    with transaction.atomic():
        user, reset = _locked_reset(code, now=now)
        refuse_weak(password, user)
        reset.used_at = now
        reset.save(update_fields=["used_at", "updated_at"])
        _set_password(user, password, action="password_reset", by=_actor(user), now=now)
        forget_attempts(kind="sign in account", name=user.email)


def change_password(*, current_password: str, password: str, by: Actor, now: dt.datetime) -> None:
    """
    Set a new password by the present one; this device stays signed in and every other one ends.

    :raises WrongPassword: the present one is not right
    :raises TooManyAttempts: five within 15 minutes, right or wrong
    :raises Invalid: the new one is too weak, or the same
    """
    if by.user_id is None:
        raise NotSignedIn
    refuse_many(now=now, password_account=(str(by.user_id), ACCOUNT_LIMIT))
    user = User.objects.select_for_update(no_key=True).get(pk=by.user_id)
    if not user.check_password(current_password):
        detail = _("This is not your password.")
        raise WrongPassword(
            [FieldError(field="current_password", code="wrong_password", detail=str(detail))]
        )
    if password == current_password:
        raise Invalid.at("password", "password_unchanged", _("This is the password you have."))
    refuse_weak(password, user)
    _set_password(user, password, action="password_changed", by=by, now=now)
    if by.device_id is not None:
        Device.objects.filter(pk=by.device_id, user=user).update(epoch=user.token_epoch)


def refuse_weak(password: str, user: User, *, field: str = "password") -> None:
    """
    :raises Invalid: naming each rule that a new password breaks
    """
    try:
        validate_password(password, user)
    except ValidationError as refused:
        raise Invalid(
            [
                FieldError(
                    field=field, code=error.code or "invalid", detail=" ".join(error.messages)
                )
                for error in refused.error_list
            ]
        ) from None


def tidy_resets(*, now: dt.datetime) -> int:
    """Delete codes that ended a day ago; return how many."""
    deleted, _per_model = PasswordReset.objects.filter(
        ends_at__lt=now - dt.timedelta(days=1)
    ).delete()
    return deleted


def _locked_reset(code: str, *, now: dt.datetime) -> tuple[User, PasswordReset]:
    """Lock the login first, as every writer of it does, then look at the code as it is by now."""
    codes = PasswordReset.objects.filter(code_hash=hash_token(code))
    users = User.objects.filter(password_resets__in=codes, is_active=True)
    user = users.select_for_update(no_key=True, of=("self",)).first()
    reset = codes.filter(used_at=None, ends_at__gt=now).first() if user else None
    if user is None or reset is None or reset.epoch != user.token_epoch:
        detail = _("This code is not good any more. Ask for a new one.")
        raise ResetCodeInvalid(
            [FieldError(field="code", code=ResetCodeInvalid.code, detail=str(detail))]
        )
    return user, reset


def _set_password(user: User, password: str, *, action: str, by: Actor, now: dt.datetime) -> None:
    """Store it, end all devices by a new epoch, and tell the user by mail."""
    user.set_password(password)
    user.token_epoch += 1
    user.save(update_fields=["password", "token_epoch", "updated_at"])
    audit.record(action=action, by=by, now=now, target="clinics.User", target_id=user.pk)
    outbox.leave(
        kind=Message.Kind.PASSWORD_CHANGED,
        clinic_id=None,
        key=f"password_changed:{user.pk}:{user.token_epoch}",
        recipient_id=user.pk,
        due_at=now,
    )


def _actor(user: User) -> Actor:
    return Actor(user_id=user.pk, acting_as="user")


def _somebody() -> Actor:
    return Actor(user_id=None, acting_as="user")
