from __future__ import annotations

import datetime as dt
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

BRUNO = {
    "name": "Bruno Lopes",
    "date_of_birth": "1949-09-30",
    "medical_record_number": "H-2041",
    "affected_side": "right",
}


def record_of(patient: Patient) -> dict[str, Any]:
    with clinic_context(patient.clinic_id):
        return Patient.objects.filter(pk=patient.pk).values().get()


def number_of_records(world: World) -> int:
    with clinic_context(world.clinic.pk):
        return Patient.objects.count()


def events(world: World, action: str) -> list[AuditEvent]:
    with clinic_context(world.clinic.pk):
        return list(AuditEvent.objects.filter(action=action).order_by("at", "id"))


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
    time_machine_at,
) -> None:
    time_machine_at("2026-11-22T10:00:00Z")

    response = caller.as_(world.rui).post("patients", BRUNO | change)

    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["field"] == field
    assert code is None or error["code"] == code
    assert number_of_records(world) == 1


def test_a_date_of_birth_yesterday_is_past(caller: Caller, world: World, time_machine_at) -> None:
    time_machine_at("2026-11-22T10:00:00Z")

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


# ---- list ---------------------------------------------------------------------------------------


def names(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [one["name"] for one in response.json()["results"]]


@pytest.fixture
def bruno(world: World) -> Patient:
    return people.patient(
        world.clinic, "Bruno Lopes", care_team=[world.marta], medical_record_number="H-2041"
    )


@pytest.mark.parametrize(
    ("who", "query", "expected"),
    [
        ("rui", {}, ["Ana Silva"]),
        ("marta", {}, ["Bruno Lopes"]),
        ("admin", {}, ["Ana Silva", "Bruno Lopes"]),
        ("far_therapist", {}, ["Per Berg"]),
        ("rui", {"known": "true"}, ["Ana Silva", "Bruno Lopes"]),
        ("rui", {"known": "true", "search": "lopes"}, ["Bruno Lopes"]),
        ("rui", {"known": "true", "search": "H-2041"}, []),
        ("rui", {"search": "lopes"}, []),
        ("marta", {"search": "h-20"}, ["Bruno Lopes"]),
        ("admin", {"search": "h-20"}, ["Bruno Lopes"]),
        ("admin", {"search": "%"}, []),
        ("rui", {"status": "active"}, ["Ana Silva"]),
        ("rui", {"known": "true", "status": "active"}, ["Ana Silva"]),
        ("rui", {"status": "discharged"}, []),
        ("admin", {"unassigned": "true"}, []),
    ],
)
def test_who_finds_whom(
    caller: Caller,
    world: World,
    bruno: Patient,
    who: str,
    query: dict[str, str],
    expected: list[str],
) -> None:
    assert names(caller.as_(getattr(world, who)).get("patients", query)) == expected


def test_outside_the_care_team_a_patient_is_a_name(
    caller: Caller, world: World, bruno: Patient
) -> None:
    response = caller.as_(world.rui).get("patients", {"known": "true", "search": "Bruno"})

    assert response.json()["results"] == [
        {
            "id": str(bruno.pk),
            "name": "Bruno Lopes",
            "on_my_care_team": False,
            "date_of_birth": None,
            "medical_record_number": None,
            "status": None,
            "is_paused": None,
            "care_team": None,
        }
    ]


def test_an_administrators_list_shows_the_care_team(caller: Caller, world: World) -> None:
    (shown,) = caller.as_(world.admin).get("patients").json()["results"]

    assert shown["date_of_birth"] == "1958-04-17"
    assert shown["is_paused"] is None
    assert [one["name"] for one in shown["care_team"]] == ["Rui Costa"]


def test_a_patient_whose_therapist_left_stands_as_unassigned(
    caller: Caller, world: World, bruno: Patient
) -> None:
    with clinic_context(world.clinic.pk):
        Membership.objects.filter(pk=world.marta.pk).update(deactivated_at=people.LONG_AGO)

    response = caller.as_(world.admin).get("patients", {"unassigned": "true"})

    assert names(response) == ["Bruno Lopes"]


def test_the_unassigned_are_an_administrators_list(caller: Caller, world: World) -> None:
    assert caller.as_(world.rui).get("patients", {"unassigned": "true"}).status_code == 403


def test_a_long_list_comes_in_pages(caller: Caller, world: World) -> None:
    for number in range(4):
        people.patient(world.clinic, f"Patient {number}", care_team=[world.rui], email=None)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}

    while True:
        page = caller.as_(world.rui).get("patients", query).json()
        seen += [one["name"] for one in page["results"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]

    assert seen == ["Ana Silva", "Patient 0", "Patient 1", "Patient 2", "Patient 3"]


def test_a_cursor_is_no_good_to_someone_else(caller: Caller, world: World) -> None:
    people.patient(world.clinic, "Zoe Reis", care_team=[world.rui])
    cursor = caller.as_(world.rui).get("patients", {"limit": 1}).json()["next"]

    response = caller.as_(world.admin).get("patients", {"limit": 1, "cursor": cursor})

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "bad_cursor"


def test_a_list_asks_as_much_of_the_database_for_many_as_for_one(
    caller: Caller, world: World, django_assert_num_queries: Any
) -> None:
    me = caller.as_(world.rui)
    for number in range(5):
        people.patient(world.clinic, f"Patient {number}", care_team=[world.rui, world.marta])
    me.get("patients")  # the first request of a day may slide the device's end

    with django_assert_num_queries(QUERIES_OF_A_LIST):
        assert len(names(me.get("patients", {"limit": 1}))) == 1
    with django_assert_num_queries(QUERIES_OF_A_LIST):
        assert len(names(me.get("patients"))) == 6


QUERIES_OF_A_LIST = 9


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


# ---- the login ----------------------------------------------------------------------------------


def test_a_login_is_linked_by_its_address(caller: Caller, world: World) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui], email=None)
    login = people.user("Bruno Lopes", "bruno@example.org")

    response = caller.as_(world.rui).put(
        f"patients/{bruno.pk}/login", {"email": "BRUNO@example.org"}
    )

    assert response.status_code == 200
    assert response.json()["has_login"] is True
    assert record_of(bruno)["user_id"] == login.pk
    again = caller.as_(world.rui).put(f"patients/{bruno.pk}/login", {"email": "bruno@example.org"})
    assert again.status_code == 200
    assert len(events(world, "login_linked")) == 1
    assert record_of(bruno)["change_seq"] == 1


