"""Setting, changing and ending goals."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from clinics.actors import Actor
from core.bodies import LocalDate
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.actions.goals import (
    end_goal,
    set_goal,
)
from patients.bodies.goals import ExerciseAim, NewGoal
from patients.models import Goal, Patient
from tests.factories import people
from tests.factories.people import World
from tests.factories.prescriptions import exercise_of

NOW = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 25)
LATE = dt.datetime(2026, 11, 25, 23, 30, tzinfo=dt.UTC)


def day(number: int, month: int = 11, year: int = 2026) -> LocalDate:
    return LocalDate(year, month, number)


def walking(
    amount: str = "best_set", measure: str = "distance", slug: str = "walking_stick"
) -> Any:
    return ExerciseAim(exercise=exercise_of(slug).pk, measure=measure, amount=amount)  # type: ignore[arg-type]


def put(
    world: World, aim: Any = None, *, by: Actor | None = None, now: Any = NOW, **fields: Any
) -> Goal:
    asked = NewGoal(
        **{
            "aim": aim or walking(),
            "baseline": 150,
            "target": 300,
            "due_on": day(29, 1, 2027),
            "text": "To the bakery and back.",
        }
        | fields
    )
    with transaction.atomic(), clinic_context(world.clinic.pk):
        return set_goal(
            patient_id=world.ana.pk, asked=asked, by=by or people.acting(world.rui), now=now
        )


def end(world: World, goal: Goal, reason: str = "Moved house.", now: Any = NOW) -> Goal:
    with transaction.atomic(), clinic_context(world.clinic.pk):
        return end_goal(
            patient_id=world.ana.pk, goal_id=goal.pk, reason=reason,
            by=people.acting(world.rui), now=now,
        )  # fmt: skip


def stored(world: World) -> list[dict[str, Any]]:
    with clinic_context(world.clinic.pk):
        return list(Goal.objects.order_by("set_at", "pk").values())


def events(world: World, action: str) -> list[AuditEvent]:
    with clinic_context(world.clinic.pk):
        return list(AuditEvent.objects.filter(action=action))


def change_seq(patient: Patient) -> int:
    with clinic_context(patient.clinic_id):
        return Patient.objects.get(pk=patient.pk).change_seq


def found_in(error: Any) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in error.value.errors]
