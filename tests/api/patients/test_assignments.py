from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Assignment, Line, PrescribedExercise
from tests.api.caller import Caller
from tests.factories import people
from tests.factories import prescriptions as rx

MONDAY_MORNING = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
MON, WED = dt.date(2026, 11, 23), dt.date(2026, 11, 25)
WALL_STRETCH = "bb2e07a6-ee4b-46b3-8e60-fe4e3cf90600"
SIX_LEG_EXERCISES = "74202746-7c2b-41cc-862a-e32c2509786d"
HOLD = {"measure": "hold", "sets": 2, "repetitions": 3, "hold_seconds": 20}
DAILY = {"kind": "weekdays", "weekdays": [1, 2, 3, 4, 5, 6, 7], "times_per_day": 1}
STRETCH = {"exercise": WALL_STRETCH, "dose": HOLD, "side": "affected", "schedule": DAILY}


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(MONDAY_MORNING, tick=False):
        yield


def counts(world: people.World) -> tuple[int, int, int]:
    with clinic_context(world.clinic.pk):
        return Assignment.objects.count(), Line.objects.count(), PrescribedExercise.objects.count()


def confirm_all(draft: dict[str, Any]) -> dict[str, Any]:
    asked = draft["screening"]["asked"]
    return {
        "screening": {
            "items": [item["id"] for item in asked["items"]],
            "exercises": [one["exercise"] for one in asked["exercises"]],
        }
    }


def test_a_program_is_drafted_screened_activated_and_ended(
    caller: Caller, world: people.World
) -> None:
    rui = caller.as_(world.rui)
    change = {"position": 1, "dose": HOLD, "side": "affected", "schedule": DAILY, "note": "Slowly."}

    drafted = rui.post(
        f"patients/{world.ana.pk}/assignments",
        {
            "program": SIX_LEG_EXERCISES,
            "changes": [change, {"position": 6, "leave_out": True}],
        },
    )
    draft = drafted.json()
    activated = rui.post(f"assignments/{draft['id']}/activate", confirm_all(draft))
    read = rui.get(f"assignments/{draft['id']}").json()
    ended = rui.post(f"assignments/{draft['id']}/end", {"on": "2026-11-25"})

    assert (drafted.status_code, activated.status_code, ended.status_code) == (201, 200, 200)
    assert (draft["title"], draft["status"], draft["starts_on"]) == (
        "Six leg exercises", "draft", "2026-11-23",
    )  # fmt: skip
    assert draft["program"] == {"id": SIX_LEG_EXERCISES, "name": "Six leg exercises", "version": 1}
    assert [line["exercise"]["name"] for line in draft["lines"]] == [
        "Wall stretch", "Lying leg crossover", "Lying knee twist", "Knee hug",
        "Walking with a stick",
    ]  # fmt: skip
    assert draft["screening"]["confirmed_at"] is None
    assert activated.json() == read
    assert (read["status"], read["therapist"]["name"]) == ("active", "Rui Costa")
    assert read["screening"]["confirmed_by"] == "Rui Costa"
    assert read["screening"]["confirmed_at"] == "2026-11-23T08:00:00Z"
    assert (ended.json()["status"], ended.json()["ends_on"]) == ("active", "2026-11-25")


def test_an_answer_says_the_dose_in_numbers_and_in_words(
    caller: Caller, world: people.World
) -> None:
    body = {"title": "Stretch", "items": [STRETCH | {"note": "Slowly."}], "starts_on": "2026-11-25"}

    line = (
        caller.as_(world.rui).post(f"patients/{world.ana.pk}/assignments", body).json()["lines"][0]
    )

    (row,) = line.pop("rows")
    exercise = line.pop("exercise")
    assert {key: line[key] for key in ("position", "measure", "note")} == {
        "position": 1, "measure": "hold", "note": "Slowly.",
    }  # fmt: skip
    assert (exercise["id"], exercise["version"]) == (WALL_STRETCH, 1)
    assert exercise["contraindications"][0] == "Calf swelling or suspected blood clot"
    assert len(exercise["precautions"]) == 3
    assert row.pop("id")
    assert row == {
        "from": "2026-11-25", "until": None, "is_in_force": False,
        "dose": HOLD | {"repetitions_max": None, "load_kg": None, "rest_seconds": None, "tempo": "",
                        "device": "", "effort_ceiling": None},
        "dose_words": "2 sets of 3, hold 20 seconds",
        "side": "left", "side_words": "Use your left leg.", "side_asked": "affected",
        "schedule": DAILY, "schedule_words": "every day", "is_outside_usual_range": False,
        "prescribed_by": "Rui Costa", "prescribed_at": "2026-11-23T08:00:00Z",
    }  # fmt: skip