def test_an_ended_login_answers_like_an_unknown_one(caller: Caller, world: World) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui], email=None)
    gone = people.user("Gone", "gone@example.org")
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    me = caller.as_(world.rui)

    ended = me.put(f"patients/{bruno.pk}/login", {"email": "gone@example.org"})
    unknown = me.put(f"patients/{bruno.pk}/login", {"email": "nobody@example.org"})

    assert ended.status_code == unknown.status_code == 400
    assert ended.json()["errors"] == unknown.json()["errors"]
    assert ended.json()["errors"][0]["code"] == "unknown_user"
    assert record_of(bruno)["user_id"] is None


def test_a_login_has_one_record_in_a_clinic(caller: Caller, world: World) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui], email=None)
    assert world.ana.user

    response = caller.as_(world.rui).put(
        f"patients/{bruno.pk}/login", {"email": world.ana.user.email}
    )

    assert (response.status_code, response.json()["code"]) == (409, "login_has_record")
    assert record_of(bruno)["user_id"] is None


def test_a_linked_record_is_not_handed_to_someone_else(caller: Caller, world: World) -> None:
    people.user("Eva", "eva@example.org")

    response = caller.as_(world.rui).put(
        f"patients/{world.ana.pk}/login", {"email": "eva@example.org"}
    )

    assert (response.status_code, response.json()["code"]) == (409, "patient_has_login")
    assert record_of(world.ana)["user_id"] == world.ana.user_id


def test_a_carer_does_not_become_the_patient(caller: Caller, world: World) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui], email=None)
    people.carer(bruno, email="eva@example.org")

    response = caller.as_(world.rui).put(f"patients/{bruno.pk}/login", {"email": "eva@example.org"})

    assert (response.status_code, response.json()["code"]) == (409, "login_is_carer")


def test_a_login_taken_away_ends_with_the_next_request(caller: Caller, world: World) -> None:
    ana = caller.as_(world.ana)
    assert len(ana.get("auth/whoami").json()["records"]) == 1

    first = caller.as_(world.rui).delete(f"patients/{world.ana.pk}/login")
    second = caller.as_(world.rui).delete(f"patients/{world.ana.pk}/login")

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["has_login"] is False
    assert ana.get("auth/whoami").json()["records"] == []
    assert len(events(world, "login_unlinked")) == 1


# ---- who may ------------------------------------------------------------------------------------

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


def test_a_date_of_birth_is_judged_on_the_patients_day(
    caller: Caller, world: World, time_machine_at
) -> None:
    """At 11:00 UTC it is tomorrow already on Kiritimati, so today's date is past there."""
    time_machine_at("2026-11-22T11:00:00Z")
    today = dt.date(2026, 11, 22).isoformat()
    sent = BRUNO | {"date_of_birth": today, "time_zone": "Pacific/Kiritimati"}

    assert caller.as_(world.rui).post("patients", sent).status_code == 201
