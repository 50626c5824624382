"""Drafting, activating, changing and ending assignments."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from core.tenancy import clinic_context
from patients.actions import activation as activating
from patients.actions import assignments as actions
from patients.models import Assignment
from patients.plan_in_force import rows_in_force
from patients.screening import ScreeningAnswers
from tests.factories import people
from tests.factories import prescriptions as rx
from tests.unit.patients.logged import MON, Nothing


def draft(world: people.World, *, by: Any = None, now: dt.date = MON, **asked: Any) -> Assignment:
    with transaction.atomic(), clinic_context(world.clinic.pk):
        return actions.draft_assignment(
            patient_id=world.ana.pk,
            by=by or rx.therapist_of(world.ana),
            now=rx.morning(world.ana, now),
            **asked,
        )


def activate(
    world: people.World, assignment: Assignment, answers: ScreeningAnswers, now: dt.date = MON
) -> Assignment:
    with transaction.atomic(), clinic_context(world.clinic.pk):
        return activating.activate_assignment(
            assignment_id=assignment.pk,
            answers=answers,
            by=rx.therapist_of(world.ana),
            now=rx.morning(world.ana, now),
        )


def end(world: people.World, one: Assignment, now: dt.date, **asked: Any) -> Assignment:
    with transaction.atomic(), clinic_context(world.clinic.pk):
        return actions.end_assignment(
            assignment_id=one.pk,
            by=rx.therapist_of(world.ana),
            now=rx.morning(world.ana, now),
            logged=asked.pop("logged", Nothing()),
            **asked,
        )


def in_force(world: people.World, day: dt.date) -> list[str]:
    with clinic_context(world.clinic.pk):
        rows = rows_in_force(patient_id=world.ana.pk, day=day)
        return [row.exercise_version.name for row in rows]


def codes(refusal: pytest.ExceptionInfo[Any]) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in refusal.value.errors]


def _all(world: people.World, assignment: Assignment) -> ScreeningAnswers:
    with clinic_context(world.clinic.pk):
        answers = rx.all_confirmed(assignment)
    assert all(isinstance(one, UUID) for one in answers.exercises)
    return answers
