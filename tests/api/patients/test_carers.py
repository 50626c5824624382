from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Carer, Patient
from tests.api.caller import Caller
from tests.factories import people
from tests.factories.people import World

EVA = {"email": "eva@example.org", "consent": "given"}


def carers_of(patient: Patient) -> list[tuple[uuid.UUID, bool]]:
    """Return each carer's user, and whether the consent stands."""
    with clinic_context(patient.clinic_id):
        rows = Carer.objects.filter(patient=patient).order_by("pk")
        return [(one.user_id, one.revoked_at is None) for one in rows]


def change_seq(patient: Patient) -> int:
    with clinic_context(patient.clinic_id):
        return Patient.objects.get(pk=patient.pk).change_seq


@pytest.mark.parametrize("who", ["rui", "admin"])
def test_consent_lets_a_carer_act_for_the_patient(
    caller: Caller, world: World, who: str, stop_clock: Callable[[str], None]
) -> None:
    stop_clock("2026-11-22T10:00:00Z")
    eva = people.user("Eva Silva", "eva@example.org")
    recorder = getattr(world, who).user

    response = caller.as_(recorder).post(f"patients/{world.ana.pk}/carers", EVA)

    assert response.status_code == 201
    shown = response.json()
    assert shown == {
        "id": shown["id"],
        "name": "Eva Silva",
        "email": "eva@example.org",
        "consented_at": "2026-11-22T10:00:00Z",
        "consent_recorded_by": recorder.name,
        "revoked_at": None,
    }
    (record,) = caller.as_(eva).get("auth/whoami").json()["records"]
    assert (record["id"], record["acting_as"]) == (str(world.ana.pk), "carer")
    assert change_seq(world.ana) == 1
    with clinic_context(world.clinic.pk):
        event = AuditEvent.objects.get(action="carer_added")
    assert (event.patient_id, event.target_id) == (world.ana.pk, uuid.UUID(shown["id"]))


def test_revoked_consent_ends_with_the_next_request(caller: Caller, world: World) -> None:
    joao = caller.as_(world.carer)
    assert len(joao.get("auth/whoami").json()["records"]) == 1
    path = f"patients/{world.ana.pk}/carers/{world.carer.pk}/revoke"

    first = caller.as_(world.rui).post(path)
    again = caller.as_(world.rui).post(path)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["revoked_at"] is not None
    assert again.json() == first.json()
    assert joao.get("auth/whoami").json()["records"] == []
    assert change_seq(world.ana) == 1


def test_consent_may_be_given_again(caller: Caller, world: World) -> None:
    me = caller.as_(world.rui)
    me.post(f"patients/{world.ana.pk}/carers/{world.carer.pk}/revoke")

    response = me.post(
        f"patients/{world.ana.pk}/carers", {"email": world.carer.user.email, "consent": "given"}
    )

    assert response.status_code == 201
    joao = world.carer.user_id
    assert carers_of(world.ana) == [(joao, False), (joao, True)]
    listed = me.get(f"patients/{world.ana.pk}/carers").json()["results"]
    assert [one["revoked_at"] is None for one in listed] == [True, False]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "nobody@example.org", "consent": "given"}, 400, "unknown_user"),
        ({"email": "gone@example.org", "consent": "given"}, 400, "unknown_user"),
        ({"email": "ana@example.org", "consent": "given"}, 400, "own_record"),
        ({"email": "joao@example.org", "consent": "given"}, 409, "already_carer"),
        ({"email": "JOAO@example.org", "consent": "given"}, 409, "already_carer"),
        ({"email": "eva@example.org"}, 400, "missing"),
        ({"email": "eva@example.org", "consent": "assumed"}, 400, None),
        ({"email": "eva", "consent": "given"}, 400, None),
    ],
)
def test_who_is_no_carer(
    caller: Caller, body: dict[str, str], status: int, code: str | None
) -> None:
    clinic = people.clinic()
    rui = people.therapist(clinic)
    ana = people.patient(clinic, care_team=[rui], email="ana@example.org")
    joao = people.carer(ana, email="joao@example.org")
    people.user("Eva", "eva@example.org")
    gone = people.user("Gone", "gone@example.org")
    gone.is_active = False
    gone.save(update_fields=["is_active"])

    response = caller.as_(rui).post(f"patients/{ana.pk}/carers", body)

    assert response.status_code == status
    errors = response.json()["errors"]
    assert code is None or errors[0]["code"] == code
    assert errors[0]["field"] in {"email", "consent"}
    assert carers_of(ana) == [(joao.user_id, True)]
    assert change_seq(ana) == 0


PERMISSIONS = [
    # who, method, path, status
    (None, "get", "patients/{ana}/carers", 401),
    (None, "post", "patients/{ana}/carers", 401),
    ("ana", "get", "patients/{ana}/carers", 403),
    ("ana", "post", "patients/{ana}/carers", 403),
    ("carer", "post", "patients/{ana}/carers", 403),
    ("carer", "post", "patients/{ana}/carers/{carer}/revoke", 403),
    ("marta", "get", "patients/{ana}/carers", 404),
    ("marta", "post", "patients/{ana}/carers", 404),
    ("marta", "post", "patients/{ana}/carers/{carer}/revoke", 404),
    ("far_therapist", "get", "patients/{ana}/carers", 404),
    ("far_therapist", "post", "patients/{ana}/carers", 404),
    ("far_therapist", "post", "patients/{ana}/carers/{carer}/revoke", 404),
    ("far_therapist", "post", "patients/{far_patient}/carers/{carer}/revoke", 404),
    ("admin", "post", "patients/{far_patient}/carers", 404),
    ("rui", "post", "patients/{ana}/carers/{unknown}/revoke", 404),
]


@pytest.mark.parametrize(("who", "method", "path", "status"), PERMISSIONS)
def test_who_may_do_what_with_carers(
    caller: Caller, world: World, who: str | None, method: str, path: str, status: int
) -> None:
    people.user("Eva", EVA["email"])
    before = carers_of(world.ana), carers_of(world.far_patient), change_seq(world.ana)
    me = caller.as_(getattr(world, who)) if who else caller
    address = path.format(
        ana=world.ana.pk,
        far_patient=world.far_patient.pk,
        carer=world.carer.pk,
        unknown=uuid.uuid4(),
    )
    body: Any = EVA if address.endswith("carers") and method == "post" else None

    response = me.call(method, address, body)

    assert response.status_code == status
    assert (carers_of(world.ana), carers_of(world.far_patient), change_seq(world.ana)) == before


def test_another_patients_carer_is_unknown_here(caller: Caller, world: World) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui])

    response = caller.as_(world.rui).post(f"patients/{bruno.pk}/carers/{world.carer.pk}/revoke")

    assert response.status_code == 404
    assert carers_of(world.ana) == [(world.carer.user_id, True)]
