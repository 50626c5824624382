"""Inviting somebody over the API, and what is stored of it."""

from __future__ import annotations

import datetime as dt

from clinics.models import Invitation, Membership
from core.tenancy import clinic_context
from tests.api.caller import Caller
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
NEW = "four words are plenty"
EVA = "eva@example.org"


def invite(who: Caller, email: str = EVA, roles: tuple[str, ...] = ("therapist",)):
    return who.post("invitations", {"email": email, "roles": list(roles)})


def join(caller: Caller, code: str, password: str = NEW):
    body = {"code": code, "name": "Eva Lima", "password": password, "device_name": "Eva's laptop"}
    return caller.post("auth/invitations/join", body)


def accept(who: Caller, code: str):
    return who.post("auth/invitations/accept", {"code": code})


def show(caller: Caller, code: str):
    return caller.post("auth/invitations/show", {"code": code})


def stored(world: World) -> Invitation:
    with clinic_context(world.clinic.pk):
        return Invitation.objects.get()


def roles_of(world: World, email: str) -> list[str]:
    with clinic_context(world.clinic.pk):
        working = Membership.objects.filter(user__email=email, deactivated_at=None)
        return sorted(working.values_list("role", flat=True))


def _revoke(world: World, helena: Caller) -> None:
    assert helena.post(f"invitations/{stored(world).pk}/revoke").status_code == 200


def _accept(world: World, helena: Caller) -> None:
    with clinic_context(world.clinic.pk):
        Invitation.objects.update(accepted_at=NOW, accepted_by=world.marta.user)


def _expire(world: World, helena: Caller) -> None:
    with clinic_context(world.clinic.pk):
        Invitation.objects.update(invited_at=NOW - DAY, ends_at=NOW)
