from __future__ import annotations

import datetime as dt
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from clinics.actions.members import LastAdmin
from clinics.models import Membership
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.actions.leaving import deactivate_member
from patients.models import CareTeamMembership, Patient
from tests.api.caller import Caller
from tests.factories import people
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)


@pytest.fixture
def helena(caller: Caller, world: World) -> Caller:
    return caller.as_(world.admin)


def roles(world: World, user: Any) -> list[str]:
    with clinic_context(world.clinic.pk):
        working = Membership.objects.filter(user=user, deactivated_at=None)
        return sorted(working.values_list("role", flat=True))


def team(patient: Patient) -> list[tuple[Any, bool]]:
    """Return who treats a patient, longest first, and who leads."""
    with clinic_context(patient.clinic_id):
        places = CareTeamMembership.objects.filter(patient=patient).order_by("pk")
        return list(places.values_list("membership_id", "is_lead"))


def events(world: World) -> list[str]:
    with clinic_context(world.clinic.pk):
        found = AuditEvent.objects.exclude(action__startswith="read_").order_by("action", "pk")
        return list(found.values_list("action", flat=True))


# ---- who works here ----------------------------------------------------------------------------


def test_everybody_who_works_here_is_listed_once_with_their_roles(world, helena):
    also = people.membership(world.clinic, "admin", user=world.rui.user)

    answer = helena.get("members")

    assert answer.status_code == 200
    assert answer.json()["next"] is None
    assert [
        (one["name"], [each["role"] for each in one["roles"]]) for one in answer.json()["results"]
    ] == [
        ("Helena Prata", ["admin"]),
        ("Marta Dias", ["therapist"]),
        ("Rui Costa", ["admin", "therapist"]),
    ]
    assert answer.json()["results"][2] == {
        "id": str(world.rui.user_id),
        "name": "Rui Costa",
        "email": world.rui.user.email,
        "roles": [
            {"membership": str(also.pk), "role": "admin"},
            {"membership": str(world.rui.pk), "role": "therapist"},
        ],
    }


def test_who_has_gone_is_listed_apart(world, helena):
    helena.post(f"members/{world.marta.user_id}/deactivate", {})

    assert [one["name"] for one in helena.get("members").json()["results"]] == [
        "Helena Prata", "Rui Costa",
    ]  # fmt: skip
    [gone] = helena.get("members", {"ended": "true"}).json()["results"]
    assert (gone["name"], gone["roles"]) == ("Marta Dias", [])


