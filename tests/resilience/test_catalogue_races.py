"""Therapists who publish the next version of one entry, or make one entry, at the same moment."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from core.tenancy import clinic_context
from programs.models import Exercise, ExerciseVersion, Program, ProgramVersion
from tests.api.caller import Caller
from tests.factories import people
from tests.factories.programs import exercise_body, item_body, own_exercise, own_program

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4


def at_once(call: Callable[[int], Any]) -> Counter[int]:
    """Call as many times at the same moment, each on a connection of its own; count the statuses."""
    barrier = threading.Barrier(AT_ONCE)

    def one(number: int) -> int:
        barrier.wait(timeout=60)
        try:
            return call(number).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(one, range(AT_ONCE)))


def test_of_publishes_at_once_one_is_next_and_of_makes_with_one_key_one_is_new() -> None:
    world = people.world()
    rui = Caller().as_(world.rui)
    exercise = own_exercise(world.clinic)
    program = own_program(world.clinic, exercise, "pool", name="In the pool")
    key = str(uuid.uuid4())
    week = {"name": "In the pool", "items": [item_body()], "replaces": 1}

    answers = {
        "exercises": at_once(
            lambda number: rui.post(
                f"exercises/{exercise.pk}/versions",
                exercise_body(name=f"Pool walking {number}") | {"replaces": 1},
            )
        ),
        "programs": at_once(
            lambda number: rui.post(f"programs/{program.pk}/versions", week | {"weeks": number + 1})
        ),
        "same key": at_once(
            lambda _number: rui.post("exercises", exercise_body(name="Sink dips") | {"key": key})
        ),
    }

    assert answers == {
        "exercises": Counter({200: 1, 409: AT_ONCE - 1}),
        "programs": Counter({200: 1, 409: AT_ONCE - 1}),
        "same key": Counter({201: 1, 200: AT_ONCE - 1}),
    }
    with clinic_context(world.clinic.pk):
        assert ExerciseVersion.objects.filter(exercise=exercise).count() == 2
        assert ProgramVersion.objects.filter(program=program).count() == 2
        assert Exercise.objects.filter(key=key).count() == 1
        assert Program.objects.get(pk=program.pk).current.number == 2
