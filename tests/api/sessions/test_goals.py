from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
import yaml

from core.tenancy import clinic_context
from patients.models import Goal, Line
from tests.api.caller import Caller
from tests.api.patients.stored import change_seq, events
from tests.architecture.project import ROOT
from tests.factories import measured, people, prescribed
from tests.factories.people import World
from tests.factories.prescriptions import exercise_of

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def walk(world: World) -> Line:
    return prescribed.line(world.ana, "walking_stick", measure="distance", distance_m=100)


def aim(amount: str = "best_set") -> dict[str, Any]:
    exercise = str(exercise_of("walking_stick").pk)
    return {"kind": "exercise", "exercise": exercise, "measure": "distance", "amount": amount}


def new(amount: str = "best_set", **fields: Any) -> dict[str, Any]:
    return {
        "aim": aim(amount),
        "baseline": 150,
        "target": 300,
        "due_on": "2027-01-29",
        "text": "Walk to the bakery and back.",
    } | fields


def of_ana(world: World) -> str:
    return f"patients/{world.ana.pk}/goals"


def walked(line: Line, *metres: int, at: str = "2026-11-23T09:30:00+00:00") -> dict[str, Any]:
    sets = [{"distance_m": each} for each in metres]
    return {
        "id": str(uuid.uuid4()),
        "performed_at": at,
        "results": [{"line": str(line.pk), "side": "both", "sets": sets}],
    }


def stored(world: World) -> list[dict[str, Any]]:
    with clinic_context(world.clinic.pk):
        return list(Goal.objects.order_by("set_at", "pk").values())


def test_the_examples_of_the_description_work_as_they_are(caller: Caller, world: World) -> None:
    paths = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())["paths"]
    rui, path = caller.as_(world.rui), "/api/v1/patients/{patient_id}/goals"

    def example(path: str, method: str) -> dict[str, Any]:
        return paths[path][method]["requestBody"]["content"]["application/json"]["example"]

    made = rui.post(of_ana(world), example(path, "post"))
    goal = f"{of_ana(world)}/{made.json()['id']}"
    changed = rui.patch(goal, example(f"{path}/{{goal_id}}", "patch"))
    ended = rui.post(f"{goal}/end", example(f"{path}/{{goal_id}}/end", "post"))

    assert [one.status_code for one in (made, changed, ended)] == [201, 200, 200]
    assert made.json()["name"] == "Walking with a stick"
    assert (changed.json()["target"], ended.json()["status"]) == (250.0, "ended")


def test_a_goal_is_set_moved_by_an_upload_and_seen_by_both(
    caller: Caller, world: World, walk: Line
) -> None:
    rui, ana = caller.as_(world.rui), caller.as_(world.ana)
    made = rui.post(of_ana(world), new())
    assert made.status_code == 201
    goal = made.json()
    assert (goal["now"], goal["progress"], goal["words"]) == (150.0, 0.0, "150 of 300 m")

    told = ana.post("me/sessions", walked(walk, 220, 80)).json()["feedback"]["goals"]

    assert told == [
        {
            "id": goal["id"],
            "text": "Walk to the bakery and back.",
            "amount": "best_set",
            "unit": "m",
            "baseline": 150.0,
            "target": 300.0,
            "before": 0,
            "after": 220,
            "reached": False,
            "words": "220 of 300 m",
            "when": "in one go",
        }
    ]
    assert ana.get("me/goals").json() == {
        "results": [
            {
                "id": goal["id"],
                "text": "Walk to the bakery and back.",
                "words": "220 of 300 m",
                "when": "in one go",
                "this_period": "",
                "unit": "m",
                "baseline": 150.0,
                "target": 300.0,
                "now": 220.0,
                "reached_on": None,
                "due_on": "2027-01-29",
            }
        ],
        "next": None,
    }
    assert rui.get(of_ana(world)).json() == {
        "results": [
            goal | {"now": 220.0, "progress": pytest.approx(70 / 150), "words": "220 of 300 m"}
        ],
        "next": None,
    }


