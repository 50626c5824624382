"""From a new version of an exercise to the patient's plan: the line moves when a therapist says so."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from core.tenancy import clinic_context
from patients.models import Line
from programs.models import Exercise
from tests.api.caller import Caller
from tests.factories import people, programs
from tests.factories import prescriptions as rx

MONDAY = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
NEW_CHECK = {
    "id": "knees-soft", "ask": "Were your knees soft?", "right": "yes",
    "fix": "Bend your knees a little.",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _monday(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def pool(world: people.World) -> Exercise:
    return programs.own_exercise(world.clinic)


@pytest.fixture
def line(world: people.World, pool: Exercise) -> Line:
    order = msgspec.structs.replace(
        rx.order("heel_raise", schedule=rx.times_per_week(5)), exercise=pool.pk
    )
    assignment = rx.assign(world.ana, order)
    with clinic_context(world.clinic.pk):
        return assignment.lines.get()


def next_version(rui: Caller, pool: Exercise) -> None:
    body = programs.exercise_body(name="Pool walking, deeper")
    body["checks"] = [*body["checks"], NEW_CHECK]
    made = rui.post(f"exercises/{pool.pk}/versions", body | {"replaces": 1})
    assert made.status_code == 200, made.content
    review = {"version": 2, "status": "reviewed"}
    assert rui.post(f"exercises/{pool.pk}/review", review).status_code == 200


def planned(ana: Caller) -> dict[str, Any]:
    [shown] = ana.get("me/plan").json()["lines"]
    return shown


def test_a_line_moves_and_the_phone_gets_the_new_exercise_from_that_day_on(
    caller: Caller, world: people.World, pool: Exercise, line: Line, time_machine: Any
) -> None:
    rui, ana = caller.as_(world.rui), caller.as_(world.ana)
    next_version(rui, pool)
    shown = rui.get(f"lines/{line.pk}").json()["exercise"]
    assert (shown["name"], shown["version"], shown["newest_version"]) == ("Pool walking", 1, 2)
    assert shown["review_status"] == "draft"

    asked = rui.post(f"lines/{line.pk}/revise", {"newest_version": True})
    assert (asked.status_code, asked.json()["confirm"]) == (409, ["contraindications"])
    body = {"newest_version": True, "confirm": ["contraindications"]}
    moved = rui.post(f"lines/{line.pk}/revise", body)

    assert moved.status_code == 200, moved.content
    exercise = moved.json()["exercise"]
    assert (exercise["name"], exercise["version"], exercise["newest_version"]) == (
        "Pool walking, deeper", 2, 2,
    )  # fmt: skip
    assert exercise["review_status"] == "reviewed"
    assert [(one["from"], one["until"]) for one in moved.json()["rows"]] == [
        ("2026-11-23", "2026-11-24"), ("2026-11-24", None),
    ]  # fmt: skip
    assert planned(ana)["exercise"]["name"] == "Pool walking"
    time_machine.move_to(MONDAY + dt.timedelta(days=1), tick=False)
    assert planned(ana)["exercise"]["name"] == "Pool walking, deeper"


def test_what_was_logged_stays_and_the_new_version_s_checks_are_taken(
    caller: Caller, world: people.World, pool: Exercise, line: Line, time_machine: Any
) -> None:
    rui, ana = caller.as_(world.rui), caller.as_(world.ana)
    assert logged(ana, line, 23, {"heels-lift": "yes"}).status_code == 201
    next_version(rui, pool)
    body = {"newest_version": True, "confirm": ["contraindications"]}
    assert rui.post(f"lines/{line.pk}/revise", body).status_code == 200
    time_machine.move_to(MONDAY + dt.timedelta(days=1), tick=False)

    answered = logged(ana, line, 24, {"knees-soft": "no"})

    assert answered.status_code == 201, answered.content
    [result] = answered.json()["feedback"]["results"]
    assert result["verdict"] == "not_yet"
    sessions = ana.get("me/sessions").json()["results"]
    assert [one["performed_on"] for one in sessions] == ["2026-11-24", "2026-11-23"]


def logged(ana: Caller, line: Line, day: int, checks: dict[str, str]) -> Any:
    session = {
        "id": str(uuid4()),
        "performed_at": f"2026-11-{day}T09:30:00+00:00",
        "results": [
            {
                "line": str(line.pk), "side": "both", "checks": checks,
                "sets": [{"repetitions": 10}] * 3,
            }
        ],
    }  # fmt: skip
    return ana.post("me/sessions", session)


def test_a_review_of_the_prescribed_version_is_shown_with_its_line(
    caller: Caller, world: people.World, pool: Exercise, line: Line
) -> None:
    rui = caller.as_(world.rui)

    def status() -> set[str]:
        one = rui.get(f"lines/{line.pk}").json()["exercise"]
        whole = rui.get(f"assignments/{line.assignment_id}").json()["lines"][0]["exercise"]
        return {one["review_status"], whole["review_status"]}

    assert status() == {"draft"}
    for said in ("reviewed", "draft", "reviewed"):
        rui.post(f"exercises/{pool.pk}/review", {"version": 1, "status": said})
        assert status() == {said}


def test_of_a_line_that_has_no_row_left_the_offered_version_s_review_is_shown(
    caller: Caller, world: people.World, pool: Exercise, line: Line
) -> None:
    rui = caller.as_(world.rui)
    ended = rui.post(f"lines/{line.pk}/end", {"on": "2026-11-22"})
    assert (ended.status_code, ended.json()["rows"]) == (200, [])
    next_version(rui, pool)

    one = rui.get(f"lines/{line.pk}").json()["exercise"]
    whole = rui.get(f"assignments/{line.assignment_id}").json()["lines"][0]["exercise"]

    assert one == whole
    assert (one["version"], one["review_status"]) == (2, "reviewed")


def test_the_wish_is_a_flag_and_nothing_else(
    caller: Caller, world: people.World, pool: Exercise, line: Line
) -> None:
    rui = caller.as_(world.rui)
    for value in ("yes", 2, None):
        refused = rui.post(f"lines/{line.pk}/revise", {"newest_version": value})
        assert refused.status_code == 400
        assert [one["field"] for one in refused.json()["errors"]] == ["newest_version"]
    unchanged = rui.post(f"lines/{line.pk}/revise", {"newest_version": False})
    assert [one["field"] for one in unchanged.json()["errors"]] == ["dose"]
    far = caller.as_(world.far_therapist).post(f"lines/{line.pk}/revise", {"newest_version": True})
    assert far.status_code == 404
    assert len(rui.get(f"lines/{line.pk}").json()["rows"]) == 1
