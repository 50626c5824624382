"""A clinic's own exercises made and published."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from clinics.actors import Actor
from core.errors import DomainError
from core.models import AuditEvent
from core.tenancy import clinic_context
from programs.actions.own_exercises import (
    create_exercise,
    publish_exercise_version,
)
from programs.models import Exercise, ExerciseVersion
from tests.factories.programs import exercise_order, shipped

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
KEY = uuid.UUID("5f0c1a34-93f2-4a55-9d59-0a4f7b8e5a10")
SHIPPED = {entry.slug: entry for entry in shipped().exercises}


def create(by: Actor, *, key: uuid.UUID = KEY, **changes: Any) -> Exercise:
    with clinic_context(by.clinic_id):
        return create_exercise(key=key, order=exercise_order(**changes), by=by, now=NOW)[0]


def publish(exercise: Exercise, by: Actor, *, replaces: int = 1, **changes: Any) -> Exercise:
    with clinic_context(by.clinic_id):
        return publish_exercise_version(
            exercise_id=exercise.pk,
            replaces=replaces,
            order=exercise_order(**changes),
            by=by,
            now=LATER,
        )


def stored(by: Actor) -> list[tuple[Any, ...]]:
    """Return all that is stored of the clinic's own exercises, byte by byte."""
    with clinic_context(by.clinic_id):
        versions = ExerciseVersion.objects.filter(clinic_id=by.clinic_id).order_by("pk")
        return [
            (*row[:-1], bytes(row[-1]))
            for row in versions.values_list(
                "exercise__retired_at", "exercise__current", "id", "number", "name", "level",
                "published_at", "review_status", "content", "content_hash",
            )
        ]  # fmt: skip


def written(by: Actor) -> list[tuple[str, Any]]:
    with clinic_context(by.clinic_id):
        return list(
            AuditEvent.objects.filter(target="programs.Exercise")
            .order_by("pk")
            .values_list("action", "details__version")
        )


def refused(
    by: Actor, error: type[DomainError], call: Callable[..., Any], *args: Any, **words: Any
):
    """Call what is refused, and see that nothing was stored or kept of it."""
    before = (stored(by), written(by))
    with pytest.raises(error) as caught, transaction.atomic():
        call(*args, **words)
    assert (stored(by), written(by)) == before
    return caught.value
