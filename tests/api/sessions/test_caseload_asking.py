"""What the caseload may be asked: filters, cursors, who may, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.models import Membership
from core.tenancy import clinic_context
from patients.models import CareTeamMembership, Patient
from sessions.models import Alert
from tests.api.caller import Caller
from tests.api.patients.stored import events, names
from tests.api.sessions.caseloads import DAY, MONDAY, NOW, TODAY, alert, case, do
from tests.factories import people, prescribed
from tests.factories.people import World


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def discharged(patient: Patient) -> None:
    with clinic_context(patient.clinic_id):
        Patient.objects.filter(pk=patient.pk).update(status="discharged", discharged_on=TODAY)


def test_a_discharged_patient_stays_until_what_is_unsafe_is_closed(caller, world) -> None:
    unsafe, calm = case(world, "Bruno Lopes"), case(world, "Carla Reis")
    raised = alert(unsafe, "critical")
    for patient in (unsafe, calm):
        discharged(patient)
    me = caller.as_(world.rui)

    before = names(me.get("caseload"))
    with clinic_context(world.clinic.pk):
        Alert.objects.filter(pk=raised.pk).update(status="resolved")
    after = names(me.get("caseload"))

    assert (before, after) == (["Bruno Lopes", "Ana Silva"], ["Ana Silva"])
    assert names(me.get("caseload", {"status": "discharged"})) == ["Bruno Lopes", "Carla Reis"]
    assert names(me.get("caseload", {"status": "active"})) == ["Ana Silva"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"search": "silva"}, ["Ana Silva"]),
        ({"search": "h-77"}, ["Bruno Lopes"]),
        ({"search": "nobody"}, []),
        ({"need": "medium"}, ["Bruno Lopes"]),
        ({"need": "nothing_prescribed"}, ["Bruno Lopes", "Ana Silva"]),
        ({"need": "draft"}, []),
        ({"need": "nothing_prescribed", "search": "ana"}, ["Ana Silva"]),
    ],
)
def test_filters(caller: Caller, world: World, query, expected) -> None:
    alert(case(world, "Bruno Lopes", medical_record_number="H-77"), "medium")

    assert names(caller.as_(world.rui).get("caseload", query)) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"need": "attention"}, "need"),
        ({"status": "asleep"}, "status"),
        ({"limit": 101}, "limit"),
        ({"limit": 0}, "limit"),
        ({"order": "name"}, "order"),
        ({"cursor": "made up"}, "cursor"),
    ],
)
def test_what_cannot_be_asked(caller: Caller, world: World, query, field) -> None:
    answer = caller.as_(world.rui).get("caseload", query)

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_a_cursor_serves_its_own_filters_alone(caller: Caller, world: World) -> None:
    case(world, "Bruno Lopes")
    cursor = caller.as_(world.rui).get("caseload", {"limit": 1}).json()["next"]

    same = caller.as_(world.rui).get("caseload", {"cursor": cursor})
    other = caller.as_(world.rui).get("caseload", {"cursor": cursor, "status": "active"})

    assert (same.status_code, other.status_code) == (200, 400)


@pytest.mark.parametrize("path", ["caseload", "caseload/summary"])
@pytest.mark.parametrize(
    ("who", "status"), [("rui", 200), ("marta", 200), ("admin", 403), ("ana", 403), ("carer", 403)]
)
def test_who_may(caller: Caller, world: World, path: str, who: str, status: int) -> None:
    assert caller.as_(getattr(world, who)).get(path).status_code == status


def test_each_therapist_sees_their_own_patients(caller: Caller, world: World) -> None:
    shared = case(world, "Bruno Lopes")
    with clinic_context(world.clinic.pk):
        CareTeamMembership.objects.create(
            clinic=world.clinic, patient=shared, membership=world.marta
        )
    alert(world.far_patient, "emergency")

    seen = {
        who: names(caller.as_(getattr(world, who)).get("caseload"))
        for who in ("rui", "marta", "far_therapist")
    }

    assert seen == {
        "rui": ["Ana Silva", "Bruno Lopes"],
        "marta": ["Bruno Lopes"],
        "far_therapist": ["Per Berg"],
    }


def test_reading_it_is_kept_with_the_patients_it_showed(caller: Caller, world: World) -> None:
    bruno = case(world, "Bruno Lopes")

    caller.as_(world.rui).get("caseload")

    [event] = events(world, "read_caseload")
    assert set(event.details["patients"]) == {str(world.ana.pk), str(bruno.pk)}


# ---- what it costs ------------------------------------------------------------------------------

AT_MOST = 12


def statements(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert call().status_code == 200
    return len(captured)


def a_lot(world: World, therapist: Membership, number: int) -> None:
    for count in range(number):
        patient = people.patient(
            world.clinic, f"Patient {count}", care_team=[therapist], email=None
        )
        prescribed.line(patient, from_=MONDAY - 28 * DAY)
        alert(patient, "medium")


@pytest.mark.parametrize("path", ["caseload", "caseload/summary"])
def test_its_statements_grow_with_nothing(caller: Caller, world: World, path: str) -> None:
    me = caller.as_(world.rui)
    query = {"limit": 100} if path == "caseload" else None
    a_lot(world, world.rui, 1)
    few = statements(lambda: me.get(path, query))
    a_lot(world, world.rui, 8)
    do(prescribed.line(world.ana), MONDAY, MONDAY + DAY)
    many = statements(lambda: me.get(path, query))

    assert few == many <= AT_MOST
