from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from clinics.models import Membership
from core.tenancy import clinic_context
from patients.models import Patient
from tests.api.caller import Caller
from tests.api.patients.stored import events, number_of_records, record_of
from tests.factories import people
from tests.factories.people import World

BRUNO = {
    "name": "Bruno Lopes",
    "date_of_birth": "1949-09-30",
    "medical_record_number": "H-2041",
    "affected_side": "right",
}


# ---- register -----------------------------------------------------------------------------------


def test_the_therapist_who_registers_leads(caller: Caller, world: World) -> None:
    sent = BRUNO | {"precautions": "no kneeling", "communication_needs": ["aphasia"]}

    response = caller.as_(world.rui).post("patients", sent)

    assert response.status_code == 201
    shown = response.json()
    assert shown == {
        "id": shown["id"],
        "name": "Bruno Lopes",
        "date_of_birth": "1949-09-30",
        "medical_record_number": "H-2041",
        "time_zone": "Europe/Lisbon",
        "language": "en",
        "status": "active",
        "discharged_on": None,
        "has_login": False,
        "care_team": [
            {
                "membership": str(world.rui.pk),
                "name": "Rui Costa",
                "is_lead": True,
                "is_working": True,
            }
        ],
        "affected_side": "right",
        "communication_needs": ["aphasia"],
        "assistive_devices": [],
        "precautions": "no kneeling",
        "is_paused": False,
    }
    (event,) = events(world, "patient_registered")
    assert (str(event.patient_id), event.actor_id) == (shown["id"], world.rui.user_id)
    assert event.details == {}


def test_a_colleague_may_be_named_to_lead(caller: Caller, world: World) -> None:
    sent = BRUNO | {"lead": str(world.marta.pk)}

    shown = caller.as_(world.rui).post("patients", sent).json()

    assert [(one["name"], one["is_lead"]) for one in shown["care_team"]] == [
        ("Marta Dias", True),
        ("Rui Costa", False),
    ]


def test_an_administrator_registers_for_a_therapist(caller: Caller, world: World) -> None:
    sent = BRUNO | {"lead": str(world.marta.pk), "precautions": "no kneeling"}

    response = caller.as_(world.admin).post("patients", sent)

    shown = response.json()
    assert response.status_code == 201
    assert [(one["name"], one["is_lead"]) for one in shown["care_team"]] == [("Marta Dias", True)]
    assert (shown["affected_side"], shown["precautions"]) == (None, None)
    seen = caller.as_(world.marta).get(f"patients/{shown['id']}").json()
    assert (seen["affected_side"], seen["precautions"]) == ("right", "no kneeling")


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"time_zone": "Lisbon"}, "time_zone", "unknown_zone"),
        ({"time_zone": "Etc/GMT+1"}, "time_zone", "unknown_zone"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone", "unknown_zone"),
        ({"date_of_birth": "2026-11-22"}, "date_of_birth", "not_past"),
        ({"date_of_birth": "1899-12-31"}, "date_of_birth", "out_of_range"),
        ({"date_of_birth": "1949-02-30"}, "date_of_birth", "not_a_date"),
        ({"affected_side": "centre"}, "affected_side", None),
        ({"name": "  "}, "name", None),
        ({"name": "A" * 121}, "name", "too_long"),
        ({"medical_record_number": ""}, "medical_record_number", None),
        ({"language": "english"}, "language", None),
        ({"communication_needs": ["deaf"]}, "communication_needs.0", None),
        ({"assistive_devices": ["cane"] * 11}, "assistive_devices", "too_many"),
        ({"precautions": "x" * 2001}, "precautions", "too_long"),
        ({"lead": str(uuid.uuid4())}, "lead", "unknown_therapist"),
        ({"shoe_size": 43}, "shoe_size", "unknown_field"),
    ],
)
def test_what_is_wrong_with_a_new_patient_is_named(
    caller: Caller,
    world: World,
    change: dict[str, Any],
    field: str,
    code: str | None,
    stop_clock: Callable[[str], None],
) -> None:
    stop_clock("2026-11-22T10:00:00Z")

    response = caller.as_(world.rui).post("patients", BRUNO | change)

    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["field"] == field
    assert code is None or error["code"] == code
    assert number_of_records(world) == 1


def test_a_date_of_birth_yesterday_is_past(
    caller: Caller, world: World, stop_clock: Callable[[str], None]
) -> None:
    stop_clock("2026-11-22T10:00:00Z")

    response = caller.as_(world.rui).post("patients", BRUNO | {"date_of_birth": "2026-11-21"})

    assert response.status_code == 201


def test_an_administrator_must_name_a_lead(caller: Caller, world: World) -> None:
    response = caller.as_(world.admin).post("patients", BRUNO)

    assert response.status_code == 400
    assert response.json()["errors"][0] | {"detail": ""} == {
        "field": "lead",
        "code": "missing",
        "detail": "",
    }
    assert number_of_records(world) == 1


@pytest.mark.parametrize("who", ["admin", "far_therapist", "carer"])
def test_a_lead_is_a_working_therapist_of_this_clinic(
    caller: Caller, world: World, who: str
) -> None:
    lead = getattr(world, who).pk

    response = caller.as_(world.admin).post("patients", BRUNO | {"lead": str(lead)})

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "unknown_therapist"