def test_what_must_be_confirmed_is_asked_with_its_range(
    caller: Caller, world: people.World
) -> None:
    rui, path = caller.as_(world.rui), f"patients/{world.ana.pk}/assignments"
    body = {"title": "More", "items": [STRETCH | {"dose": HOLD | {"sets": 4}}]}

    refused = rui.post(path, body)
    confirmed = rui.post(path, body | {"confirm": ["outside_usual_range"]})

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "outside_usual_range")
    assert problem["confirm"] == ["outside_usual_range"]
    assert problem["usual_range"] == {"items.0.dose.sets": [1, 3]}
    assert problem["errors"] == [
        {"field": "items.0.dose.sets", "code": "outside_usual_range",
         "detail": "The usual range is 1 to 3."},
    ]  # fmt: skip
    assert confirmed.status_code == 201
    assert confirmed.json()["lines"][0]["rows"][0]["is_outside_usual_range"]
    assert counts(world) == (1, 1, 1)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"items": [STRETCH]}, "title", "missing"),
        ({"title": "", "items": [STRETCH]}, "title", "too_short"),
        ({"title": "x"}, "program", "program_or_items"),
        ({"title": "x", "items": [STRETCH | {"side": "both"}]}, "items.0.side",
         "side_does_not_suit"),
        ({"title": "x", "items": [STRETCH | {"side": "upper"}]}, "items.0.side", "not_a_choice"),
        ({"title": "x", "items": [STRETCH | {"colour": "red"}]}, "items.0.colour", "unknown_field"),
        ({"title": "x", "items": [STRETCH | {"dose": HOLD | {"sets": 0}}]}, "items.0.dose.sets",
         "out_of_range"),
        ({"title": "x", "items": [STRETCH | {"dose": {"measure": "steps", "sets": 1, "steps": 9}}]},
         "items.0.dose.measure", "measure_does_not_suit"),
        ({"title": "x", "items": [STRETCH | {"exercise": str(uuid4())}]}, "items.0.exercise",
         "unknown_exercise"),
        ({"title": "x", "items": [STRETCH] * 41}, "items", "too_many"),
        ({"title": "x", "items": [STRETCH], "starts_on": "23.11.2026"}, "starts_on", "not_a_date"),
        ({"title": "x", "items": [STRETCH], "confirm": ["everything"]}, "confirm.0", "not_a_choice"),
        ({"program": str(uuid4())}, "program", "unknown_program"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name_and_nothing_is_stored(
    caller: Caller, world: people.World, body: dict[str, Any], field: str, code: str
) -> None:
    refused = caller.as_(world.rui).post(f"patients/{world.ana.pk}/assignments", body)

    assert refused.status_code == 400
    assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [(field, code)]
    assert counts(world) == (0, 0, 0)


def test_a_screening_with_a_point_open_is_refused(caller: Caller, world: people.World) -> None:
    draft = rx.draft(world.ana)
    answers = {"screening": {"items": ["medically-stable"], "exercises": []}}

    refused = caller.as_(world.rui).post(f"assignments/{draft.pk}/activate", answers)

    assert (refused.status_code, refused.json()["code"]) == (400, "screening_incomplete")
    assert [one["code"] for one in refused.json()["errors"]] == ["not_confirmed"] * 6
    with clinic_context(world.clinic.pk):
        assert Assignment.objects.get().status == "draft"


def test_a_draft_is_changed_and_deleted(caller: Caller, world: people.World) -> None:
    rui, draft = caller.as_(world.rui), rx.draft(world.ana)

    changed = rui.patch(f"assignments/{draft.pk}", {"starts_on": "2026-11-25", "title": "Later"})
    deleted = rui.delete(f"assignments/{draft.pk}")

    assert (changed.status_code, deleted.status_code) == (200, 204)
    assert changed.json()["title"] == "Later"
    assert changed.json()["lines"][0]["rows"][0]["from"] == "2026-11-25"
    assert counts(world) == (0, 0, 0)


def test_what_is_in_force_is_neither_changed_nor_deleted(
    caller: Caller, world: people.World
) -> None:
    rui, assignment = caller.as_(world.rui), rx.assign(world.ana)

    answers = [
        rui.patch(f"assignments/{assignment.pk}", {"title": "Later"}),
        rui.delete(f"assignments/{assignment.pk}"),
        rui.post(f"assignments/{assignment.pk}/activate", {"screening": {"items": [], "exercises": []}}),
    ]  # fmt: skip

    assert {(one.status_code, one.json()["code"]) for one in answers} == {
        (409, "assignment_not_draft")
    }
    assert counts(world) == (1, 1, 1)


def test_the_list_is_newest_first_in_pages_and_by_status(
    caller: Caller, world: people.World
) -> None:
    rui, path = caller.as_(world.rui), f"patients/{world.ana.pk}/assignments"
    friday = rx.morning(world.ana, MON - dt.timedelta(days=3))
    over = rx.assign(world.ana, rx.order("bridging"), title="Over", now=friday,
                     from_=friday.date(), until=friday.date())  # fmt: skip
    rx.assign(world.ana, title="Running")
    rx.draft(world.ana, rx.order("knee_twist"), title="Coming")

    first = rui.get(path, {"limit": 2}).json()
    second = rui.get(path, {"limit": 2, "cursor": first["next"]}).json()

    assert [one["title"] for one in first["results"]] == ["Coming", "Running"]
    assert [one["title"] for one in second["results"]] == ["Over"]
    assert second["next"] is None
    for status, title in (("draft", "Coming"), ("active", "Running"), ("ended", "Over")):
        shown = rui.get(path, {"status": status}).json()["results"]
        assert [(one["title"], one["status"]) for one in shown] == [(title, status)]
    assert over.status == "active"


def test_reading_is_audited(caller: Caller, world: people.World) -> None:
    assignment = rx.assign(world.ana)

    caller.as_(world.rui).get(f"assignments/{assignment.pk}")
    caller.as_(world.rui).get(f"patients/{world.ana.pk}/assignments")

    with clinic_context(world.clinic.pk):
        events = AuditEvent.objects.filter(action__startswith="read_").order_by("id")
        assert [(one.action, one.patient_id) for one in events] == [
            ("read_assignment", world.ana.pk), ("read_assignments", world.ana.pk),
        ]  # fmt: skip


def test_reading_costs_the_same_for_one_line_and_for_many(
    caller: Caller,
    world: people.World,
    query_budget: Callable[[str], AbstractContextManager[None]],
) -> None:
    rui = caller.as_(world.rui)
    one = rx.assign(world.ana)
    many = rx.assign(
        world.ana, *[rx.order(slug) for slug in ("bridging", "knee_twist", "heel_raise", "step_up")]
    )
    for assignment in (one, many):
        with query_budget("GET assignments/{id}"):
            assert rui.get(f"assignments/{assignment.pk}").status_code == 200
    with query_budget("GET patients/{id}/assignments"):
        assert len(rui.get(f"patients/{world.ana.pk}/assignments").json()["results"]) == 2


CALLS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("get", "patients/{ana}/assignments", None),
    ("post", "patients/{ana}/assignments", {"title": "x", "items": [STRETCH]}),
    ("get", "assignments/{draft}", None),
    ("patch", "assignments/{draft}", {"title": "Other"}),
    ("post", "assignments/{draft}/activate", {"screening": {"items": [], "exercises": []}}),
    ("post", "assignments/{draft}/end", {}),
    ("delete", "assignments/{draft}", None),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]} {call[1]}")
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("nobody", 401), ("ana", 403), ("carer", 403), ("admin", 403), ("marta", 404),
        ("far_therapist", 404),
    ],
)  # fmt: skip
def test_who_may_not(
    caller: Caller, world: people.World, call: tuple[str, str, Any], who: str, status: int
) -> None:
    method, path, body = call
    draft = rx.draft(world.ana)
    client = caller if who == "nobody" else caller.as_(getattr(world, who))

    refused = client.call(method, path.format(ana=world.ana.pk, draft=draft.pk), body)

    assert refused.status_code == status
    assert counts(world) == (1, 1, 1)
    with clinic_context(world.clinic.pk):
        assert Assignment.objects.get().title == "Home exercises"
        assert Assignment.objects.get().status == "draft"


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_what_is_elsewhere_answers_as_what_is_nowhere(
    caller: Caller, world: people.World, method: str, path: str, body: dict[str, Any] | None
) -> None:
    draft = rx.draft(world.ana)
    there, nowhere = {"ana": world.ana.pk, "draft": draft.pk}, {"ana": uuid4(), "draft": uuid4()}
    ingrid = caller.as_(world.far_therapist)

    foreign, unknown = (ingrid.call(method, path.format(**ids), body) for ids in (there, nowhere))

    bodies = [one.json() for one in (foreign, unknown)]
    for one in bodies:
        assert one.pop("request_id")
    assert bodies[0] == bodies[1]
    assert bodies[0]["status"] == 404