def test_a_goal_as_the_care_team_sees_it(caller: Caller, world: World) -> None:
    goal = caller.as_(world.rui).post(of_ana(world), new("week_total")).json()

    assert goal == {
        "id": goal["id"],
        "aim": aim("week_total") | {"variant": None, "aid": None, "side": None},
        "name": "Walking with a stick",
        "unit": "m",
        "baseline": 150.0,
        "target": 300.0,
        "now": 150.0,
        "this_period": 0.0,
        "progress": 0.0,
        "reached_on": None,
        "starts_on": "2026-11-23",
        "due_on": "2027-01-29",
        "text": "Walk to the bakery and back.",
        "words": "150 of 300 m",
        "status": "active",
        "set_by": "Rui Costa",
        "set_at": "2026-11-23T18:02:00Z",
        "ended_on": None,
        "ended_reason": "",
    }
    assert change_seq(world.ana) == 1
    assert len(events(world, "goal_set")) == 1


def test_a_week_s_goal_says_where_the_week_stands(caller: Caller, world: World, walk: Line) -> None:
    caller.as_(world.rui).post(of_ana(world), new("week_total"))
    ana = caller.as_(world.ana)
    ana.post("me/sessions", walked(walk, 120))
    ana.post("me/sessions", walked(walk, 190, at="2026-11-23T17:00:00+00:00"))

    (shown,) = ana.get("me/goals").json()["results"]

    assert (shown["words"], shown["when"], shown["this_period"]) == (
        "You met your goal: 310 m",
        "in a week",
        "This week: 310 m",
    )
    assert shown["reached_on"] == "2026-11-23"


def test_a_score_moves_a_goal_of_its_measure(caller: Caller, world: World) -> None:
    rui = caller.as_(world.rui)
    way = {"variant": "comfortable", "aid": "stick"}
    measured.assessment(world.ana, score="0.5", on=dt.date(2026, 11, 2))
    body = new(aim={"kind": "measure", "measure": "gait_speed", **way}, target=0.8)
    made = rui.post(of_ana(world), {k: v for k, v in body.items() if k != "baseline"})
    assert (made.status_code, made.json()["baseline"]) == (201, 0.5)

    rui.post(
        f"patients/{world.ana.pk}/assessments",
        {"measure": "gait_speed", "assessed_on": "2026-11-23", "score": 0.65, **way},
    )

    (shown,) = rui.get(of_ana(world)).json()["results"]
    assert (shown["now"], shown["progress"], shown["reached_on"]) == (0.65, 0.5, None)
    assert (shown["name"], shown["unit"]) == ("10-metre walk", "m/s")
    (mine,) = caller.as_(world.ana).get("me/goals").json()["results"]
    assert mine["words"] == "0.65 m/s now, the goal is 0.8 m/s"


def test_a_changed_and_an_ended_goal(caller: Caller, world: World) -> None:
    rui = caller.as_(world.rui)
    goal = rui.post(of_ana(world), new()).json()["id"]

    changed = rui.patch(f"{of_ana(world)}/{goal}", {"target": 250})
    ended = rui.post(f"{of_ana(world)}/{goal}/end", {"reason": "Reached."})

    assert (changed.status_code, changed.json()["words"]) == (200, "150 of 250 m")
    assert (ended.status_code, ended.json()["status"]) == (200, "ended")
    assert (ended.json()["ended_on"], ended.json()["ended_reason"]) == ("2026-11-23", "Reached.")
    assert caller.as_(world.ana).get("me/goals").json()["results"] == []
    assert rui.get(of_ana(world), {"status": "active"}).json()["results"] == []
    assert [one["id"] for one in rui.get(of_ana(world), {"status": "ended"}).json()["results"]] == [
        goal
    ]
    again = rui.patch(f"{of_ana(world)}/{goal}", {"target": 260})
    assert (again.status_code, again.json()["code"]) == (409, "goal_ended")


