from __future__ import annotations

from typing import Any

import pytest

from clinics.models import Membership
from core.tenancy import clinic_context
from patients.models import Patient
from tests.api.caller import Caller
from tests.api.patients.stored import names
from tests.factories import people
from tests.factories.people import World

QUERIES_OF_A_LIST = 9


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
            "unassigned_since": None,
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
