"""An operator's login is nobody's of a clinic: not by invitation, not as a record's, not as a carer's."""

from __future__ import annotations

import datetime as dt

import pytest

from clinics.models import Invitation, Membership, User
from core.tenancy import clinic_context
from patients.models import Carer, Patient
from tests.api.caller import Caller
from tests.api.clinics.test_operator import told
from tests.factories import people
from tests.factories.people import World
from tests.mailed import mailed_code

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)


@pytest.fixture
def olga(db: None) -> User:
    return people.operator(email="olga@platform.example")


@pytest.fixture
def bo(world: World) -> Patient:
    return people.patient(world.clinic, "Bo Lund", care_team=[world.rui], email=None)


def in_the_clinic(world: World, olga: User) -> tuple[int, int, int]:
    """Count the places that her login has there."""
    with clinic_context(world.clinic.pk):
        return (
            Membership.objects.filter(user=olga).count(),
            Patient.objects.filter(user=olga).count(),
            Carer.objects.filter(user=olga).count(),
        )


@pytest.mark.parametrize("kind", ["member", "patient", "carer"])
def test_an_invitation_to_an_operator_s_address_is_not_accepted(
    caller: Caller, world: World, olga: User, bo: Patient, stop_clock, kind: str
) -> None:
    stop_clock(NOW.isoformat())
    if kind == "member":
        body = {"email": olga.email, "roles": ["admin", "therapist"]}
        invited = caller.as_(world.admin).post("invitations", body)
    else:
        body = {"kind": kind, "email": olga.email}
        body |= {"consent": "given"} if kind == "carer" else {}
        invited = caller.as_(world.rui).post(f"patients/{bo.pk}/invitations", body)
    assert invited.status_code == 201, invited.content
    code = mailed_code(now=NOW)

    refused = caller.as_(olga).post("auth/invitations/accept", {"code": code})

    assert told(refused) == (409, "operators_login", [])
    assert "operates the platform" in refused.json()["detail"]
    assert in_the_clinic(world, olga) == (0, 0, 0)
    with clinic_context(world.clinic.pk):
        assert Invitation.objects.get().accepted_at is None
    assert caller.as_(olga).get("auth/whoami").json()["memberships"] == []


def test_a_clinic_links_no_operator_and_learns_of_none(
    caller: Caller, world: World, olga: User, bo: Patient
) -> None:
    rui = caller.as_(world.rui)
    for address in (olga.email, "nobody@platform.example"):
        linked = rui.put(f"patients/{bo.pk}/login", {"email": address})
        cared = rui.post(f"patients/{bo.pk}/carers", {"email": address, "consent": "given"})
        assert linked.json()["errors"] == cared.json()["errors"]
        assert told(linked) == told(cared) == (400, "invalid", ["email"])

    assert in_the_clinic(world, olga) == (0, 0, 0)


def test_whoever_operates_no_more_is_let_in(
    caller: Caller, world: World, olga: User, bo: Patient
) -> None:
    User.objects.filter(pk=olga.pk).update(is_operator=False)

    linked = caller.as_(world.rui).put(f"patients/{bo.pk}/login", {"email": olga.email})

    assert linked.status_code == 200, linked.content
    assert in_the_clinic(world, olga) == (0, 1, 0)
