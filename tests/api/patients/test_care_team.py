from __future__ import annotations

import uuid
from typing import Any

import pytest

from clinics.models import Membership
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import CareTeamMembership, Patient
from tests.api.caller import Caller
from tests.factories import people
from tests.factories.people import World


def team_of(patient: Patient) -> set[tuple[uuid.UUID, bool]]:
    with clinic_context(patient.clinic_id):
        places = CareTeamMembership.objects.filter(patient=patient)
        return set(places.values_list("membership_id", "is_lead"))


def change_seq(patient: Patient) -> int:
    with clinic_context(patient.clinic_id):
        return Patient.objects.get(pk=patient.pk).change_seq


def place(patient: Patient, membership: Membership) -> str:
    return f"patients/{patient.pk}/care-team/{membership.pk}"


def test_a_care_team_lists_its_lead_first(caller: Caller, world: World) -> None:
    caller.as_(world.rui).put(place(world.ana, world.marta), {"is_lead": True})

    shown = caller.as_(world.rui).get(f"patients/{world.ana.pk}/care-team").json()

    assert shown == {
        "results": [
            {
                "membership": str(world.marta.pk),
                "name": "Marta Dias",
                "is_lead": True,
                "is_working": True,
            },
            {
                "membership": str(world.rui.pk),
                "name": "Rui Costa",
                "is_lead": False,
                "is_working": True,
            },
        ],
        "is_unassigned": False,
    }


@pytest.mark.parametrize("who", ["rui", "admin"])
def test_a_colleague_joins(caller: Caller, world: World, who: str) -> None:
    me = caller.as_(getattr(world, who))

    first = me.put(place(world.ana, world.marta), {})
    again = me.put(place(world.ana, world.marta), {})

    assert (first.status_code, again.status_code) == (200, 200)
    assert team_of(world.ana) == {(world.rui.pk, True), (world.marta.pk, False)}
    assert change_seq(world.ana) == 1
    with clinic_context(world.clinic.pk):
        event = AuditEvent.objects.get(action="care_team_joined")
    assert (event.patient_id, event.target_id) == (world.ana.pk, world.marta.pk)
    assert caller.as_(world.marta).get(f"patients/{world.ana.pk}").status_code == 200


def test_the_lead_is_not_given_up_to_nobody(caller: Caller, world: World) -> None:
    response = caller.as_(world.rui).put(place(world.ana, world.rui), {"is_lead": False})

    assert (response.status_code, response.json()["code"]) == (409, "team_needs_lead")
    assert team_of(world.ana) == {(world.rui.pk, True)}


def test_the_lead_passes_to_whoever_has_been_there_longest(caller: Caller, world: World) -> None:
    nuno = people.therapist(world.clinic, "Nuno Faria")
    me = caller.as_(world.admin)
    me.put(place(world.ana, nuno), {})
    me.put(place(world.ana, world.marta), {})

    response = me.delete(place(world.ana, world.rui))

    assert response.json()["is_unassigned"] is False
    assert team_of(world.ana) == {(nuno.pk, True), (world.marta.pk, False)}


def test_the_lead_does_not_pass_to_one_who_left_the_clinic(caller: Caller, world: World) -> None:
    nuno = people.therapist(world.clinic, "Nuno Faria")
    me = caller.as_(world.admin)
    me.put(place(world.ana, nuno), {})
    me.put(place(world.ana, world.marta), {})
    with clinic_context(world.clinic.pk):
        Membership.objects.filter(pk=nuno.pk).update(deactivated_at=people.LONG_AGO)

    me.delete(place(world.ana, world.rui))

    assert team_of(world.ana) == {(nuno.pk, False), (world.marta.pk, True)}


def test_the_last_therapist_may_leave(caller: Caller, world: World) -> None:
    response = caller.as_(world.rui).delete(place(world.ana, world.rui))

    assert response.status_code == 200
    assert response.json() == {"results": [], "is_unassigned": True}
    unassigned = caller.as_(world.admin).get("patients", {"unassigned": "true"}).json()
    assert [one["name"] for one in unassigned["results"]] == ["Ana Silva"]
    assert caller.as_(world.rui).get(f"patients/{world.ana.pk}").status_code == 404


def test_the_first_to_join_an_unassigned_patient_leads(caller: Caller, world: World) -> None:
    me = caller.as_(world.admin)
    me.delete(place(world.ana, world.rui))

    me.put(place(world.ana, world.marta), {"is_lead": False})

    assert team_of(world.ana) == {(world.marta.pk, True)}


def test_a_clinics_working_therapists_are_listed(caller: Caller, world: World) -> None:
    gone = people.therapist(world.clinic, "Gone")
    with clinic_context(world.clinic.pk):
        Membership.objects.filter(pk=gone.pk).update(deactivated_at=people.LONG_AGO)

    shown = caller.as_(world.admin).get("therapists").json()

    assert shown == {
        "results": [
            {"membership": str(world.marta.pk), "name": "Marta Dias"},
            {"membership": str(world.rui.pk), "name": "Rui Costa"},
        ],
        "next": None,
    }


PERMISSIONS = [
    # who, method, whose team, which member, status
    (None, "put", "ana", "marta", 401),
    (None, "delete", "ana", "rui", 401),
    ("ana", "put", "ana", "marta", 403),
    ("carer", "delete", "ana", "rui", 403),
    ("marta", "put", "ana", "marta", 404),
    ("marta", "delete", "ana", "rui", 404),
    ("far_therapist", "put", "ana", "far_therapist", 404),
    ("far_therapist", "delete", "ana", "rui", 404),
    ("rui", "put", "ana", "far_therapist", 404),
    ("rui", "put", "ana", "admin", 404),
    ("rui", "delete", "ana", "marta", 404),
    ("rui", "put", "far_patient", "rui", 404),
    ("admin", "put", "far_patient", "rui", 404),
    ("admin", "delete", "far_patient", "far_therapist", 404),
]


@pytest.mark.parametrize(("who", "method", "whose", "member", "status"), PERMISSIONS)
def test_who_may_change_a_care_team(
    caller: Caller, world: World, who: str | None, method: str, whose: str, member: str, status: int
) -> None:
    before = team_of(world.ana), team_of(world.far_patient), change_seq(world.ana)
    me = caller.as_(getattr(world, who)) if who else caller
    body: Any = {} if method == "put" else None

    response = me.call(method, place(getattr(world, whose), getattr(world, member)), body)

    assert response.status_code == status
    assert (team_of(world.ana), team_of(world.far_patient), change_seq(world.ana)) == before


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        (None, "therapists", 401),
        ("ana", "therapists", 403),
        ("ana", "patients/{ana}/care-team", 403),
        ("marta", "patients/{ana}/care-team", 404),
        ("far_therapist", "patients/{ana}/care-team", 404),
        ("admin", "patients/{ana}/care-team", 200),
    ],
)
def test_who_may_read_a_care_team(
    caller: Caller, world: World, who: str | None, path: str, status: int
) -> None:
    me = caller.as_(getattr(world, who)) if who else caller

    assert me.get(path.format(ana=world.ana.pk)).status_code == status
