"""A clinic's own exercises over HTTP: made, changed, copied, retired, found and prescribed."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
import pytest

from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import PrescribedExercise
from programs import own_examples
from programs.bodies import CopyOrder, ExerciseOut, NewExercise, NextExercise
from programs.models import Exercise, ExerciseVersion
from tests.api.caller import Caller
from tests.factories import prescriptions
from tests.factories.people import World
from tests.factories.programs import exercise_body, own_exercise

WALL_STRETCH = "bb2e07a6-ee4b-46b3-8e60-fe4e3cf90600"
KEY = "5f0c1a34-93f2-4a55-9d59-0a4f7b8e5a10"
HARD = "Proprioceptive facilitation necessitates considerable neuromuscular rehabilitation."


def made(caller: Caller, who: Any, **changes: Any) -> dict[str, Any]:
    body = {"key": str(uuid.uuid4())} | exercise_body(name="Heel raise at the sink")
    response = caller.as_(who).post("exercises", body | changes)
    assert response.status_code == 201, response.content
    return response.json()


def own_versions(world: World) -> int:
    with clinic_context(world.clinic.pk):
        return ExerciseVersion.objects.filter(clinic=world.clinic).count()


def told(response: Any) -> tuple[int, str, list[str]]:
    problem = response.json()
    return (
        response.status_code,
        problem["code"],
        [one["field"] for one in problem.get("errors", [])],
    )


def test_a_therapist_makes_an_exercise_and_reads_it_as_it_was_sent(
    caller: Caller, world: World
) -> None:
    body = exercise_body(name="Heel raise at the sink", easier_exercises=[WALL_STRETCH])

    response = caller.as_(world.rui).post("exercises", {"key": KEY} | body)

    shown = response.json()
    assert (response.status_code, shown["version"], shown["is_own"]) == (201, 1, True)
    assert shown["easier_exercises"] == [
        {"id": WALL_STRETCH, "name": "Wall stretch", "is_retired": False}
    ]
    assert (shown["copied_from"], shown["review"]["status"]) == (None, "draft")
    assert shown == caller.as_(world.marta).get(f"exercises/{shown['id']}").json()
    same = ("name", "level", "steps", "cues", "measures", "picture", "equipment", "goal_example")
    assert {name: shown[name] for name in same} == {name: body[name] for name in same}


def test_what_get_shows_can_be_sent_back(caller: Caller, world: World) -> None:
    rui = caller.as_(world.rui)
    shown = made(caller, world.rui)
    names = {field.name for field in msgspec.structs.fields(NextExercise)} - {"confirm"}
    body = {name: value for name, value in shown.items() if name in names}
    body["evidence"] = [
        {name: one[name] for name in ("text", "seen", "source")} for one in shown["evidence"]
    ]

    response = rui.post(f"exercises/{shown['id']}/versions", body | {"replaces": 1})

    assert (response.status_code, response.json()) == (200, shown)


def test_the_same_body_twice_makes_one(caller: Caller, world: World) -> None:
    body = {"key": KEY} | exercise_body()
    rui = caller.as_(world.rui)

    first, again = rui.post("exercises", body), rui.post("exercises", body)
    other = rui.post("exercises", body | {"level": 1})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert told(other) == (409, "key_reused", [])
    assert own_versions(world) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"level": 5}, "level"),
        ({"name": ""}, "name"),
        ({"steps": ["Stand."]}, "steps"),
        ({"checks__0__id": "Heel down"}, "checks.0.id"),
        ({"checks__0__fix": " "}, "checks.0.fix"),
        ({"checks__1__id": "heels-high"}, "checks.1.id"),
        ({"checks__0__fault": 99}, "checks.0.fault"),
        ({"usual_dose__sets__high": 21}, "usual_dose.sets"),
        ({"usual_dose__sets__low": "one"}, "usual_dose.sets.low"),
        ({"start": "Stand on your {foot}."}, "start"),
        ({"picture": {"name": "wall_dance", "faults": 9}}, "picture"),
        ({"easier_exercises": [KEY]}, "easier_exercises.0"),
        ({"easier_exercises": ["near"]}, "easier_exercises.0"),
        ({"colour": "red"}, "colour"),
        ({"checks__0__hint": "Lean."}, "checks.0.hint"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    caller: Caller, world: World, changes: dict[str, Any], field: str
) -> None:
    body = exercise_body("heel_raise")
    body["checks"][0]["id"] = "heels-high"

    for path, value in changes.items():
        where: Any = body
        *above, last = [int(part) if part.isdigit() else part for part in path.split("__")]
        for part in above:
            where = where[part]
        where[last] = value
    response = caller.as_(world.rui).post("exercises", {"key": KEY} | body)

    assert response.status_code == 400
    assert field in told(response)[2]
    assert own_versions(world) == 0


def test_hard_words_are_asked_about_and_may_be_confirmed(caller: Caller, world: World) -> None:
    body = {"key": KEY} | exercise_body(purpose=HARD)
    rui = caller.as_(world.rui)

    asked = rui.post("exercises", body)
    confirmed = rui.post("exercises", body | {"confirm": ["reads_hard"]})

    assert told(asked) == (409, "reads_hard", ["purpose"])
    assert asked.json()["confirm"] == ["reads_hard"]
    assert (confirmed.status_code, confirmed.json()["purpose"]) == (201, HARD)


def test_a_new_version_leaves_what_was_prescribed_and_says_so(caller: Caller, world: World) -> None:
    exercise = own_exercise(world.clinic)
    order = msgspec.structs.replace(prescriptions.order("heel_raise"), exercise=exercise.pk)
    assignment = prescriptions.assign(world.ana, order)
    rui = caller.as_(world.rui)
    body = exercise_body(name="Pool walking, deeper") | {"replaces": 1}

    response = rui.post(f"exercises/{exercise.pk}/versions", body)

    assert (response.status_code, response.json()["version"]) == (200, 2)
    line = rui.get(f"assignments/{assignment.pk}").json()["lines"][0]["exercise"]
    assert (line["name"], line["version"], line["newest_version"]) == ("Pool walking", 1, 2)
    with clinic_context(world.clinic.pk):
        row = PrescribedExercise.objects.select_related("exercise_version").get()
    assert (row.exercise_version.number, row.exercise_version.name) == (1, "Pool walking")


def test_of_two_changes_of_one_version_the_second_is_stale(caller: Caller, world: World) -> None:
    shown = made(caller, world.rui)
    path = f"exercises/{shown['id']}/versions"
    body = exercise_body() | {"replaces": 1}

    first = caller.as_(world.rui).post(path, body | {"level": 1})
    second = caller.as_(world.marta).post(path, body | {"level": 4})
    again = caller.as_(world.rui).post(path, body | {"level": 1})

    assert (first.status_code, again.status_code) == (200, 200)
    assert told(second) == (409, "stale", ["replaces"])
    assert second.json()["version"] == 2
    assert own_versions(world) == 2


def test_a_copy_says_where_it_came_from(caller: Caller, world: World) -> None:
    body = {"key": KEY, "name": "Wall stretch with a towel"}
    rui = caller.as_(world.rui)

    first, again = (rui.post(f"exercises/{WALL_STRETCH}/copy", body) for _time in range(2))

    shown = first.json()
    assert (first.status_code, again.status_code, again.json()) == (201, 200, shown)
    assert shown["copied_from"] == {"id": WALL_STRETCH, "version": 1, "name": "Wall stretch"}
    assert (shown["name"], shown["is_own"]) == ("Wall stretch with a towel", True)
    assert shown["id"] != WALL_STRETCH


def test_what_is_retired_is_hidden_not_prescribed_and_shown_where_it_is_linked(
    caller: Caller, world: World
) -> None:
    rui = caller.as_(world.rui)
    linked = made(caller, world.rui, name="Sink dips")
    leading = made(caller, world.rui, name="Sink stands", harder_exercises=[linked["id"]])

    retired = rui.post(f"exercises/{linked['id']}/retire")

    assert (retired.status_code, retired.json()["is_retired"]) == (200, True)
    assert rui.get(f"exercises/{leading['id']}").json()["harder_exercises"] == [
        {"id": linked["id"], "name": "Sink dips", "is_retired": True}
    ]
    item = {
        "exercise": linked["id"],
        "dose": {"measure": "repetitions", "sets": 2, "repetitions": 10},
        "side": "both",
        "schedule": {"kind": "as_needed"},
    }
    draft = {"title": "At home", "items": [item]}
    refused = rui.post(f"patients/{world.ana.pk}/assignments", draft)
    assert told(refused) == (400, "invalid", ["items.0.exercise"])
    assert rui.post(f"exercises/{linked['id']}/restore").json()["is_retired"] is False
    assert rui.post(f"patients/{world.ana.pk}/assignments", draft).status_code == 201


def test_what_is_prescribed_of_a_retired_exercise_goes_on(caller: Caller, world: World) -> None:
    exercise = own_exercise(world.clinic)
    order = msgspec.structs.replace(prescriptions.order("heel_raise"), exercise=exercise.pk)
    assignment = prescriptions.assign(world.ana, order)
    rui = caller.as_(world.rui)

    rui.post(f"exercises/{exercise.pk}/retire")

    (line,) = rui.get(f"assignments/{assignment.pk}").json()["lines"]
    assert line["exercise"]["name"] == "Pool walking"
    with clinic_context(world.clinic.pk):
        assert PrescribedExercise.objects.get().in_force_until is None


# ---- finding them -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": "heel raise"}, ["Heel raise at the sink", "Heel raises"]),
        ({"search": "heel raise", "source": "own"}, ["Heel raise at the sink"]),
        ({"search": "heel raise", "source": "shared"}, ["Heel raises"]),
        ({"source": "own"}, ["Heel raise at the sink"]),
        ({"source": "own", "retired": "hide"}, ["Heel raise at the sink"]),
        ({"source": "own", "retired": "show"}, ["Heel raise at the sink", "Old ways"]),
        ({"source": "own", "retired": "only"}, ["Old ways"]),
        ({"retired": "only"}, ["Old ways"]),
        ({"source": "own", "measure": "repetitions"}, ["Heel raise at the sink"]),
        ({"source": "own", "measure": "distance"}, []),
        (
            {"measure": "distance", "category": "gait"},
            ["Walking with a frame", "Walking with a stick"],
        ),
    ],
)
def test_exercises_are_found_by_source_measure_and_whether_they_are_retired(
    caller: Caller, world: World, query: dict[str, str], found: list[str]
) -> None:
    made(caller, world.rui)
    old = made(caller, world.rui, name="Old ways")
    own_exercise(world.far_clinic)
    caller.as_(world.rui).post(f"exercises/{old['id']}/retire")

    shown = caller.as_(world.rui).get("exercises", query).json()["results"]

    assert [one["name"] for one in shown] == found


@pytest.mark.parametrize("query", [{"source": "all"}, {"retired": "yes"}, {"measure": "hops"}])
def test_a_filter_that_makes_no_sense_is_refused_by_name(
    caller: Caller, world: World, query: dict[str, str]
) -> None:
    assert told(caller.as_(world.rui).get("exercises", query)) == (400, "invalid", list(query))


# ---- who may ------------------------------------------------------------------------------------

WRITES = [
    ("exercises", {"key": KEY}),
    ("exercises/{}/versions", {"replaces": 1}),
    ("exercises/{}/copy", None),
    ("exercises/{}/retire", None),
    ("exercises/{}/restore", None),
]


@pytest.mark.parametrize(("path", "extra"), WRITES)
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
    caller: Caller, world: World, path: str, extra: Any, who: str, status: int
) -> None:
    exercise = own_exercise(world.clinic)
    body = exercise_body(level=4) | extra if extra else {"key": KEY}
    own_here = "{}" not in path and who == "far_therapist"
    before = own_versions(world)

    response = caller.as_(getattr(world, who)).post(path.format(exercise.pk), body)

    if status == 2 or own_here:
        assert response.status_code in {200, 201}, response.content
    else:
        assert response.status_code == status
    if status != 2:
        assert own_versions(world) == before
        with clinic_context(world.clinic.pk):
            assert Exercise.objects.get(pk=exercise.pk).retired_at is None


@pytest.mark.parametrize(("path", "extra"), WRITES[1:2] + WRITES[3:])
def test_what_ships_is_copied_not_changed(
    caller: Caller, world: World, path: str, extra: Any
) -> None:
    body = exercise_body(level=4) | extra if extra else None

    response = caller.as_(world.rui).post(path.format(WALL_STRETCH), body)

    assert told(response) == (403, "shared_entry", [])
    assert caller.as_(world.rui).get(f"exercises/{WALL_STRETCH}").json()["version"] == 1


def test_every_write_is_kept_once(caller: Caller, world: World) -> None:
    rui = caller.as_(world.rui)
    path = f"exercises/{made(caller, world.rui)['id']}"
    rui.post(f"{path}/versions", exercise_body(level=4) | {"replaces": 1})
    rui.post(f"{path}/copy", {"key": KEY})
    for _time in range(2):
        rui.post(f"{path}/retire")
    rui.post(f"{path}/restore")
    rui.post(f"{path}/versions", exercise_body(level=1) | {"replaces": 1})

    with clinic_context(world.clinic.pk):
        kept = AuditEvent.objects.filter(action__startswith="exercise_").order_by("at", "pk")
        told_of = [(one.action, one.actor_id, one.target) for one in kept]
    assert told_of == [
        (f"exercise_{done}", world.rui.user_id, "programs.Exercise")
        for done in ("created", "version_published", "copied", "retired", "restored")
    ]


@pytest.mark.parametrize(
    ("example", "shape"),
    [
        (own_examples.NEW_EXERCISE, NewExercise),
        (own_examples.NEXT_EXERCISE, NextExercise),
        (own_examples.COPY, CopyOrder),
        (own_examples.OWN, ExerciseOut),
        (own_examples.OWN_SECOND, ExerciseOut),
        (own_examples.RETIRED, ExerciseOut),
        (own_examples.COPIED, ExerciseOut),
    ],
)
def test_examples_have_the_shape_of_what_they_show(example: dict[str, Any], shape: Any) -> None:
    assert msgspec.convert(example, shape) is not None
