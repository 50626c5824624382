"""The address of a login is a contact where an invitation was accepted there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.models import Clinic, Membership, User
from core.tenancy import clinic_context
from patients.models import Carer, Patient
from reminders.actions.login_contacts import ensure_login_contacts
from reminders.models import Contact
from tests.factories import people, reminders
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 26, 10, 0, tzinfo=dt.UTC)
ACCEPTED_AT = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)


def accepted(clinic: Clinic, user: User, **fields: Any) -> None:
    said = {"email": user.email, "accepted_at": ACCEPTED_AT, "accepted_by": user} | fields
    people.invitation(clinic, user, **said)


def ensured(clinic: Clinic) -> int:
    with clinic_context(clinic.pk):
        return ensure_login_contacts(clinic_id=clinic.pk, now=NOW)


def contacts(clinic: Clinic) -> dict[str, Contact]:
    with clinic_context(clinic.pk):
        return {one.address: one for one in Contact.objects.order_by("pk")}


def test_members_patients_and_carers_get_theirs_once(world: World) -> None:
    assert world.ana.user is not None
    logins = [world.rui.user, world.ana.user, world.carer.user]
    accepted(world.clinic, world.rui.user)
    accepted(world.clinic, world.ana.user, patient_id=world.ana.pk)
    accepted(world.clinic, world.carer.user, patient_id=world.ana.pk, kind="carer")
    later = ACCEPTED_AT + dt.timedelta(days=1)
    accepted(world.clinic, world.rui.user, accepted_at=later)

    assert ensured(world.clinic) == 3
    made = contacts(world.clinic)
    assert ensured(world.clinic) == 0

    assert set(made) == {one.email for one in logins}
    assert {one.channel for one in made.values()} == {"email"}
    rui = made[world.rui.user.email]
    assert (rui.user_id, rui.confirmed_at, rui.added_at) == (world.rui.user_id, later, later)
    assert all(one.is_usable() for one in made.values())
    assert contacts(world.clinic) == made


def test_when_nothing_is_missing_it_is_one_statement(world: World) -> None:
    accepted(world.clinic, world.rui.user)
    ensured(world.clinic)

    with clinic_context(world.clinic.pk), CaptureQueriesContext(connection) as asked:
        ensure_login_contacts(clinic_id=world.clinic.pk, now=NOW)

    assert len(asked) == 1


@pytest.mark.parametrize(
    ("disabled", "confirmed_at"),
    [("bounced", ACCEPTED_AT), ("complained", ACCEPTED_AT), ("removed", ACCEPTED_AT), ("", None)],
)
def test_what_is_there_stays_as_it_is(world: World, disabled: str, confirmed_at: Any) -> None:
    accepted(world.clinic, world.rui.user)
    row = reminders.contact(
        world.clinic, world.rui.user, confirmed_at=None, disabled_because=disabled,
        disabled_at=NOW if disabled else None,
    )  # fmt: skip

    assert ensured(world.clinic) == 0
    [same] = contacts(world.clinic).values()
    assert (same.pk, same.confirmed_at, same.disabled_because) == (row.pk, None, disabled)


def test_nobody_else_gets_one(world: World) -> None:
    rui, marta, helena = world.rui, world.marta, world.admin
    accepted(world.clinic, rui.user, email="another@example.org")
    people.invitation(world.clinic, marta.user, email=marta.user.email)
    accepted(world.clinic, helena.user)
    with clinic_context(world.clinic.pk):
        Membership.objects.filter(pk=helena.pk).update(deactivated_at=NOW)
        Carer.objects.filter(pk=world.carer.pk).update(revoked_at=NOW)
        Patient.objects.filter(pk=world.ana.pk).update(user=None)
    for left in (world.carer.user, world.ana.user):
        assert left is not None
        accepted(world.clinic, left, patient_id=world.ana.pk, kind="carer")
    gone = people.therapist(world.clinic, "Lars Dahl")
    accepted(world.clinic, gone.user)
    User.objects.filter(pk=gone.user_id).update(is_active=False)
    accepted(world.far_clinic, world.far_therapist.user)

    assert ensured(world.clinic) == 0
    assert contacts(world.clinic) == {}
    assert ensured(world.far_clinic) == 1
    assert set(contacts(world.far_clinic)) == {world.far_therapist.user.email}