def test_members_come_in_pages(world, helena):
    names = []
    cursor = None
    while True:
        page = helena.get("members", {"limit": 1} | ({"cursor": cursor} if cursor else {})).json()
        names += [one["name"] for one in page["results"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert names == ["Helena Prata", "Marta Dias", "Rui Costa"]


ROUTES = [
    ("get", "members", None),
    ("put", "members/{marta}/admin", None),
    ("put", "members/{marta}/therapist", None),
    ("post", "members/{marta}/deactivate", {}),
    ("post", "members/{marta}/therapist/end", {}),
    ("post", "members/{marta}/admin/end", {}),
]


@pytest.mark.parametrize(("method", "route", "body"), ROUTES)
@pytest.mark.parametrize("who", ["rui", "marta", "ana", "carer"])
def test_administrators_alone_see_and_change_who_works_here(
    caller, world, method, route, body, who
):
    path = route.format(marta=world.marta.user_id)

    refused = caller.as_(getattr(world, who)).call(method, path, body)

    assert refused.status_code == 403
    assert roles(world, world.marta.user) == ["therapist"]


@pytest.mark.parametrize(("method", "route", "body"), ROUTES[1:])
def test_somebody_of_another_clinic_is_nobody_here(world, helena, method, route, body):
    foreign = helena.call(method, route.format(marta=world.far_therapist.user_id), body)
    unknown = helena.call(method, route.format(marta=uuid.uuid4()), body)

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert {**foreign.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}
    with clinic_context(world.far_clinic.pk):
        assert Membership.objects.get(pk=world.far_therapist.pk).deactivated_at is None


# ---- roles -------------------------------------------------------------------------------------


def test_a_role_is_given_once(world, helena, caller):
    path = f"members/{world.marta.user_id}/admin"
    assert caller.as_(world.marta).get("members").status_code == 403

    first, second = helena.put(path), helena.put(path)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert roles(world, world.marta.user) == ["admin", "therapist"]
    assert events(world) == ["membership_given"]
    assert caller.as_(world.marta).get("members").status_code == 200


def test_a_role_ends_with_the_next_request_and_the_other_stays(world, helena, caller):
    helena.put(f"members/{world.marta.user_id}/admin")
    marta = caller.as_(world.marta)
    assert marta.get("members").status_code == 200

    ended = helena.post(f"members/{world.marta.user_id}/admin/end", {})

    assert (ended.status_code, ended.json()) == (200, {"care_teams": 0, "unassigned": 0})
    assert marta.get("members").status_code == 403
    assert marta.get("patients").status_code == 200


def test_a_role_that_nobody_has_does_not_end(world, helena):
    assert helena.post(f"members/{world.marta.user_id}/admin/end", {}).status_code == 404
    assert events(world) == []


def test_a_role_that_ended_can_be_given_again(world, helena):
    helena.put(f"members/{world.marta.user_id}/admin")
    helena.post(f"members/{world.marta.user_id}/admin/end", {})

    assert helena.put(f"members/{world.marta.user_id}/admin").status_code == 200
    assert roles(world, world.marta.user) == ["admin", "therapist"]


@pytest.mark.parametrize("route", ["deactivate", "admin/end"])
def test_the_last_administrator_stays(world, helena, route):
    refused = helena.post(f"members/{world.admin.user_id}/{route}", {})

    assert (refused.status_code, refused.json()["code"]) == (409, "last_admin")
    assert roles(world, world.admin.user) == ["admin"]
    assert events(world) == []


def test_one_whose_login_has_ended_manages_nothing(world, helena):
    nuno = people.admin(world.clinic, "Nuno Reis")
    nuno.user.is_active = False
    nuno.user.save()

    assert helena.post(f"members/{world.admin.user_id}/deactivate", {}).status_code == 409


def test_an_administrator_may_leave_when_another_stays(world, helena):
    people.admin(world.clinic, "Nuno Reis")

    assert helena.post(f"members/{world.admin.user_id}/deactivate", {}).status_code == 200
    assert helena.get("members").status_code == 403


# ---- leaving -----------------------------------------------------------------------------------


def test_leaving_ends_access_at_once_and_stops_nothing_else(world, helena, caller):
    elsewhere = people.membership(world.far_clinic, "therapist", user=world.rui.user)
    own = people.patient(world.far_clinic, "Rui Costa", login=world.rui.user)
    rui = caller.as_(world.rui)
    assert rui.get("patients", clinic=world.clinic).status_code == 200

    left = helena.post(f"members/{world.rui.user_id}/deactivate", {})

    assert left.status_code == 200
    assert rui.get("patients", clinic=world.clinic).status_code == 404
    assert rui.get(f"patients/{world.ana.pk}").status_code == 404
    assert rui.get("patients", clinic=world.far_clinic).status_code == 200
    assert rui.get("me/plan", record=own).status_code == 200
    assert roles(world, world.rui.user) == []
    with clinic_context(world.far_clinic.pk):
        assert Membership.objects.get(pk=elsewhere.pk).deactivated_at is None


def test_a_colleague_takes_over_every_place_the_lead_too(world, helena, caller):
    led = world.ana
    shared = people.patient(world.clinic, "Bo Lund", care_team=[world.marta, world.rui])
    followed = people.patient(world.clinic, "Cy Dale", care_team=[world.rui, world.marta])
    before = [one.change_seq for one in (led, shared, followed)]

    left = helena.post(f"members/{world.rui.user_id}/deactivate", {"cover": str(world.marta.pk)})

    assert left.json() == {"care_teams": 3, "unassigned": 0}
    for patient in (led, shared, followed):
        assert team(patient) == [(world.marta.pk, True)]
    assert caller.as_(world.marta).get(f"patients/{led.pk}").status_code == 200
    with clinic_context(world.clinic.pk):
        for patient in (led, shared, followed):
            patient.refresh_from_db()
    assert [one.change_seq for one in (led, shared, followed)] == [each + 1 for each in before]
    assert events(world) == [
        "care_team_joined", "care_team_left", "care_team_left", "care_team_left",
        "membership_ended",
    ]  # fmt: skip


def test_without_cover_the_lead_passes_to_whoever_was_there_longest(world, helena):
    nuno = people.therapist(world.clinic, "Nuno Reis")
    bo = people.patient(world.clinic, "Bo Lund", care_team=[world.rui, nuno, world.marta])

    left = helena.post(f"members/{world.rui.user_id}/deactivate", {})

    assert team(bo) == [(nuno.pk, True), (world.marta.pk, False)]
    assert team(world.ana) == []
    assert left.json() == {"care_teams": 2, "unassigned": 1}


def test_a_patient_of_whom_nobody_is_left_stands_as_unassigned(world, helena):
    helena.post(f"members/{world.rui.user_id}/deactivate", {})

    listed = helena.get("patients", {"unassigned": "true"}).json()["results"]
    assert [one["name"] for one in listed] == ["Ana Silva"]


def test_a_colleague_whose_login_ended_leaves_the_patient_unassigned(world, helena):
    bo = people.patient(world.clinic, "Bo Lund", care_team=[world.rui, world.marta])
    world.marta.user.is_active = False
    world.marta.user.save()

    left = helena.post(f"members/{world.rui.user_id}/deactivate", {})

    assert left.json() == {"care_teams": 2, "unassigned": 2}
    assert team(bo) == [(world.marta.pk, False)]


def test_ending_the_therapist_s_role_ends_the_places_and_keeps_the_other_role(world, helena):
    people.membership(world.clinic, "admin", user=world.rui.user)

    left = helena.post(f"members/{world.rui.user_id}/therapist/end", {"cover": str(world.marta.pk)})

    assert left.json() == {"care_teams": 1, "unassigned": 0}
    assert roles(world, world.rui.user) == ["admin"]
    assert team(world.ana) == [(world.marta.pk, True)]


COVERS = [
    ("an unknown one", lambda world: uuid.uuid4(), "unknown_therapist"),
    ("an administrator", lambda world: world.admin.pk, "unknown_therapist"),
    ("another clinic's", lambda world: world.far_therapist.pk, "unknown_therapist"),
    ("the one who leaves", lambda world: world.rui.pk, "covers_themselves"),
]


@pytest.mark.parametrize(
    ("cover", "code"), [each[1:] for each in COVERS], ids=[each[0] for each in COVERS]
)
def test_who_cannot_take_over_is_refused_and_nobody_leaves(world, helena, cover, code):
    refused = helena.post(f"members/{world.rui.user_id}/deactivate", {"cover": str(cover(world))})

    assert refused.status_code == 400
    assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [("cover", code)]
    assert roles(world, world.rui.user) == ["therapist"]
    assert team(world.ana) == [(world.rui.pk, True)]
    assert events(world) == []


def test_leaving_takes_as_many_statements_for_thirty_patients_as_for_one(
    world, helena, django_assert_max_num_queries, query_budget
):
    for number in range(30):
        people.patient(
            world.clinic, f"Patient {number}", care_team=[world.rui, world.marta][: 1 + number % 2]
        )

    with query_budget("deactivate a therapist of 31 patients"):
        left = helena.post(
            f"members/{world.rui.user_id}/deactivate", {"cover": str(world.marta.pk)}
        )

    assert left.json() == {"care_teams": 31, "unassigned": 0}


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_end_each_other_leave_one():
    clinic = people.clinic()
    admins = [people.admin(clinic), people.admin(clinic, "Nuno Reis")]
    barrier = threading.Barrier(2)

    def end(number: int) -> str:
        barrier.wait(timeout=30)
        try:
            with clinic_context(clinic.pk):
                deactivate_member(
                    user_id=admins[1 - number].user_id, cover=None,
                    by=people.acting(admins[number]), now=NOW,
                )  # fmt: skip
        except LastAdmin:
            return "last"
        finally:
            connection.close()
        return "ended"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(end, range(2)))

    assert outcomes == ["ended", "last"]
    with clinic_context(clinic.pk):
        assert Membership.objects.working().count() == 1
