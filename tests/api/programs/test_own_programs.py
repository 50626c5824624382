"""A clinic's own programs over HTTP: made, changed, copied, retired, reviewed and prescribed."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
import pytest

from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Assignment, PrescribedExercise
from programs import own_examples
from programs.bodies import (
    ExerciseOut,
    NewProgram,
    NextProgram,
    ProgramOut,
    ReviewOrder,
)
from programs.models import Program, ProgramVersion
from tests.api.caller import Caller
from tests.factories.people import World
from tests.factories.programs import item_body, own_exercise, own_program

SIX = "74202746-7c2b-41cc-862a-e32c2509786d"
KEY = "5f0c1a34-93f2-4a55-9d59-0a4f7b8e5a10"


def body(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    said = {"name": "Standing tall", "weeks": 6, "items": list(items) or [item_body()]}
    return said | changes


def made(caller: Caller, who: Any, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    response = caller.as_(who).post("programs", body(*items, key=str(uuid.uuid4()), **changes))
    assert response.status_code == 201, response.content
    return response.json()


def told(response: Any) -> tuple[int, str, list[str]]:
    problem = response.json()
    return (
        response.status_code,
        problem["code"],
        [one["field"] for one in problem.get("errors", [])],
    )


def own_versions(world: World) -> int:
    with clinic_context(world.clinic.pk):
        return ProgramVersion.objects.filter(clinic=world.clinic).count()


def test_a_therapist_makes_a_program_once_and_reads_it(caller: Caller, world: World) -> None:
    rui = caller.as_(world.rui)
    sent = body(item_body("bridging"), item_body(), key=KEY)

    first, again = rui.post("programs", sent), rui.post("programs", sent)
    other = rui.post("programs", sent | {"weeks": 7})

    shown = first.json()
    assert (first.status_code, again.status_code, again.json()) == (201, 200, shown)
    assert told(other) == (409, "key_reused", [])
    assert (shown["name"], shown["weeks"], shown["is_own"]) == ("Standing tall", 6, True)
    assert [(one["position"], one["name"], one["dose_words"]) for one in shown["items"]] == [
        (1, "Bridge", "2 sets of 10"),
        (2, "Heel raises", "2 sets of 10"),
    ]
    assert (shown["copied_from"], shown["review"]["status"]) == (None, "draft")
    assert own_versions(world) == 1


def test_what_get_shows_can_be_sent_back(caller: Caller, world: World) -> None:
    rui = caller.as_(world.rui)
    shown = made(caller, world.rui, item_body("step_up", side="each"), item_body("bridging"))
    names = ("exercise", "dose", "side", "schedule")
    items = [{name: one[name] for name in names} for one in shown["items"]]

    response = rui.post(f"programs/{shown['id']}/versions", body(*items, replaces=1))

    assert (response.status_code, response.json()) == (200, shown)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"weeks": 0}, "weeks"),
        ({"weeks": 105}, "weeks"),
        ({"items": []}, "items"),
        ({"items": [item_body()] * 41}, "items"),
        ({"items": [item_body(exercise=KEY)]}, "items.0.exercise"),
        ({"items": [item_body(), item_body("bridging", side="left")]}, "items.1.side"),
        ({"items": [item_body(side="front")]}, "items.0.side"),
        ({"items": [item_body(note="Slowly.")]}, "items.0.note"),
        (
            {"items": [item_body(dose={"measure": "repetitions", "sets": 21, "repetitions": 1})]},
            "items.0.dose.sets",
        ),
        (
            {"items": [item_body(dose={"measure": "steps", "sets": 2, "steps": 9})]},
            "items.0.dose.measure",
        ),
        (
            {"items": [item_body(schedule={"kind": "times_per_week", "times_per_week": 8})]},
            "items.0.schedule.times_per_week",
        ),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    caller: Caller, world: World, changes: dict[str, Any], field: str
) -> None:
    response = caller.as_(world.rui).post("programs", body(key=KEY) | changes)

    assert told(response) == (400, "invalid", [field])
    assert own_versions(world) == 0


def test_an_unusual_dose_is_asked_about_and_may_be_confirmed(caller: Caller, world: World) -> None:
    much = item_body("bridging", dose={"measure": "repetitions", "sets": 4, "repetitions": 10})
    rui = caller.as_(world.rui)

    asked = rui.post("programs", body(much, key=KEY))
    confirmed = rui.post("programs", body(much, key=KEY, confirm=["outside_usual_range"]))

    assert told(asked) == (409, "outside_usual_range", ["items.0.dose.sets"])
    assert asked.json()["usual_range"] == {"items.0.dose.sets": [1, 3]}
    assert confirmed.status_code == 201


def test_changing_a_program_changes_nothing_that_was_prescribed_from_it(
    caller: Caller, world: World
) -> None:
    rui = caller.as_(world.rui)
    shown = made(caller, world.rui)
    draft = {"program": shown["id"]}
    assignment = rui.post(f"patients/{world.ana.pk}/assignments", draft).json()
    before = rui.get(f"assignments/{assignment['id']}").json()

    later = rui.post(
        f"programs/{shown['id']}/versions",
        body(item_body("bridging"), name="Standing taller", replaces=1),
    )
    rui.post(f"programs/{shown['id']}/retire")

    assert (later.status_code, later.json()["version"]) == (200, 2)
    assert rui.get(f"assignments/{assignment['id']}").json() == before
    with clinic_context(world.clinic.pk):
        row = PrescribedExercise.objects.select_related("exercise_version").get()
        program = Assignment.objects.select_related("program_version").get().program_version
    assert (row.exercise_version.name, row.sets, row.repetitions) == ("Heel raises", 2, 10)
    assert (program.number, program.name) == (1, "Standing tall")


def test_a_retired_program_is_hidden_and_not_prescribed(caller: Caller, world: World) -> None:
    rui = caller.as_(world.rui)
    shown = made(caller, world.rui)
    rui.post(f"programs/{shown['id']}/retire")

    refused = rui.post(f"patients/{world.ana.pk}/assignments", {"program": shown["id"]})

    assert told(refused) == (400, "invalid", ["program"])
    assert rui.get("programs", {"source": "own"}).json()["results"] == []
    assert rui.post(f"programs/{shown['id']}/restore").json()["is_retired"] is False
    again = rui.post(f"patients/{world.ana.pk}/assignments", {"program": shown["id"]})
    assert again.status_code == 201


def test_an_item_says_that_its_exercise_is_retired(caller: Caller, world: World) -> None:
    rui = caller.as_(world.rui)
    own = own_exercise(world.clinic)
    shown = made(caller, world.rui, item_body(exercise=str(own.pk)), item_body())

    rui.post(f"exercises/{own.pk}/retire")

    items = rui.get(f"programs/{shown['id']}").json()["items"]
    assert [one["is_retired"] for one in items] == [True, False]


def test_of_two_changes_of_one_version_the_second_is_stale(caller: Caller, world: World) -> None:
    shown = made(caller, world.rui)
    path = f"programs/{shown['id']}/versions"

    first = caller.as_(world.rui).post(path, body(weeks=8, replaces=1))
    second = caller.as_(world.marta).post(path, body(weeks=9, replaces=1))
    again = caller.as_(world.rui).post(path, body(weeks=8, replaces=1))

    assert (first.status_code, again.status_code) == (200, 200)
    assert told(second) == (409, "stale", ["replaces"])
    assert (second.json()["version"], own_versions(world)) == (2, 2)


def test_a_copy_says_where_it_came_from(caller: Caller, world: World) -> None:
    rui = caller.as_(world.rui)
    sent = {"key": KEY, "name": "Our six"}

    first, again = (rui.post(f"programs/{SIX}/copy", sent) for _time in range(2))

    shown = first.json()
    assert (first.status_code, again.status_code, again.json()) == (201, 200, shown)
    assert shown["copied_from"] == {"id": SIX, "version": 1, "name": "Six leg exercises"}
    assert shown["items"] == rui.get(f"programs/{SIX}").json()["items"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"source": "own"}, ["Standing tall"]),
        ({"source": "own", "retired": "show"}, ["Old ways", "Standing tall"]),
        ({"retired": "only"}, ["Old ways"]),
        ({"source": "shared", "search": "six"}, ["Six leg exercises"]),
        ({"source": "own", "search": "six"}, []),
    ],
)
def test_programs_are_found_by_source_and_whether_they_are_retired(
    caller: Caller, world: World, query: dict[str, str], found: list[str]
) -> None:
    made(caller, world.rui)
    old = made(caller, world.rui, name="Old ways")
    caller.as_(world.rui).post(f"programs/{old['id']}/retire")

    shown = caller.as_(world.rui).get("programs", query).json()["results"]

    assert [one["name"] for one in shown] == found


def test_a_review_is_shown_with_its_name_until_the_next_version(
    caller: Caller, world: World
) -> None:
    rui = caller.as_(world.rui)
    shown = made(caller, world.rui)
    path = f"programs/{shown['id']}"

    reviewed = rui.post(f"{path}/review", {"version": 1, "status": "reviewed", "note": "Good."})
    listed = rui.get("programs", {"source": "own"}).json()["results"][0]["review"]
    changed = rui.post(f"{path}/versions", body(weeks=8, replaces=1))
    stale = rui.post(f"{path}/review", {"version": 1, "status": "reviewed"})

    review = reviewed.json()["review"]
    assert (review["status"], review["by"], review["note"]) == ("reviewed", "Rui Costa", "Good.")
    assert listed == review
    assert changed.json()["review"]["by"] is None
    assert told(stale) == (409, "stale", ["version"])


def test_an_exercise_s_review_is_shown_likewise(caller: Caller, world: World) -> None:
    own = own_exercise(world.clinic)
    path = f"exercises/{own.pk}"
    marta = caller.as_(world.marta)

    reviewed = marta.post(f"{path}/review", {"version": 1, "status": "reviewed"}).json()["review"]
    wrong = marta.post(f"{path}/review", {"version": 1, "status": "fine"})

    assert (reviewed["status"], reviewed["by"]) == ("reviewed", "Marta Dias")
    assert caller.as_(world.rui).get(path).json()["review"] == reviewed
    assert told(wrong) == (400, "invalid", ["status"])


# ---- who may ------------------------------------------------------------------------------------

WRITES: list[tuple[str, Any]] = [
    ("programs/{}/versions", body(weeks=9, replaces=1)),
    ("programs/{}/copy", {"key": KEY}),
    ("programs/{}/retire", None),
    ("programs/{}/restore", None),
    ("programs/{}/review", {"version": 1, "status": "reviewed"}),
    ("exercises/{}/review", {"version": 1, "status": "reviewed"}),
]


@pytest.mark.parametrize(("path", "sent"), WRITES, ids=[path for path, _sent in WRITES])
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("rui", 2),
        ("marta", 2),
        ("admin", 403),
        ("ana", 403),
        ("carer", 403),
        ("far_therapist", 404),
    ],
)
def test_the_clinic_s_therapists_write_and_nobody_else(
    caller: Caller, world: World, path: str, sent: Any, who: str, status: int
) -> None:
    exercise = own_exercise(world.clinic)
    program = own_program(world.clinic, exercise, "pool", name="In the pool")
    target = program.pk if path.startswith("programs") else exercise.pk

    response = caller.as_(getattr(world, who)).post(path.format(target), sent)

    if status == 2:
        assert response.status_code in {200, 201}, response.content
    else:
        assert response.status_code == status
        assert own_versions(world) == 1
        with clinic_context(world.clinic.pk):
            assert Program.objects.get(pk=program.pk).retired_at is None


SHARED = [write for write in WRITES[:-1] if "copy" not in write[0]]


@pytest.mark.parametrize(("path", "sent"), SHARED, ids=[path for path, _sent in SHARED])
def test_what_ships_is_copied_not_changed(
    caller: Caller, world: World, path: str, sent: Any
) -> None:
    response = caller.as_(world.rui).post(path.format(SIX), sent)

    assert told(response) == (403, "shared_entry", [])
    assert caller.as_(world.rui).get(f"programs/{SIX}").json()["version"] == 1


def test_an_administrator_makes_none(caller: Caller, world: World) -> None:
    assert caller.as_(world.admin).post("programs", body(key=KEY)).status_code == 403
    assert own_versions(world) == 0


def test_every_write_is_kept_once(caller: Caller, world: World) -> None:
    rui = caller.as_(world.rui)
    path = f"programs/{made(caller, world.rui)['id']}"
    for _time in range(2):
        rui.post(f"{path}/versions", body(weeks=8, replaces=1))
        rui.post(f"{path}/review", {"version": 2, "status": "reviewed"})
        rui.post(f"{path}/copy", {"key": KEY})
    rui.post(f"{path}/retire")
    rui.post(f"{path}/restore")

    with clinic_context(world.clinic.pk):
        kept = AuditEvent.objects.filter(action__startswith="program_").order_by("at", "pk")
        told_of = [(one.action, one.actor_id, one.target) for one in kept]
    assert told_of == [
        (f"program_{done}", world.rui.user_id, "programs.Program")
        for done in ("created", "version_published", "reviewed", "copied", "retired", "restored")
    ]


@pytest.mark.parametrize(
    ("example", "shape"),
    [
        (own_examples.NEW_PROGRAM, NewProgram),
        (own_examples.NEXT_PROGRAM, NextProgram),
        (own_examples.REVIEW, ReviewOrder),
        (own_examples.REVIEWED, ExerciseOut),
        (own_examples.OWN_PROGRAM, ProgramOut),
        (own_examples.COPIED_PROGRAM, ProgramOut),
        (own_examples.REVIEWED_PROGRAM, ProgramOut),
    ],
)
def test_examples_have_the_shape_of_what_they_show(example: dict[str, Any], shape: Any) -> None:
    assert msgspec.convert(example, shape, strict=False) is not None
