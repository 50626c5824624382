"""
Who works in a clinic, as what. Every writer locks the clinic first (`lock_clinic`).

Ending a therapist's role touches care teams, which belong to an app above: see
`patients/actions/leaving.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.actions.settings import lock_clinic
from clinics.actors import Actor
from clinics.models import Membership, User
from clinics.policies import may_manage_clinic
from core import audit
from core.errors import Conflict, Forbidden, NotFound


class LastAdmin(Conflict):
    code = "last_admin"
    message = _("Somebody must manage the clinic. Make another administrator first.")


def grant_role(*, user_id: UUID, role: str, by: Actor, now: dt.datetime) -> User:
    """
    Give a role to somebody who works in the clinic already; twice is as once.

    :raises NotFound: nobody who works here
    """
    if not may_manage_clinic(by):
        raise Forbidden
    with transaction.atomic(savepoint=False):
        lock_clinic(by)
        working = working_memberships(user_id, by=by)
        give_roles(working[0].user, [role], by=by, now=now)
    return working[0].user


def give_roles(user: User, roles: Iterable[str], *, by: Actor, now: dt.datetime) -> None:
    """Make the memberships that are missing. The clinic must be locked."""
    assert by.clinic_id is not None  # the callers' policies saw to it
    held = set(
        Membership.objects.filter(
            clinic_id=by.clinic_id, user=user, deactivated_at=None
        ).values_list("role", flat=True)
    )
    for role in sorted(set(roles) - held):
        made = Membership.objects.create(clinic_id=by.clinic_id, user=user, role=role)
        _record("membership_given", made, by=by, now=now)


def end_memberships(ending: list[Membership], *, by: Actor, now: dt.datetime) -> None:
    """
    End memberships, and with them access at the next request. The clinic must be locked.

    :raises LastAdmin: nobody would be left to manage the clinic
    """
    keys = [one.pk for one in ending]
    admins = Membership.objects.visible_to(by).working().filter(role=Membership.Role.ADMIN)
    ends_one = any(one.role == Membership.Role.ADMIN for one in ending)
    if ends_one and not admins.exclude(pk__in=keys).exists():
        raise LastAdmin
    Membership.objects.visible_to(by).filter(pk__in=keys).update(deactivated_at=now, updated_at=now)
    for one in ending:
        _record("membership_ended", one, by=by, now=now)


def working_memberships(user_id: UUID, *, by: Actor) -> list[Membership]:
    """
    Return what somebody works as in the actor's clinic.

    :raises NotFound: nobody who works here
    """
    working = Membership.objects.visible_to(by).filter(user_id=user_id, deactivated_at=None)
    found = list(working.select_related("user").order_by("role"))
    if not found:
        raise NotFound(_("Nobody with this id works in this clinic."))
    return found


def _record(action: str, membership: Membership, *, by: Actor, now: dt.datetime) -> None:
    audit.record(
        action=action,
        by=by,
        now=now,
        target="clinics.Membership",
        target_id=membership.pk,
        details={"role": membership.role, "user": str(membership.user_id)},
    )
