from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from core.tenancy import clinic_context
from patients.models import Line
from sessions.models import ExerciseResult
from tests.api.caller import Caller
from tests.factories import people
from tests.factories import prescriptions as rx

MON, TUE, THU = dt.date(2026, 11, 23), dt.date(2026, 11, 24), dt.date(2026, 11, 26)
MONDAY_NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
REPS = {"measure": "repetitions", "sets": 2, "repetitions": 5}
BRIDGE = "bridging"


@pytest.fixture(autouse=True)
def _monday_noon() -> Iterator[None]:
    with time_machine.travel(MONDAY_NOON, tick=False):
        yield


@pytest.fixture
def twist(world: people.World) -> Line:
    """Ana's knee twist: 3 sets of 5, both legs, every day from Monday."""
    return rx.prescribe(
        world.ana, "knee_twist", measure="repetitions", sets=3, repetitions=5, from_=MON
    )


def edges(line: Line) -> list[tuple[dt.date, dt.date | None, int]]:
    return [(row.in_force_from, row.in_force_until, row.sets) for row in rx.rows_of(line)]


def log(caller: Caller, world: people.World, line: Line, *repetitions: int) -> Any:
    sent = {
        "id": str(uuid4()),
        "performed_at": "2026-11-23T09:30:00+00:00",
        "results": [
            {
                "line": str(line.pk),
                "side": "both",
                "sets": [{"repetitions": each} for each in repetitions],
            }
        ],
    }
    answer = caller.as_(world.ana).post("me/sessions", sent)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def new_line(slug: str = BRIDGE, **more: Any) -> dict[str, Any]:
    exercise = rx.exercise_of(slug)
    return {
        "exercise": str(exercise.pk),
        "dose": {"measure": "hold", "sets": 1, "repetitions": 5, "hold_seconds": 3},
        "side": "both",
        "schedule": {"kind": "times_per_week", "times_per_week": 5},
        **more,
    }


def test_a_line_is_revised_from_tomorrow(caller: Caller, world: people.World, twist: Line) -> None:
    answer = caller.as_(world.rui).post(f"lines/{twist.pk}/revise", {"dose": REPS})

    assert answer.status_code == 200
    assert answer.json()["assignment"] == str(twist.assignment_id)
    assert [
        (row["from"], row["until"], row["is_in_force"], row["dose"]["sets"], row["dose_words"])
        for row in answer.json()["rows"]
    ] == [
        ("2026-11-23", "2026-11-24", True, 3, "3 sets of 5"),
        ("2026-11-24", None, False, 2, "2 sets of 5"),
    ]
    assert edges(twist) == [(MON, TUE, 3), (TUE, None, 2)]


def test_a_result_today_makes_today_a_question(
    caller: Caller, world: people.World, twist: Line
) -> None:
    rui, path = caller.as_(world.rui), f"lines/{twist.pk}/revise"
    given = log(caller, world, twist, 5, 5)
    today = {"from": "2026-11-23", "dose": REPS}

    refused = rui.post(path, today)
    unchanged = edges(twist)
    confirmed = rui.post(path, today | {"confirm": ["results_today"]})

    assert (refused.status_code, refused.json()["code"]) == (409, "results_today")
    assert refused.json()["confirm"] == ["results_today"]
    assert unchanged == [(MON, None, 3)]
    assert confirmed.status_code == 200
    assert edges(twist) == [(MON, None, 2)]
    with clinic_context(world.clinic.pk):
        result = ExerciseResult.objects.get()
    assert str(result.prescribed_exercise_id) == confirmed.json()["rows"][0]["id"]
    assert (given["feedback"]["results"][0]["verdict"], result.verdict) == ("part", "part")


