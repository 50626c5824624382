from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.errors import Forbidden, Invalid, NotFound
from core.tenancy import clinic_context
from patients.actions import goals
from patients.actions.goals import (
    GoalExists,
    TooManyGoals,
)
from patients.bodies.goals import ExerciseAim, MeasureAim
from patients.models import Patient
from tests.factories import measured, people
from tests.factories.people import World
from tests.factories.prescriptions import exercise_of
from tests.factories.programs import own_exercise
from tests.unit.patients.aiming import (
    LATE,
    NOW,
    TODAY,
    change_seq,
    day,
    end,
    events,
    found_in,
    put,
    stored,
    walking,
)

WALK = {"measure": "gait_speed", "variant": "comfortable", "aid": "stick"}


def speed(**fields: Any) -> MeasureAim:
    return MeasureAim(**(WALK | fields))


# ---- set ----------------------------------------------------------------------------------------


def test_a_goal_of_an_exercise_is_kept_with_what_it_is_about(world: World) -> None:
    made = put(world)

    (row,) = stored(world)
    assert (row["kind"], row["exercise_id"]) == ("exercise", exercise_of("walking_stick").pk)
    assert (row["exercise_measure"], row["amount"], row["slug"]) == ("distance", "best_set", "")
    assert (row["baseline"], row["target"]) == (Decimal(150), Decimal(300))
    assert (row["starts_on"], row["due_on"]) == (TODAY, dt.date(2027, 1, 29))
    assert (row["set_by_id"], row["set_at"]) == (world.rui.user_id, NOW)
    assert (row["status"], row["ended_at"]) == ("active", None)
    assert change_seq(world.ana) == 1
    (event,) = events(world, "goal_set")
    assert (event.patient_id, event.target_id) == (world.ana.pk, made.pk)


@pytest.mark.parametrize("amount", ["best_set", "day_total", "week_total"])
@pytest.mark.parametrize("measure", ["distance", "duration", "steps"])
def test_each_amount_in_each_measure_of_the_exercise(
    world: World, amount: str, measure: str
) -> None:
    put(world, walking(amount, measure))

    assert [(row["amount"], row["exercise_measure"]) for row in stored(world)] == [
        (amount, measure)
    ]


def test_a_clinic_s_own_exercise_may_be_aimed_at_and_another_clinic_s_not(world: World) -> None:
    own, theirs = own_exercise(world.clinic), own_exercise(world.far_clinic, "far_pool")
    put(world, ExerciseAim(exercise=own.pk, measure="repetitions", amount="day_total"))

    with pytest.raises(Invalid) as refused:
        put(world, ExerciseAim(exercise=theirs.pk, measure="repetitions", amount="day_total"))

    assert found_in(refused) == [("aim.exercise", "unknown_exercise")]
    assert [row["exercise_id"] for row in stored(world)] == [own.pk]


def test_a_goal_starts_where_the_patient_s_day_is(world: World) -> None:
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(time_zone="Europe/Oslo")

    assert put(world, now=LATE).starts_on == dt.date(2026, 11, 26)


def test_a_goal_of_a_measure_starts_at_the_latest_score_alike(world: World) -> None:
    measured.assessment(world.ana, score="0.4", on=day(1))
    measured.assessment(world.ana, score="0.5", on=day(20))
    measured.assessment(world.ana, score="0.7", on=day(21), aid="none")
    measured.assessment(world.ana, score="0.6", on=day(22), status="replaced")
    measured.assessment(world.ana, score=None, on=day(23))

    assert put(world, speed(), baseline=None, target=0.8).baseline == Decimal("0.5")
    assert put(world, speed(aid="frame"), baseline=0.3, target=0.8).baseline == Decimal("0.3")


