"""Goals that are changed and ended."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from core.errors import Invalid, NotFound
from core.tenancy import clinic_context
from patients.actions.goals import (
    GoalEnded,
    change_goal,
)
from patients.bodies.goals import GoalChange
from patients.models import Goal
from tests.factories import measured, people
from tests.factories.people import World
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
)


def change(world: World, goal: Goal, **fields: Any) -> Goal:
    with transaction.atomic(), clinic_context(world.clinic.pk):
        return change_goal(
            patient_id=world.ana.pk, goal_id=goal.pk, asked=GoalChange(**fields),
            by=people.acting(world.rui), now=NOW,
        )  # fmt: skip


# ---- change -------------------------------------------------------------------------------------


def test_a_change_says_which_fields_and_leaves_the_rest(world: World) -> None:
    goal = put(world)

    change(world, goal, target=250, text="To the corner.")

    (row,) = stored(world)
    assert (row["target"], row["text"]) == (Decimal(250), "To the corner.")
    assert (row["baseline"], row["starts_on"]) == (Decimal(150), TODAY)
    (event,) = events(world, "goal_changed")
    assert event.details == {"fields": ["target", "text"]}
    assert change_seq(world.ana) == 2


def test_a_change_to_what_it_is_changes_nothing(world: World) -> None:
    goal = put(world)

    change(world, goal, target=300, due_on=day(29, 1, 2027))

    assert (events(world, "goal_changed"), change_seq(world.ana)) == ([], 1)


def test_a_goal_that_is_overdue_may_still_be_changed(world: World) -> None:
    """Its due date has passed; only a new one is looked at."""
    goal = measured.goal(world.ana, due_on=day(3))

    assert change(world, goal, target=25).target == Decimal(25)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"target": 150}, ("target", "target_is_baseline")),
        ({"baseline": 300}, ("target", "target_is_baseline")),
        ({"baseline": 301}, ("target", "wrong_direction")),
        ({"target": 100}, ("target", "wrong_direction")),
        ({"target": 0.5, "baseline": 0}, ("target", "not_whole")),
        ({"due_on": day(24)}, ("due_on", "in_the_past")),
    ],
)
def test_a_change_is_held_to_the_same_rules(
    world: World, fields: dict[str, Any], fault: tuple[str, str]
) -> None:
    goal = put(world)
    before = stored(world)

    with pytest.raises(Invalid) as refused:
        change(world, goal, **fields)

    assert found_in(refused) == [fault]
    assert stored(world) == before


# ---- end ----------------------------------------------------------------------------------------


def test_an_end_keeps_who_when_and_why(world: World) -> None:
    goal = put(world)

    end(world, goal, now=LATE)

    (row,) = stored(world)
    assert (row["status"], row["ended_on"], row["ended_reason"]) == ("ended", TODAY, "Moved house.")
    assert (row["ended_by_id"], row["ended_at"]) == (world.rui.user_id, LATE)
    assert len(events(world, "goal_ended")) == 1


def test_ending_twice_is_as_once_and_an_ended_goal_is_not_changed(world: World) -> None:
    goal = put(world)
    end(world, goal)
    before = stored(world), change_seq(world.ana)

    end(world, goal, "Another reason.")
    with pytest.raises(GoalEnded):
        change(world, goal, target=400)

    assert (stored(world), change_seq(world.ana)) == before


@pytest.mark.parametrize("action", [change, end])
def test_an_unknown_goal_and_another_patient_s_are_not_found(world: World, action: Any) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui])
    of_bruno = measured.goal(bruno)

    for unknown in (of_bruno, Goal(pk=uuid.uuid4())):
        with pytest.raises(NotFound):
            action(world, unknown)

    assert [row["status"] for row in stored(world)] == ["active"]
