"""The operators' part of the API: clinics, what an archived one answers, what ships."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.models import Clinic, Invitation, User
from core.tenancy import clinic_context
from programs.models import OutcomeMeasure, Review
from tests.api.caller import Caller
from tests.factories import people
from tests.factories.people import World
from tests.factories.programs import own_exercise, shipped

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
LAKE = {
    "name": "Lake Clinic",
    "time_zone": "Europe/Zurich",
    "country": "CH",
    "phone_number": "+41 44 000 00 00",
    "admin_email": "eva@lake.example",
}
BRIDGE = next(one.id for one in shipped().exercises if one.slug == "bridging")
WALK = next(one.id for one in shipped().programs if one.slug == "walk_better")
REVIEW = {"version": 1, "status": "reviewed", "reviewer_name": "Dr Inês Vale", "note": "Good."}


@pytest.fixture
def olga(caller: Caller) -> Caller:
    return caller.as_(people.operator())


def told(response: Any) -> tuple[int, str, list[str]]:
    problem = response.json()
    return (
        response.status_code,
        problem["code"],
        [one["field"] for one in problem.get("errors", [])],
    )


CALLS: list[tuple[str, str, Any]] = [
    ("get", "operator/clinics", None),
    ("post", "operator/clinics", LAKE),
    ("post", "operator/clinics/{clinic}/archive", None),
    ("post", "operator/clinics/{clinic}/restore", None),
    ("post", "operator/clinics/{clinic}/resend-invitation", None),
    ("get", "operator/audit", None),
    ("get", "operator/catalogue", None),
    ("post", f"operator/exercises/{BRIDGE}/review", REVIEW),
    ("post", f"operator/programs/{WALK}/review", REVIEW),
    ("post", "operator/outcome-measures/{measure}/review", REVIEW),
]
WHO = [
    ("operator", 2),
    ("rui", 403),
    ("admin", 403),
    ("ana", 403),
    ("carer", 403),
    ("far_therapist", 403),
    ("nobody", 401),
    ("former operator", 403),
    ("operator of a dead login", 401),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=lambda each: str(each)[:32])
@pytest.mark.parametrize(("who", "status"), WHO)
def test_operators_alone_may(
    caller: Caller, world: World, method: str, path: str, body: Any, who: str, status: int
) -> None:
    people.invitation(world.clinic, people.operator("Nils Berg"), roles=["admin"])
    asking = caller
    if who in World.__dataclass_fields__:
        asking = caller.as_(getattr(world, who))
    elif who != "nobody":
        olga = people.operator()
        asking = caller.as_(olga)
        lost = {"former operator": "is_operator", "operator of a dead login": "is_active"}.get(who)
        if lost:
            User.objects.filter(pk=olga.pk).update(**{lost: False})

    measure = OutcomeMeasure.objects.get(slug="berg_balance").pk
    response = asking.call(method, path.format(clinic=world.clinic.pk, measure=measure), body)

    if status == 2:
        assert response.status_code in {200, 201}, response.content
    else:
        assert response.status_code == status
        assert Clinic.objects.filter(archived_at=None).count() == 2
        assert not Review.objects.exists()
        with clinic_context(world.clinic.pk):
            assert Invitation.objects.get().times_sent == 1


def test_a_clinic_is_founded_and_found(olga: Caller, world: World) -> None:
    made = olga.post("operator/clinics", LAKE)

    shown = made.json()
    assert made.status_code == 201
    assert shown == {name: LAKE[name] for name in LAKE if name != "admin_email"} | {
        "id": shown["id"], "archived_at": None,
    }  # fmt: skip
    assert olga.get("operator/clinics", {"search": "lake"}).json()["results"] == [shown]
    with clinic_context(uuid.UUID(shown["id"])):
        assert Invitation.objects.get().email == "eva@lake.example"
    again = olga.post("operator/clinics", LAKE)
    assert told(again) == (409, "clinic_exists", ["name"])
    assert again.json()["clinic"] == shown["id"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"time_zone": "Lisbon"}, "time_zone"),
        ({"country": "ch"}, "country"),
        ({"country": "CHE"}, "country"),
        ({"country": "ZZ"}, "country"),
        ({"country": "UK"}, "country"),
        ({"phone_number": "call us"}, "phone_number"),
        ({"admin_email": "eva"}, "admin_email"),
        ({"archived_at": None}, "archived_at"),
        ({"id": str(uuid.uuid4())}, "id"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    olga: Caller, changes: dict[str, Any], field: str
) -> None:
    response = olga.post("operator/clinics", LAKE | changes)

    assert told(response) == (400, "invalid", [field])
    assert not Clinic.objects.exists()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Fjord Clinic", "Harbour Clinic"]),
        ({"search": "HARB"}, ["Harbour Clinic"]),
        ({"search": "100%"}, []),
        ({"archived": "true"}, ["Old Mill"]),
        ({"archived": "true", "search": "harbour"}, []),
        ({"limit": "1"}, ["Fjord Clinic"]),
    ],
)
def test_clinics_are_found_by_name_and_whether_they_are_archived(
    olga: Caller, world: World, query: dict[str, str], names: list[str]
) -> None:
    people.clinic("Old Mill", archived_at=NOW)

    shown = olga.get("operator/clinics", query).json()["results"]

    assert [one["name"] for one in shown] == names


def test_pages_follow_each_other_and_a_cursor_is_its_list_s_own(olga: Caller, world: World) -> None:
    first = olga.get("operator/clinics", {"limit": 1}).json()

    second = olga.get("operator/clinics", {"limit": 1, "cursor": first["next"]}).json()
    other = olga.get("operator/clinics", {"archived": "true", "cursor": first["next"]})

    assert [one["name"] for one in second["results"]] == ["Harbour Clinic"]
    assert second["next"] is None
    assert told(other) == (400, "bad_cursor", ["cursor"])


# ---- archived -----------------------------------------------------------------------------------

HERE = [
    ("rui", "patients", 403),
    ("rui", "patients/{ana}", 403),
    ("rui", "caseload", 403),
    ("admin", "members", 403),
    ("admin", "clinic", 403),
    ("ana", "me/plan", 404),
    ("carer", "me/plan", 404),
]


@pytest.mark.parametrize(("who", "path", "status"), HERE)
def test_nobody_acts_in_an_archived_clinic_until_it_is_taken_back(
    olga: Caller, world: World, who: str, path: str, status: int
) -> None:
    there = path.format(ana=world.ana.pk)
    asking = olga.as_(getattr(world, who))
    assert asking.get(there).status_code == 200

    archived = olga.post(f"operator/clinics/{world.clinic.pk}/archive")
    gone = asking.get(there)
    chosen = asking.get(there, clinic=world.clinic, record=world.ana)

    assert archived.json()["archived_at"] is not None
    assert (gone.status_code, chosen.status_code) == (status, 404)
    assert asking.get("auth/whoami").json()["memberships"] == []
    assert asking.get("auth/whoami").json()["records"] == []
    assert olga.as_(world.far_therapist).get("patients").status_code == 200

    restored = olga.post(f"operator/clinics/{world.clinic.pk}/restore")
    assert restored.json()["archived_at"] is None
    assert asking.get(there).status_code == 200


@pytest.mark.parametrize("what", ["archive", "restore"])
def test_a_clinic_that_is_none_is_not_found(olga: Caller, what: str) -> None:
    response = olga.post(f"operator/clinics/{uuid.uuid4()}/{what}")

    assert told(response) == (404, "not_found", [])


# ---- what ships ---------------------------------------------------------------------------------


def test_what_ships_is_listed_with_its_review_in_as_many_statements_as_it_has_pages(
    olga: Caller, world: World
) -> None:
    own_exercise(world.clinic)

    with CaptureQueriesContext(connection) as few:
        one = olga.get("operator/catalogue", {"limit": 1}).json()
    with CaptureQueriesContext(connection) as many:
        all_of_them = olga.get("operator/catalogue", {"limit": 100}).json()

    ships = sorted(one.content.name for one in shipped().exercises)
    assert [each["name"] for each in all_of_them["results"]] == ships
    assert len(one["results"]) == 1
    assert len(many) == len(few)
    assert one["results"][0]["review"]["by"] is None


@pytest.mark.parametrize(("kind", "key"), [("exercise", BRIDGE), ("program", WALK)])
def test_a_review_counts_for_everybody_and_can_be_taken_back(
    olga: Caller, world: World, kind: str, key: uuid.UUID
) -> None:
    path = f"operator/{kind}s/{key}/review"

    said = olga.post(path, REVIEW)

    assert said.status_code == 200, said.content
    review = said.json()["review"]
    assert (review["status"], review["by"], review["note"]) == (
        "reviewed", "Dr Inês Vale", "Good.",
    )  # fmt: skip
    for therapist in (world.rui, world.far_therapist):
        assert olga.as_(therapist).get(f"{kind}s/{key}").json()["review"] == review
    listed = olga.get("operator/catalogue", {"kind": kind, "limit": 100}).json()["results"]
    assert [one["review"] for one in listed if one["id"] == str(key)] == [review]
    back = olga.post(path, REVIEW | {"status": "draft"})
    assert back.json()["review"]["status"] == "draft"


def test_an_outcome_measure_is_reviewed_for_everybody(olga: Caller, world: World) -> None:
    listed = olga.get("operator/catalogue", {"kind": "measure", "limit": 100}).json()["results"]
    walk = next(one for one in listed if one["name"] == "10-metre walk")
    path = f"operator/outcome-measures/{walk['id']}/review"

    said = olga.post(path, REVIEW)
    stale = olga.post(path, REVIEW | {"version": 2})
    unknown = olga.post(f"operator/outcome-measures/{uuid.uuid4()}/review", REVIEW)

    assert (said.status_code, said.json()["review"]["by"]) == (200, "Dr Inês Vale")
    assert (told(stale), told(unknown)) == (
        (409, "stale", ["version"]), (404, "not_found", []),
    )  # fmt: skip
    for therapist in (world.rui, world.far_therapist):
        shown = olga.as_(therapist).get("outcome-measures").json()["results"]
        assert [one["review"] for one in shown if one["name"] == "10-metre walk"] == [
            said.json()["review"]
        ]
    retired = {one["name"] for one in listed if one["is_retired"]}
    assert retired == {"Five times sit to stand", "2-minute walk"}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"version": 2}, (409, "stale", ["version"])),
        ({"reviewer_name": ""}, (400, "invalid", ["reviewer_name"])),
        ({"reviewer_name": "x" * 121}, (400, "invalid", ["reviewer_name"])),
        ({"status": "good"}, (400, "invalid", ["status"])),
        ({"reviewed_at": "2026-11-23T18:02:00Z"}, (400, "invalid", ["reviewed_at"])),
    ],
)
def test_a_review_that_cannot_be_is_refused(
    olga: Caller, changes: dict[str, Any], problem: tuple[int, str, list[str]]
) -> None:
    response = olga.post(f"operator/exercises/{BRIDGE}/review", REVIEW | changes)

    assert told(response) == problem
    assert not Review.objects.exists()


def test_a_clinic_s_own_and_unknown_entries_are_not_the_platform_s_to_review(
    olga: Caller, world: World
) -> None:
    own = own_exercise(world.clinic)

    for key in (own.pk, uuid.uuid4()):
        response = olga.post(f"operator/exercises/{key}/review", REVIEW)
        assert told(response) == (404, "not_found", [])


def test_an_operator_reaches_nothing_of_a_clinic_s(olga: Caller, world: World) -> None:
    assert olga.get("patients").status_code == 403
    assert olga.get("patients", clinic=world.clinic).status_code == 404
    assert olga.get("me/plan", record=world.ana).status_code == 404
