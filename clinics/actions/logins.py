"""What operators do with logins: making one of their own, ending one and letting it in again."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clinics.actions.on_call import tell_where_they_treated
from clinics.actors import SYSTEM, Actor
from clinics.models import Device, User, UserManager
from clinics.policies import may_operate
from core import audit
from core.errors import Conflict, Forbidden, NotFound


class LoginExists(Conflict):
    code = "login_exists"
    message = _(
        "Somebody signs in with this address already. An operator has a login of their own."
    )


class OwnLogin(Conflict):
    code = "own_login"
    message = _("This is your own login. Ask another operator.")


def make_operator(*, email: str, name: str, password: str, by: Actor, now: dt.datetime) -> User:
    """
    Make a login that operates the platform and works in no clinic.

    :raises LoginExists: the address has a login, which may have memberships and records
    """
    if by.acting_as != SYSTEM:
        raise Forbidden
    address = UserManager.normalize(email)
    with transaction.atomic():
        if User.objects.filter(email=address).exists():
            raise LoginExists(field="email")
        user = User.objects.create_user(address, password, name=name, is_operator=True)
        _record("operator_made", user.pk, by=by, now=now)
    return user


def deactivate_login(*, user_id: UUID, by: Actor, now: dt.datetime) -> None:
    """
    Let somebody in nowhere any more: devices and web sessions end with it. Twice is as once.

    Where patients are left without a working therapist, who is on call hears of their alerts.

    :raises OwnLogin: an operator would lock themselves out
    :raises NotFound: no such login
    """
    if not may_operate(by):
        raise Forbidden
    if user_id == by.user_id:
        raise OwnLogin
    with transaction.atomic(savepoint=False):
        if _locked(user_id).is_active:
            User.objects.filter(pk=user_id).update(
                is_active=False, token_epoch=F("token_epoch") + 1, updated_at=now
            )
            devices = Device.objects.filter(user_id=user_id, ended_at=None)
            devices.update(ended_at=now, updated_at=now)
            tell_where_they_treated(user_id, now=now)
            _record("login_deactivated", user_id, by=by, now=now)


def reactivate_login(*, user_id: UUID, by: Actor, now: dt.datetime) -> None:
    """
    Let somebody sign in again; what had ended stays ended. Twice is as once.

    :raises NotFound: no such login
    """
    if not may_operate(by):
        raise Forbidden
    with transaction.atomic(savepoint=False):
        if not _locked(user_id).is_active:
            User.objects.filter(pk=user_id).update(is_active=True, updated_at=now)
            _record("login_reactivated", user_id, by=by, now=now)


def _locked(user_id: UUID) -> User:
    found = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if found is None:
        raise NotFound(_("There is no such login."))
    return found


def _record(action: str, user_id: UUID, *, by: Actor, now: dt.datetime) -> None:
    audit.record(action=action, by=by, now=now, target="clinics.User", target_id=user_id)
