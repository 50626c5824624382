"""Actions ask who acts, whatever view calls them: a table of every action and every actor."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from clinics.actions.invitations import (
    invite_member,
    resend_member_invitation,
    revoke_member_invitation,
)
from clinics.actions.members import grant_role
from clinics.actions.passwords import change_password
from clinics.actions.settings import change_clinic
from clinics.actors import Actor, system
from clinics.bodies import ClinicChange
from clinics.models import Clinic, Invitation, Membership, User
from clinics.policies import may_manage_clinic
from core.errors import Forbidden, NotFound, NotSignedIn
from core.models import AuditEvent, Message
from core.tenancy import clinic_context
from patients.actions.invitations import accept_invitation, invite_to_record
from patients.actions.leaving import deactivate_member, end_role
from tests.factories import people
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
Action = Callable[[World, Actor], Any]

ADMINS_ALONE: dict[str, Action] = {
    "change_clinic": lambda world, by: change_clinic(
        asked=ClinicChange(version=1, name="Renamed"), by=by, now=NOW
    ),
    "grant_role": lambda world, by: grant_role(
        user_id=world.marta.user_id, role="admin", by=by, now=NOW
    ),
    "deactivate_member": lambda world, by: deactivate_member(
        user_id=world.marta.user_id, cover=None, by=by, now=NOW
    ),
    "end_role": lambda world, by: end_role(
        user_id=world.marta.user_id, role="therapist", cover=None, by=by, now=NOW
    ),
    "invite_member": lambda world, by: invite_member(
        email="eva@example.org", roles=["admin"], by=by, now=NOW
    ),
    "resend": lambda world, by: resend_member_invitation(
        invitation_id=uuid.uuid4(), by=by, now=NOW
    ),
    "revoke": lambda world, by: revoke_member_invitation(
        invitation_id=uuid.uuid4(), by=by, now=NOW
    ),
}

ACTORS: dict[str, Callable[[World], Actor]] = {
    "a therapist": lambda world: people.acting(world.rui),
    "a patient": lambda world: people.acting_for(world.ana),
    "a carer": lambda world: people.acting_for(world.ana, world.carer.user),
    "the platform": lambda world: system(world.clinic.pk),
    "a user outside a clinic": lambda world: Actor(user_id=world.rui.user_id, acting_as="user"),
    "an administrator without a clinic": lambda world: replace(
        people.acting(world.admin), clinic_id=None
    ),
    "an administrator as a patient": lambda world: replace(
        people.acting(world.admin), patient_id=world.ana.pk
    ),
}


def state(world: World) -> tuple[Any, ...]:
    with clinic_context(world.clinic.pk):
        return (
            Clinic.objects.get(pk=world.clinic.pk).name,
            sorted(Membership.objects.filter(deactivated_at=None).values_list("role", flat=True)),
            Invitation.objects.count(),
            Message.objects.count(),
            AuditEvent.objects.count(),
        )


@pytest.mark.parametrize("action", ADMINS_ALONE.values(), ids=ADMINS_ALONE)
@pytest.mark.parametrize("who", ACTORS.values(), ids=ACTORS)
def test_nobody_but_an_administrator_may(world, action, who):
    before = state(world)

    with clinic_context(world.clinic.pk), pytest.raises(Forbidden), transaction.atomic():
        action(world, who(world))

    assert state(world) == before


@pytest.mark.parametrize(
    "name", ["change_clinic", "grant_role", "deactivate_member", "invite_member"]
)
def test_an_administrator_may(world, name):
    before = state(world)

    with clinic_context(world.clinic.pk):
        ADMINS_ALONE[name](world, people.acting(world.admin))

    assert state(world) != before


@pytest.mark.parametrize("who", ["ana", "carer"])
def test_a_patient_and_a_carer_invite_nobody_to_their_record(world, who):
    carer = world.carer.user if who == "carer" else None
    before = state(world)

    with clinic_context(world.clinic.pk), pytest.raises(NotFound):
        invite_to_record(
            patient_id=world.ana.pk, kind=Invitation.Kind.CARER, email="eva@example.org",
            by=people.acting_for(world.ana, carer), now=NOW,
        )  # fmt: skip

    assert state(world) == before


def test_the_platform_invites_nobody(world):
    """An invitation names the person who vouches for it."""
    machine = replace(people.acting(world.admin), user_id=None)

    with clinic_context(world.clinic.pk), pytest.raises(Forbidden), transaction.atomic():
        invite_member(email="eva@example.org", roles=["admin"], by=machine, now=NOW)


def test_who_is_nobody_changes_no_password_and_accepts_nothing(world):
    nobody = system()

    with pytest.raises(NotSignedIn):
        change_password(current_password="x", password="y", by=nobody, now=NOW)
    with pytest.raises(NotSignedIn):
        accept_invitation(code="x", by=nobody, now=NOW)
    assert User.objects.filter(token_epoch__gt=0).count() == 0


def test_one_who_is_therapist_and_administrator_manages_too(world):
    both = people.membership(world.clinic, "admin", user=world.rui.user)

    assert may_manage_clinic(people.acting(world.rui, both)) is True
    assert may_manage_clinic(people.acting(world.rui)) is False