def test_a_therapist_who_left_cannot_lead(caller: Caller, world: World) -> None:
    with clinic_context(world.clinic.pk):
        Membership.objects.filter(pk=world.marta.pk).update(deactivated_at=people.LONG_AGO)

    response = caller.as_(world.rui).post("patients", BRUNO | {"lead": str(world.marta.pk)})

    assert response.status_code == 400
    assert number_of_records(world) == 1


def test_a_record_number_is_one_patients_in_a_clinic(caller: Caller, world: World) -> None:
    taken = BRUNO | {"medical_record_number": world.ana.medical_record_number}

    response = caller.as_(world.rui).post("patients", taken)

    assert response.status_code == 409
    assert response.json()["code"] == "medical_record_number_taken"
    assert response.json()["errors"][0]["field"] == "medical_record_number"
    assert number_of_records(world) == 1
    assert events(world, "patient_registered") == []


def test_another_clinics_record_number_is_free(caller: Caller, world: World) -> None:
    same = BRUNO | {"medical_record_number": world.far_patient.medical_record_number}

    assert caller.as_(world.rui).post("patients", same).status_code == 201


# ---- read ---------------------------------------------------------------------------------------


def test_the_care_team_reads_the_whole_record(caller: Caller, world: World) -> None:
    shown = caller.as_(world.rui).get(f"patients/{world.ana.pk}").json()

    assert shown["name"] == "Ana Silva"
    assert shown["affected_side"] == "left"
    assert shown["has_login"] is True
    (event,) = events(world, "read_patient")
    assert event.patient_id == world.ana.pk


def test_an_administrator_reads_no_clinical_field(caller: Caller, world: World) -> None:
    shown = caller.as_(world.admin).get(f"patients/{world.ana.pk}").json()

    assert shown["name"] == "Ana Silva"
    assert shown["medical_record_number"] == world.ana.medical_record_number
    clinical = (
        "affected_side",
        "communication_needs",
        "assistive_devices",
        "precautions",
        "is_paused",
    )
    assert {name: shown[name] for name in clinical} == dict.fromkeys(clinical)


def test_an_administrator_who_treats_reads_it_all(caller: Caller, world: World) -> None:
    both = people.membership(world.clinic, "admin", user=world.rui.user)

    shown = caller.as_(both).get(f"patients/{world.ana.pk}").json()

    assert shown["affected_side"] == "left"


# ---- change -------------------------------------------------------------------------------------


def test_a_change_is_audited_by_the_names_of_its_fields(caller: Caller, world: World) -> None:
    sent = {"affected_side": "right", "name": "Ana Maria Silva", "language": "en"}

    response = caller.as_(world.rui).patch(f"patients/{world.ana.pk}", sent)

    assert response.status_code == 200
    assert response.json()["affected_side"] == "right"
    stored = record_of(world.ana)
    assert (stored["name"], stored["affected_side"]) == ("Ana Maria Silva", "right")
    assert stored["change_seq"] == 1
    (event,) = events(world, "patient_changed")
    assert event.details == {"fields": ["affected_side", "name"]}


def test_what_changes_nothing_leaves_no_trace(caller: Caller, world: World) -> None:
    response = caller.as_(world.rui).patch(f"patients/{world.ana.pk}", {"name": "Ana Silva"})

    assert response.status_code == 200
    assert record_of(world.ana)["change_seq"] == 0
    assert events(world, "patient_changed") == []


def test_an_administrator_changes_people_not_what_is_clinical(caller: Caller, world: World) -> None:
    me = caller.as_(world.admin)

    renamed = me.patch(f"patients/{world.ana.pk}", {"name": "Ana Maria Silva"})
    refused = me.patch(f"patients/{world.ana.pk}", {"name": "Eva", "precautions": "none"})

    assert (renamed.status_code, refused.status_code) == (200, 403)
    stored = record_of(world.ana)
    assert (stored["name"], stored["precautions"]) == ("Ana Maria Silva", "")
    assert stored["change_seq"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"date_of_birth": "2099-01-01"}, "date_of_birth"),
        ({"name": None}, "name"),
        ({"status": "discharged"}, "status"),
    ],
)
def test_a_bad_change_names_its_field_and_changes_nothing(
    caller: Caller, world: World, change: dict[str, Any], field: str
) -> None:
    before = record_of(world.ana)

    response = caller.as_(world.rui).patch(f"patients/{world.ana.pk}", change)

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == field
    assert record_of(world.ana) == before


def test_a_record_number_cannot_be_changed_to_anothers(
    caller: Caller, world: World, bruno: Patient
) -> None:
    before = record_of(world.ana)

    response = caller.as_(world.rui).patch(
        f"patients/{world.ana.pk}", {"medical_record_number": "H-2041", "name": "Eva"}
    )

    assert response.status_code == 409
    assert response.json()["errors"][0]["field"] == "medical_record_number"
    assert record_of(world.ana) == before


def test_a_date_of_birth_is_judged_on_the_patients_day(
    caller: Caller, world: World, stop_clock: Callable[[str], None]
) -> None:
    """At 11:00 UTC it is tomorrow already on Kiritimati, so today's date is past there."""
    stop_clock("2026-11-22T11:00:00Z")
    today = dt.date(2026, 11, 22).isoformat()
    sent = BRUNO | {"date_of_birth": today, "time_zone": "Pacific/Kiritimati"}

    assert caller.as_(world.rui).post("patients", sent).status_code == 201
