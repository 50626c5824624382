"""Every write about logins, devices and places of work."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth import authenticate
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
from clinics.models import Attempts, Device, User, UserManager
from clinics.tokens import hash_token, new_token
from core import audit
from core.errors import DomainError, NotFound

DEVICE_LIFE = dt.timedelta(days=90)
KEEP_ENDED_DEVICES = dt.timedelta(days=30)


class SignInRefused(DomainError):
    """The same words for an unknown address, a wrong password and an ended login."""

    code = "sign_in_refused"
    status = 401


@dataclass(frozen=True)
class NewDevice:
    device: Device
    token: str


def sign_in(
    *, email: str, password: str, device_name: str, address: str, now: dt.datetime
) -> NewDevice:
    """
    Check a password and give the device a token of its own.

    :raises TooManyAttempts, SignInRefused: as `check_sign_in`
    """
    user = check_sign_in(email=email, password=password, address=address, now=now)
    with transaction.atomic():
        made = new_device(user=user, name=device_name, now=now)
        who = Actor(user_id=user.pk, acting_as="user", device_id=made.device.pk)
        audit.record(
            action="sign_in",
            by=who,
            now=now,
            target="clinics.Device",
            target_id=made.device.pk,
        )
        forget_attempts(kind="sign in account", name=user.email)
    return made


def check_sign_in(*, email: str, password: str, address: str, now: dt.datetime) -> User:
    """
    Return whose address and password these are.

    Attempts are counted before the password is looked at, so that fifty at once are still five.

    :raises TooManyAttempts: five for an account or thirty from an address within 15 minutes
    :raises SignInRefused: for every other reason, in the same words and time
    """
    account = UserManager.normalize(email)
    refuse_many(
        now=now,
        sign_in_account=(account, ACCOUNT_LIMIT),
        sign_in_address=(address, ADDRESS_LIMIT),
    )
    user = authenticate(username=account, password=password)
    if not isinstance(user, User):
        raise SignInRefused(_("The email address or the password is not right."))
    return user


def note_web_sign_in(*, user: User, now: dt.datetime) -> None:
    """Keep that somebody signed in with a browser; the account's attempts start over."""
    with transaction.atomic():
        _note(user, "web_sign_in", now=now)
        forget_attempts(kind="sign in account", name=user.email)


def note_web_sign_out(*, user: User, now: dt.datetime) -> None:
    _note(user, "web_sign_out", now=now)


def _note(user: User, action: str, *, now: dt.datetime) -> None:
    who = Actor(user_id=user.pk, acting_as="user")
    audit.record(action=action, by=who, now=now, target="clinics.User", target_id=user.pk)


def new_device(*, user: User, name: str, now: dt.datetime) -> NewDevice:
    """Give a user's device a token; it is shown once."""
    token = new_token()
    device = Device.objects.create(
        user=user,
        name=name,
        token_hash=hash_token(token),
        epoch=user.token_epoch,
        signed_in_at=now,
        last_seen_on=now.date(),
        ends_at=now + DEVICE_LIFE,
    )
    return NewDevice(device, token)


def end_device(*, device_id: UUID, by: Actor, now: dt.datetime) -> None:
    """
    End one of the user's own devices; ending it twice is the same as once.

    :raises NotFound: the device is not this user's, or does not exist
    """
    with transaction.atomic(savepoint=False):
        devices = Device.objects.visible_to(by).filter(pk=device_id)
        if not devices.exists():
            raise NotFound(_("There is no such device."))
        if devices.filter(ended_at=None).update(ended_at=now, updated_at=now):
            audit.record(
                action="device_ended",
                by=Actor(user_id=by.user_id, acting_as=by.acting_as),
                now=now,
                target="clinics.Device",
                target_id=device_id,
            )


def tidy_devices(*, now: dt.datetime) -> int:
    """Delete devices that ended a month ago and attempts that no window needs; return how many."""
    old = now - KEEP_ENDED_DEVICES
    expired, _per_model = Device.objects.filter(ends_at__lt=old).delete()
    ended, _per_model = Device.objects.filter(ended_at__lt=old).delete()
    attempts, _per_model = Attempts.objects.filter(
        window_starts_at__lt=now - 2 * LONGEST_WINDOW
    ).delete()
    return expired + ended + attempts