@pytest.mark.parametrize(
    ("body", "status", "field", "code"),
    [
        ({"from": "2026-11-22", "dose": REPS}, 400, "from", "from_in_past"),
        ({"from": "tomorrow", "dose": REPS}, 400, "from", "not_a_date"),
        ({"starts_on": "2026-11-25", "dose": REPS}, 400, "starts_on", "unknown_field"),
        ({"dose": {"measure": "steps", "sets": 1, "steps": 9}}, 400, "dose.measure",
         "measure_fixed"),
        ({"dose": REPS | {"repetitions": 0}}, 400, "dose.repetitions", "out_of_range"),
        ({"dose": REPS | {"repetitions_max": 5}}, 400, "dose.repetitions_max", "does_not_rise"),
        ({"side": "left"}, 400, "side", "side_does_not_suit"),
        ({"exercise": str(uuid4())}, 400, "exercise", "unknown_field"),
        ({}, 400, "dose", "nothing_changes"),
        ({"dose": REPS | {"sets": 20}}, 409, "dose.sets", "outside_usual_range"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(
    caller: Caller,
    world: people.World,
    twist: Line,
    body: dict[str, Any],
    status: int,
    field: str,
    code: str,
) -> None:
    refused = caller.as_(world.rui).post(f"lines/{twist.pk}/revise", body)

    assert refused.status_code == status
    assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [(field, code)]
    assert edges(twist) == [(MON, None, 3)]


def test_a_line_is_ended(caller: Caller, world: people.World, twist: Line) -> None:
    rui, path = caller.as_(world.rui), f"lines/{twist.pk}/end"

    planned = rui.post(path, {"on": "2026-11-25"})
    again = rui.post(path, {"on": "2026-11-25"})
    later = rui.post(path, {"on": "2026-11-30"})

    assert [planned.status_code, again.status_code, later.status_code] == [200, 200, 409]
    assert planned.json()["rows"][0]["until"] == "2026-11-26"
    assert again.json() == planned.json()
    assert later.json()["code"] == "line_already_ended"
    assert edges(twist) == [(MON, THU, 3)]


def test_a_line_is_added_once_its_contra_indications_are_ruled_out(
    caller: Caller, world: people.World, twist: Line
) -> None:
    rui, path = caller.as_(world.rui), f"assignments/{twist.assignment_id}/lines"
    body = new_line(**{"from": "2026-11-24", "note": "Slowly."})

    refused = rui.post(path, body)
    added = rui.post(path, body | {"confirm": ["contraindications"]})

    assert (refused.status_code, refused.json()["code"]) == (409, "contraindications")
    assert added.status_code == 201
    shown = added.json()
    assert (shown["position"], shown["note"], shown["exercise"]["name"]) == (2, "Slowly.", "Bridge")
    assert shown["rows"][0]["from"] == "2026-11-24"
    assert shown["rows"][0]["schedule_words"] == "5 days a week"


def test_note_place_and_order_change_in_place(
    caller: Caller, world: people.World, twist: Line
) -> None:
    rui = caller.as_(world.rui)
    added = rui.post(
        f"assignments/{twist.assignment_id}/lines", new_line(confirm=["contraindications"])
    ).json()

    noted = rui.patch(f"lines/{added['id']}", {"note": "Slowly.", "position": 1})
    ordered = rui.post(
        f"assignments/{twist.assignment_id}/order", {"lines": [str(twist.pk), added["id"]]}
    )
    wrong = rui.post(f"assignments/{twist.assignment_id}/order", {"lines": [str(twist.pk)]})
    beyond = rui.patch(f"lines/{added['id']}", {"position": 3})

    assert (noted.json()["note"], noted.json()["position"]) == ("Slowly.", 1)
    assert [line["id"] for line in ordered.json()["lines"]] == [str(twist.pk), added["id"]]
    assert [one["code"] for one in wrong.json()["errors"]] == ["lines_differ"]
    assert [one["code"] for one in beyond.json()["errors"]] == ["out_of_range"]
    assert rui.get(f"lines/{added['id']}").json()["note"] == "Slowly."
    assert edges(twist) == [(MON, None, 3)]


def test_a_line_in_force_is_not_deleted_and_one_of_a_draft_is(
    caller: Caller, world: people.World, twist: Line
) -> None:
    draft = rx.draft(world.ana, rx.order(BRIDGE))
    with clinic_context(world.clinic.pk):
        drafted = draft.lines.get()

    kept = caller.as_(world.rui).delete(f"lines/{twist.pk}")
    gone = caller.as_(world.rui).delete(f"lines/{drafted.pk}")

    assert (kept.status_code, kept.json()["code"]) == (409, "assignment_not_draft")
    assert gone.status_code == 204
    with clinic_context(world.clinic.pk):
        assert list(Line.objects.values_list("pk", flat=True)) == [twist.pk]


CALLS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("get", "lines/{line}", None),
    ("patch", "lines/{line}", {"note": "Mine."}),
    ("delete", "lines/{line}", None),
    ("post", "lines/{line}/revise", {"dose": REPS}),
    ("post", "lines/{line}/end", {}),
    ("post", "assignments/{assignment}/order", {"lines": ["019aa9f4-31c5-7c1e-8b4e-2a9d0c6f1e01"]}),
]
WHO = [
    ("nobody", 401),
    ("ana", 403),
    ("carer", 403),
    ("admin", 403),
    ("marta", 404),
    ("far_therapist", 404),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]} {call[1]}")
@pytest.mark.parametrize(("who", "status"), WHO)
def test_who_may_not(
    caller: Caller,
    world: people.World,
    twist: Line,
    call: tuple[str, str, Any],
    who: str,
    status: int,
) -> None:
    method, path, body = call
    client = caller if who == "nobody" else caller.as_(getattr(world, who))
    ids = {"line": twist.pk, "assignment": twist.assignment_id}

    refused = client.call(method, path.format(**ids), body)

    assert refused.status_code == status
    assert edges(twist) == [(MON, None, 3)]
    with clinic_context(world.clinic.pk):
        assert Line.objects.get().note == ""


@pytest.mark.parametrize(("who", "status"), WHO)
def test_who_may_not_add(
    caller: Caller, world: people.World, twist: Line, who: str, status: int
) -> None:
    client = caller if who == "nobody" else caller.as_(getattr(world, who))

    refused = client.post(f"assignments/{twist.assignment_id}/lines", new_line())

    assert refused.status_code == status
    with clinic_context(world.clinic.pk):
        assert Line.objects.count() == 1


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]} {call[1]}")
def test_what_is_elsewhere_answers_as_what_is_nowhere(
    caller: Caller, world: people.World, twist: Line, call: tuple[str, str, Any]
) -> None:
    method, path, body = call
    there = {"line": twist.pk, "assignment": twist.assignment_id}
    nowhere = {"line": uuid4(), "assignment": uuid4()}
    ingrid = caller.as_(world.far_therapist)

    foreign, unknown = (
        ingrid.call(method, path.format(**ids), body).json() for ids in (there, nowhere)
    )

    assert foreign.pop("request_id")
    assert unknown.pop("request_id")
    assert foreign == unknown
    assert foreign["status"] == 404
