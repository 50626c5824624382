"""The catalogue over HTTP: what staff find, and what nobody else does."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import msgspec
import pytest

from core.pagination import Listing
from core.tenancy import clinic_context
from programs import examples
from programs.bodies import (
    ExerciseOut,
    ExerciseSummary,
    OutcomeMeasureList,
    ProgramOut,
    ProgramSummary,
)
from programs.models import Exercise
from tests.api.caller import Caller
from tests.api.programs.catalogue_read import DRAFT, SIX, WALL_STRETCH, names
from tests.factories.people import World
from tests.factories.programs import PUBLISHED_AT, own_exercise, own_program

Budget = Callable[[str], AbstractContextManager[None]]


# ---- exercises ----------------------------------------------------------------------------------


def test_a_therapist_reads_all_exercises_by_name(caller: Caller, world: World) -> None:
    shown = names(caller.as_(world.rui).get("exercises", {"limit": 100}))

    assert len(shown) == 25
    assert shown == sorted(shown)
    assert shown[:3] == ["Ankle pumps", "Bent-knee calf stretch", "Bridge"]


def test_pages_follow_each_other_without_gap_or_double(caller: Caller, world: World) -> None:
    rui = caller.as_(world.rui)
    first = rui.get("exercises", {"limit": 20}).json()

    second = rui.get("exercises", {"limit": 20, "cursor": first["next"]}).json()

    shown = [one["name"] for one in first["results"] + second["results"]]
    assert (len(shown), len(set(shown)), second["next"]) == (25, 25, None)


def test_an_exercise_in_a_list_is_short_and_says_it_is_a_draft(
    caller: Caller, world: World
) -> None:
    shown = caller.as_(world.rui).get("exercises", {"search": "wall stretch"}).json()

    assert shown == {
        "results": [
            {
                "id": WALL_STRETCH,
                "version": 1,
                "name": "Wall stretch",
                "category": "stretching",
                "level": 3,
                "position": "standing",
                "helper": "near",
                "laterality": "one",
                "measures": ["hold"],
                "purpose": "Keeps the back of your lower leg long, so your heel can reach the "
                "floor when you walk.",
                "picture": {"name": "wall_stretch", "faults": 2},
                "core_six": True,
                "is_own": False,
                "is_retired": False,
                "review": DRAFT,
            }
        ],
        "next": None,
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": "KNEE hug"}, ["Knee hug"]),
        ({"search": "hug  knee"}, ["Knee hug"]),
        ({"search": "socks"}, ["Knee hug"]),
        ({"search": "clämshéll"}, ["Clamshell"]),
        ({"search": "unicycle"}, []),
        ({"search": "%"}, []),
        ({"search": "_"}, []),
        ({"category": "gait"}, ["Side steps", "Walking with a frame", "Walking with a stick"]),
        ({"category": "gait", "level": "4"}, ["Walking with a stick"]),
        ({"position": "machine"}, ["Leg press"]),
        ({"position": "lying_side", "search": "leg"}, ["Side-lying leg lift"]),
    ],
)
def test_exercises_are_found_by_words_category_level_and_position(
    caller: Caller, world: World, query: dict[str, str], found: list[str]
) -> None:
    assert names(caller.as_(world.rui).get("exercises", query)) == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"category": "dancing"}, "category"),
        ({"level": "5"}, "level"),
        ({"level": "three"}, "level"),
        ({"position": "flying"}, "position"),
        ({"limit": "101"}, "limit"),
        ({"limit": "0"}, "limit"),
        ({"search": "a" * 81}, "search"),
        ({"cursor": "made-up"}, "cursor"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_by_name(
    caller: Caller, world: World, query: dict[str, str], field: str
) -> None:
    response = caller.as_(world.rui).get("exercises", query)

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_a_cursor_belongs_to_its_caller_and_its_filters(caller: Caller, world: World) -> None:
    cursor = caller.as_(world.rui).get("exercises", {"limit": 1}).json()["next"]

    others = [
        caller.as_(world.marta).get("exercises", {"cursor": cursor}),
        caller.as_(world.rui).get("exercises", {"cursor": cursor, "category": "gait"}),
        caller.as_(world.rui).get("programs", {"cursor": cursor}),
    ]

    assert [(one.status_code, one.json()["code"]) for one in others] == [(400, "bad_cursor")] * 3


def test_all_of_an_exercise(caller: Caller, world: World) -> None:
    shown = caller.as_(world.rui).get(f"exercises/{WALL_STRETCH}").json()

    assert shown["review"] == DRAFT
    assert shown["steps"][0] == "Step your {side} leg back."
    assert shown["checks"][0] == {
        "id": "heel-down",
        "ask": "Did your back heel stay down?",
        "right": "yes",
        "fix": "Take a smaller step back.",
        "fault": 0,
        "safety": False,
        "optional": False,
    }
    assert shown["usual_dose"]["hold_seconds"] == {"low": 10, "high": 30, "start": 20}
    assert shown["precautions"][2] == {
        "text": "Clonus in the calf: lean in slowly; stop if it does not settle.",
        "for_patient": False,
    }
    assert shown["evidence"][0]["seen_words"] == "reported, not seen"
    assert shown["is_retired"] is False


def test_a_prescription_is_prefilled_in_the_shape_it_is_sent_in(
    caller: Caller, world: World
) -> None:
    shown = caller.as_(world.rui).get(f"exercises/{WALL_STRETCH}").json()

    assert shown["default"] == examples.LINE


def test_a_retired_exercise_is_read_but_no_longer_listed(caller: Caller, world: World) -> None:
    own = own_exercise(world.clinic)
    with clinic_context(world.clinic.pk):
        Exercise.objects.filter(pk=own.pk).update(retired_at=PUBLISHED_AT)

    listed = names(caller.as_(world.rui).get("exercises", {"search": "pool"}))
    read = caller.as_(world.rui).get(f"exercises/{own.pk}").json()

    assert (listed, read["is_retired"]) == ([], True)


def test_a_clinic_sees_its_own_exercises_and_no_other_clinics(caller: Caller, world: World) -> None:
    own = own_exercise(world.clinic)
    path = f"exercises/{own.pk}"

    here = caller.as_(world.rui).get("exercises", {"search": "pool walking"}).json()["results"]
    there = caller.as_(world.far_therapist)

    assert [(one["id"], one["is_own"]) for one in here] == [(str(own.pk), True)]
    assert names(there.get("exercises", {"search": "pool walking"})) == []
    assert there.get(path).status_code == 404
    assert there.get(path).json()["code"] == there.get(f"exercises/{uuid.uuid4()}").json()["code"]


def test_accents_in_a_name_do_not_hide_it(caller: Caller, world: World) -> None:
    own_exercise(world.clinic, slug="agua", name="Marcha na água")

    assert names(caller.as_(world.rui).get("exercises", {"search": "AGUA"})) == ["Marcha na água"]


# ---- who may, and at what cost ------------------------------------------------------------------

PATHS = [
    "exercises",
    f"exercises/{WALL_STRETCH}",
    "programs",
    f"programs/{SIX}",
    "outcome-measures",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("who", "status"), [("rui", 200), ("marta", 200), ("admin", 200), ("ana", 403), ("carer", 403)]
)
def test_staff_read_the_catalogue_and_others_do_not(
    caller: Caller, world: World, path: str, who: str, status: int
) -> None:
    assert caller.as_(getattr(world, who)).get(path).status_code == status


@pytest.mark.parametrize("path", PATHS)
def test_nobody_reads_it_without_signing_in(caller: Caller, world: World, path: str) -> None:
    assert caller.get(path).status_code == 401


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nobody_writes_through_it(caller: Caller, world: World, path: str, method: str) -> None:
    assert caller.as_(world.admin).call(method, path, {}).status_code in {403, 405}
    assert Exercise.objects.filter(clinic=None, retired_at=None).count() == 25


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("list exercises", "exercises"),
        ("read an exercise", f"exercises/{WALL_STRETCH}"),
        ("list programs", "programs"),
        ("read a program", f"programs/{SIX}"),
        ("list outcome measures", "outcome-measures"),
    ],
)
def test_statements_do_not_grow_with_rows(
    caller: Caller, world: World, query_budget: Budget, name: str, path: str
) -> None:
    rui = caller.as_(world.rui)
    with query_budget(name):
        rui.get(path)
    for number in range(5):
        own = own_exercise(world.clinic, slug=f"own_{number}", name=f"Our exercise {number}")
        own_program(world.clinic, own, f"own_{number}", name=f"Our program {number}")

    with query_budget(name):
        rui.get(path)


@pytest.mark.parametrize(
    ("example", "shape"),
    [
        (examples.EXERCISES, Listing[ExerciseSummary]),
        (examples.EXERCISE, ExerciseOut),
        (examples.PROGRAMS, Listing[ProgramSummary]),
        (examples.PROGRAM, ProgramOut),
        (examples.MEASURES, OutcomeMeasureList),
    ],
)
def test_examples_have_the_shape_of_their_answers(example: dict[str, Any], shape: Any) -> None:
    made = msgspec.convert(example, shape)

    assert msgspec.json.decode(msgspec.json.encode(made)) == example
