"""Patients in care without a working therapist: who they are, since when, and how that ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from clinics.models import Membership
from core.tenancy import clinic_context
from patients.models import CareTeamMembership, Patient
from tests.api.caller import Caller
from tests.api.patients.stored import record_of
from tests.factories import people
from tests.factories.people import World

NOW = "2026-11-25T10:00:00Z"
GONE_AT = dt.datetime(2026, 11, 20, 17, 0, tzinfo=dt.UTC)
CLINICAL = ("is_paused",)


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def unassigned(caller: Caller, world: World, **query: Any) -> dict[str, Any]:
    """Return each unassigned patient's name with since when."""
    answer = caller.as_(world.admin).get("patients", {"unassigned": "true"} | query)
    assert answer.status_code == 200, answer.content
    return {one["name"]: one["unassigned_since"] for one in answer.json()["results"]}


def place(world: World, member: Membership) -> str:
    return f"patients/{world.ana.pk}/care-team/{member.pk}"


def deactivate(member: Membership, at: dt.datetime = GONE_AT) -> None:
    with clinic_context(member.clinic_id):
        Membership.objects.filter(pk=member.pk).update(deactivated_at=at)


def test_a_patient_whose_last_therapist_left_is_listed_since_then(caller, world) -> None:
    before = unassigned(caller, world)

    assert caller.as_(world.admin).delete(place(world, world.rui)).status_code == 200

    assert before == {}
    assert unassigned(caller, world) == {"Ana Silva": NOW}
    assert record_of(world.ana)["unassigned_at"] == dt.datetime.fromisoformat(NOW)


def test_one_whose_therapist_was_deactivated_is_listed_since_then(caller, world) -> None:
    deactivate(world.rui)

    assert unassigned(caller, world) == {"Ana Silva": "2026-11-20T17:00:00Z"}


def test_the_last_of_several_counts(caller: Caller, world: World) -> None:
    with clinic_context(world.clinic.pk):
        CareTeamMembership.objects.create(
            clinic=world.clinic, patient=world.ana, membership=world.marta
        )
    deactivate(world.rui, GONE_AT - dt.timedelta(days=3))
    still_there = unassigned(caller, world)
    deactivate(world.marta)

    assert still_there == {}
    assert unassigned(caller, world) == {"Ana Silva": "2026-11-20T17:00:00Z"}


def test_taking_a_deactivated_one_off_changes_nothing_about_since_when(caller, world) -> None:
    deactivate(world.rui)

    caller.as_(world.admin).delete(place(world, world.rui))

    assert unassigned(caller, world) == {"Ana Silva": "2026-11-20T17:00:00Z"}


def test_one_whose_therapist_left_the_clinic_is_listed_since_then(caller, world) -> None:
    left = caller.as_(world.admin).post(f"members/{world.rui.user_id}/deactivate", {})

    assert (left.status_code, left.json()["unassigned"]) == (200, 1)
    assert unassigned(caller, world) == {"Ana Silva": NOW}


def test_one_who_is_taken_over_never_was(caller: Caller, world: World) -> None:
    body = {"cover": str(world.marta.pk)}

    left = caller.as_(world.admin).post(f"members/{world.rui.user_id}/deactivate", body)

    assert (left.status_code, left.json()["unassigned"]) == (200, 0)
    assert unassigned(caller, world) == {}
    assert record_of(world.ana)["unassigned_at"] is None


def test_where_nobody_knows_it_is_null(caller: Caller, world: World) -> None:
    people.patient(world.clinic, "Bruno Lopes")

    assert unassigned(caller, world) == {"Bruno Lopes": None}


def test_an_administrator_who_sees_nothing_clinical_assigns(caller, world) -> None:
    admin = caller.as_(world.admin)
    admin.delete(place(world, world.rui))
    [shown] = admin.get("patients", {"unassigned": "true"}).json()["results"]

    assigned = admin.put(place(world, world.marta), {"is_lead": True})

    assert {name: shown[name] for name in CLINICAL} == dict.fromkeys(CLINICAL)
    assert assigned.status_code == 200
    assert assigned.json()["is_unassigned"] is False
    assert unassigned(caller, world) == {}
    assert record_of(world.ana)["unassigned_at"] is None
    assert caller.as_(world.marta).get(f"patients/{world.ana.pk}").status_code == 200


def test_only_those_in_care_need_one(caller: Caller, world: World) -> None:
    caller.as_(world.admin).delete(place(world, world.rui))
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(
            status="discharged", discharged_on=dt.date(2026, 11, 24)
        )

    assert unassigned(caller, world) == {}
    assert unassigned(caller, world, status="discharged") == {"Ana Silva": None}


@pytest.mark.parametrize(("who", "status"), [("admin", 200), ("rui", 403), ("ana", 403)])
def test_the_list_is_the_administrators(caller, world, who, status) -> None:
    answer = caller.as_(getattr(world, who)).get("patients", {"unassigned": "true"})

    assert answer.status_code == status


# ---- the database's walls -----------------------------------------------------------------------


def test_the_database_lets_only_therapists_on_a_care_team(world: World) -> None:
    with clinic_context(world.clinic.pk):
        with pytest.raises(IntegrityError, match="is a therapist"), transaction.atomic():
            CareTeamMembership.objects.create(
                clinic=world.clinic, patient=world.ana, membership=world.admin
            )
        with pytest.raises(IntegrityError, match="is a therapist"), transaction.atomic():
            CareTeamMembership.objects.update(membership=world.admin)

        assert CareTeamMembership.objects.get().membership_id == world.rui.pk


@pytest.mark.parametrize(
    ("born_on", "is_kept"),
    [
        (dt.date(1899, 12, 31), False),
        (dt.date(1900, 1, 1), True),
        (dt.date(2026, 11, 25), True),
        (dt.date(2026, 11, 26), False),
    ],
)
def test_the_database_knows_when_people_are_born(world: World, born_on, is_kept) -> None:
    """The record itself was made on 25 November 2026, by UTC."""
    with clinic_context(world.clinic.pk):
        record = Patient.objects.filter(pk=world.ana.pk)
        if is_kept:
            assert record.update(date_of_birth=born_on) == 1
            return
        with (
            pytest.raises(IntegrityError, match="patient_is_born_before_the_record"),
            transaction.atomic(),
        ):
            record.update(date_of_birth=born_on)