@pytest.mark.parametrize(
    ("aim", "fields", "faults"),
    [
        ("walk", {"target": 150}, [("target", "target_is_baseline")]),
        ("walk", {"target": 149}, [("target", "wrong_direction")]),
        ("walk", {"target": 300.5}, [("target", "not_whole")]),
        ("walk", {"baseline": 0.5}, [("baseline", "not_whole")]),
        ("walk", {"baseline": None}, [("baseline", "missing")]),
        ("walk", {"due_on": day(24)}, [("due_on", "in_the_past")]),
        ("walk", {"due_on": day(26, 11, 2028)}, [("due_on", "too_far")]),
        ("hold", {}, [("aim.measure", "measure_not_allowed")]),
        ("nothing", {}, [("aim.exercise", "unknown_exercise")]),
        ("speed", {"baseline": None, "target": 0.8}, [("baseline", "missing")]),
        ("speed", {"baseline": 0.8, "target": 0.8}, [("target", "target_is_baseline")]),
        ("speed", {"baseline": 0.8, "target": 0.5}, [("target", "wrong_direction")]),
        ("speed", {"baseline": 0.5, "target": 5.1}, [("target", "out_of_range")]),
        ("speed", {"baseline": 0, "target": 0.8}, [("baseline", "out_of_range")]),
        ("no aid", {"baseline": 0.5, "target": 0.8}, [("aim.aid", "missing")]),
        ("pain", {"baseline": 4, "target": 6}, [("target", "wrong_direction")]),
        ("pain", {"baseline": 4, "target": 1.5}, [("target", "not_whole")]),
        ("ashworth", {"baseline": 2, "target": 1}, [("aim.measure", "no_numbers")]),
        ("unknown", {}, [("aim.measure", "unknown_measure")]),
        ("not offered", {}, [("aim.measure", "unknown_measure")]),
    ],
)
def test_what_cannot_be_a_goal_is_refused_by_field(
    world: World, aim: str, fields: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    aims = {
        "walk": walking,
        "hold": lambda: walking(measure="hold"),
        "nothing": lambda: ExerciseAim(exercise=uuid.uuid4(), measure="steps", amount="best_set"),
        "speed": speed,
        "no aid": lambda: speed(aid=None),
        "pain": lambda: MeasureAim(measure="pain_nrs"),
        "ashworth": lambda: MeasureAim(measure="modified_ashworth"),
        "unknown": lambda: MeasureAim(measure="grip_strength"),
        "not offered": lambda: MeasureAim(measure="two_minute_walk", aid="none"),
    }

    with pytest.raises(Invalid) as refused:
        put(world, aims[aim](), **fields)

    assert found_in(refused) == faults
    assert (stored(world), change_seq(world.ana)) == ([], 0)


@pytest.mark.parametrize(
    ("aim", "fields"),
    [
        (walking, {"target": 151}),
        (walking, {"baseline": 0, "target": 1}),
        (walking, {"due_on": day(25)}),
        (walking, {"due_on": day(25, 11, 2028)}),
        (speed, {"baseline": 0.799, "target": 0.8}),
        (lambda: MeasureAim(measure="pain_nrs"), {"baseline": 6, "target": 0}),
    ],
)
def test_what_lies_just_inside_is_a_goal(world: World, aim: Any, fields: dict[str, Any]) -> None:
    put(world, aim(), **fields)

    assert len(stored(world)) == 1


@pytest.mark.parametrize(
    ("other", "is_refused"),
    [
        (lambda: walking("best_set"), True),
        (lambda: walking("day_total"), False),
        (lambda: walking("best_set", "steps"), False),
        (lambda: walking("best_set", slug="walking_frame"), False),
    ],
)
def test_one_active_goal_of_an_amount(world: World, other: Any, is_refused: bool) -> None:
    put(world)

    if is_refused:
        with pytest.raises(GoalExists):
            put(world, other(), target=400)
    else:
        put(world, other(), target=400)

    assert len(stored(world)) == (1 if is_refused else 2)


def test_an_ended_goal_leaves_its_place(world: World) -> None:
    end(world, put(world))

    put(world, target=400)

    assert [row["status"] for row in stored(world)] == ["ended", "active"]


def test_a_record_holds_no_more_active_goals_than_so_many(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(goals, "MOST_ACTIVE", 2)
    put(world)
    end(world, put(world, walking("week_total")))
    put(world, walking("day_total"))

    with pytest.raises(TooManyGoals):
        put(world, walking("best_set", "steps"))

    assert len(stored(world)) == 3


@pytest.mark.parametrize("who", ["marta", "admin", "far_therapist", "ana", "carer"])
def test_only_the_care_team_s_therapists_set_goals(world: World, who: str) -> None:
    acting = {
        "ana": lambda: people.acting_for(world.ana),
        "carer": lambda: people.acting_for(world.ana, world.carer.user),
    }.get(who, lambda: people.acting(getattr(world, who)))

    with pytest.raises((NotFound, Forbidden)):
        put(world, by=acting())

    assert (stored(world), change_seq(world.ana)) == ([], 0)


# ---- the database's own rules -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "amount", "fields", "constraint"),
    [
        ("pain_nrs", "", {"target": "10"}, "goal_target_is_not_its_baseline"),
        ("heel_raise", "best_set", {"target": "9"}, "goal_of_an_exercise_aims_higher"),
        ("heel_raise", "best_set", {"baseline": "-1"}, "goal_amounts_in_range"),
        ("heel_raise", "best_set", {"due_on": day(1)}, "goal_is_not_due_before_it_starts"),
        ("heel_raise", "best_set", {"exercise": None}, "goal_is_of_an_exercise_or_a_measure"),
        ("heel_raise", "best_set", {"slug": "pain_nrs"}, "goal_is_of_an_exercise_or_a_measure"),
        ("heel_raise", "best_set", {"side": "left"}, "goal_is_of_an_exercise_or_a_measure"),
        ("heel_raise", "best_set", {"exercise_measure": ""}, "goal_is_of_an_exercise_or_a_measure"),
        ("pain_nrs", "", {"kind": "exercise"}, "goal_is_of_an_exercise_or_a_measure"),
        ("pain_nrs", "", {"slug": ""}, "goal_is_of_an_exercise_or_a_measure"),
        ("heel_raise", "best_set", {"status": "ended"}, "goal_ended_has_who_when_and_why"),
        ("heel_raise", "best_set", {"ended_at": NOW}, "goal_ended_has_who_when_and_why"),
        (
            "heel_raise",
            "best_set",
            {"status": "ended", "ended_at": NOW, "ended_on": TODAY, "ended_reason": "Why."},
            "goal_ended_has_who_when_and_why",
        ),
        ("heel_raise", "best_ever", {}, "goal_amount_is_known"),
        ("heel_raise", "best_set", {"exercise_measure": "miles"}, "goal_exercise_measure_is_known"),
        ("gait_speed", "", {"aid": "wings"}, "goal_aid_is_known"),
        ("gait_speed", "", {"side": "both"}, "goal_side_is_known"),
    ],
)
def test_the_database_refuses_what_is_no_goal(
    world: World, slug: str, amount: str, fields: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        measured.goal(world.ana, slug, amount, **fields)

    assert stored(world) == []


@pytest.mark.parametrize(("slug", "amount"), [("heel_raise", "day_total"), ("pain_nrs", "")])
def test_the_database_holds_one_active_goal_of_a_kind(world: World, slug: str, amount: str) -> None:
    measured.goal(world.ana, slug, amount)

    with pytest.raises(IntegrityError, match="one_active_goal_of_a_kind"), transaction.atomic():
        measured.goal(world.ana, slug, amount, target="30")

    assert len(stored(world)) == 1