def test_goals_come_in_pages_the_latest_first(caller: Caller, world: World) -> None:
    for number, amount in enumerate(("best_set", "day_total", "week_total")):
        measured.goal(
            world.ana, "heel_raise", amount, set_at=people.LONG_AGO + dt.timedelta(days=number)
        )
    ana = caller.as_(world.ana)

    first = ana.get("me/goals", {"limit": 2}).json()
    second = ana.get("me/goals", {"limit": 2, "cursor": first["next"]}).json()

    whens = [one["when"] for page in (first, second) for one in page["results"]]
    assert whens == ["in a week", "in a day", "in one go"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"target": 150}, "target", "target_is_baseline"),
        ({"target": 100}, "target", "wrong_direction"),
        ({"target": -1}, "target", "out_of_range"),
        ({"due_on": "2026-11-22"}, "due_on", "in_the_past"),
        ({"text": ""}, "text", "too_short"),
        ({"now": 200}, "now", "unknown_field"),
    ],
)
def test_a_refusal_names_the_field_and_stores_nothing(
    caller: Caller, world: World, fields: dict[str, Any], field: str, code: str
) -> None:
    response = caller.as_(world.rui).post(of_ana(world), new(**fields))

    assert response.status_code == 400
    assert [(one["field"], one["code"]) for one in response.json()["errors"]] == [(field, code)]
    assert (stored(world), change_seq(world.ana)) == ([], 0)


END = {"reason": "Enough."}
PERMISSIONS = [
    # who, method, path, body, status
    (None, "get", "patients/{ana}/goals", None, 401),
    (None, "get", "me/goals", None, 401),
    ("ana", "get", "me/goals", None, 200),
    ("carer", "get", "me/goals", None, 200),
    ("rui", "get", "me/goals", None, 404),
    ("rui", "get", "patients/{ana}/goals", None, 200),
    ("ana", "get", "patients/{ana}/goals", None, 403),
    ("ana", "patch", "patients/{ana}/goals/{goal}", {"target": 1}, 403),
    ("carer", "post", "patients/{ana}/goals/{goal}/end", END, 403),
    ("admin", "get", "patients/{ana}/goals", None, 403),
    ("admin", "patch", "patients/{ana}/goals/{goal}", {"target": 30}, 403),
    ("admin", "post", "patients/{ana}/goals/{goal}/end", END, 403),
    ("marta", "get", "patients/{ana}/goals", None, 404),
    ("marta", "patch", "patients/{ana}/goals/{goal}", {"target": 30}, 404),
    ("marta", "post", "patients/{ana}/goals/{goal}/end", END, 404),
    ("far_therapist", "get", "patients/{ana}/goals", None, 404),
    ("far_therapist", "patch", "patients/{far_patient}/goals/{goal}", {"target": 30}, 404),
    ("far_therapist", "post", "patients/{far_patient}/goals/{goal}/end", END, 404),
    ("rui", "patch", "patients/{ana}/goals/{unknown}", {"target": 30}, 404),
    ("rui", "post", "patients/{ana}/goals/{unknown}/end", END, 404),
    ("rui", "get", "patients/{far_patient}/goals", None, 404),
]


@pytest.mark.parametrize(("who", "method", "path", "body", "status"), PERMISSIONS)
def test_who_may_do_what_with_goals(
    caller: Caller, world: World, who: str | None, method: str, path: str, body: Any, status: int
) -> None:
    goal = measured.goal(world.ana)
    before = stored(world), change_seq(world.ana)
    me = caller.as_(getattr(world, who)) if who else caller
    address = path.format(
        ana=world.ana.pk, far_patient=world.far_patient.pk, goal=goal.pk, unknown=uuid.uuid4()
    )

    response = me.call(method, address, body)

    assert response.status_code == status
    assert (stored(world), change_seq(world.ana)) == before


@pytest.mark.parametrize(
    ("who", "status"),
    [(None, 401), ("ana", 403), ("carer", 403), ("admin", 403), ("marta", 404), ("far_therapist", 404)],
)  # fmt: skip
def test_who_may_not_set_a_goal(caller: Caller, world: World, who: str | None, status: int) -> None:
    me = caller.as_(getattr(world, who)) if who else caller

    assert me.post(of_ana(world), new()).status_code == status
    assert (stored(world), change_seq(world.ana)) == ([], 0)


def test_another_patient_s_goal_is_unknown_here(caller: Caller, world: World) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui])
    goal = measured.goal(world.ana)

    response = caller.as_(world.rui).patch(f"patients/{bruno.pk}/goals/{goal.pk}", {"target": 30})

    assert response.status_code == 404
    assert [row["target"] for row in stored(world)] == [20]
