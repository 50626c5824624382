from __future__ import annotations

import uuid
from typing import Any

import pytest

from core.tenancy import clinic_context
from patients.models import CareTeamMembership
from tests.api.caller import Caller
from tests.api.patients.stored import names, number_of_records, record_of
from tests.factories import people
from tests.factories.people import World

BRUNO = {
    "name": "Bruno Lopes",
    "date_of_birth": "1949-09-30",
    "medical_record_number": "H-2041",
    "affected_side": "right",
}
LOGIN = {"email": "eva@example.org"}
RENAME = {"name": "Eva"}
PERMISSIONS = [
    # who, method, path, body, status
    (None, "get", "patients", None, 401),
    (None, "post", "patients", BRUNO, 401),
    (None, "patch", "patients/{ana}", RENAME, 401),
    ("ana", "get", "patients", None, 403),
    ("ana", "post", "patients", BRUNO, 403),
    ("ana", "get", "patients/{ana}", None, 403),
    ("ana", "patch", "patients/{ana}", RENAME, 403),
    ("carer", "get", "patients/{ana}", None, 403),
    ("carer", "put", "patients/{ana}/login", LOGIN, 403),
    ("marta", "get", "patients/{ana}", None, 404),
    ("marta", "patch", "patients/{ana}", RENAME, 404),
    ("marta", "put", "patients/{ana}/login", LOGIN, 404),
    ("marta", "delete", "patients/{ana}/login", None, 404),
    ("far_therapist", "get", "patients/{ana}", None, 404),
    ("far_therapist", "patch", "patients/{ana}", RENAME, 404),
    ("far_therapist", "put", "patients/{ana}/login", LOGIN, 404),
    ("far_therapist", "delete", "patients/{ana}/login", None, 404),
    ("rui", "get", "patients/{unknown}", None, 404),
    ("rui", "patch", "patients/{unknown}", RENAME, 404),
    ("rui", "patch", "patients/{far_patient}", RENAME, 404),
    ("admin", "get", "patients/{far_patient}", None, 404),
    ("admin", "patch", "patients/{far_patient}", RENAME, 404),
    ("admin", "delete", "patients/{far_patient}/login", None, 404),
    ("rui", "delete", "patients/{ana}", None, 405),
    ("rui", "put", "patients", BRUNO, 405),
]


@pytest.mark.parametrize(("who", "method", "path", "body", "status"), PERMISSIONS)
def test_who_may_do_what_with_a_record(
    caller: Caller, world: World, who: str | None, method: str, path: str, body: Any, status: int
) -> None:
    people.user("Eva", LOGIN["email"])
    before = record_of(world.ana), record_of(world.far_patient), number_of_records(world)
    me = caller.as_(getattr(world, who)) if who else caller
    address = path.format(ana=world.ana.pk, far_patient=world.far_patient.pk, unknown=uuid.uuid4())

    response = me.call(method, address, body)

    assert response.status_code == status
    assert (record_of(world.ana), record_of(world.far_patient), number_of_records(world)) == before


def test_a_foreign_patient_answers_exactly_as_an_unknown_one(caller: Caller, world: World) -> None:
    me = caller.as_(world.rui)

    foreign = me.get(f"patients/{world.far_patient.pk}")
    unknown = me.get(f"patients/{uuid.uuid4()}")

    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() | {"request_id": ""} == unknown.json() | {"request_id": ""}


def test_a_clinic_one_does_not_work_in_is_no_clinic(caller: Caller, world: World) -> None:
    assert caller.as_(world.rui).get("patients", clinic=world.far_clinic).status_code == 404


def test_who_works_in_two_clinics_says_which(caller: Caller, world: World) -> None:
    people.membership(world.far_clinic, "therapist", user=world.rui.user)
    me = caller.as_(world.rui)

    assert me.get("patients").json()["code"] == "clinic_required"
    assert names(me.get("patients", clinic=world.clinic)) == ["Ana Silva"]
    assert names(me.get("patients", clinic=world.far_clinic)) == []


def test_leaving_the_care_team_ends_access_at_once(caller: Caller, world: World) -> None:
    me = caller.as_(world.rui)
    with clinic_context(world.clinic.pk):
        CareTeamMembership.objects.filter(patient=world.ana).delete()

    assert me.get(f"patients/{world.ana.pk}").status_code == 404
