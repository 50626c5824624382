"""What Ana's phone sends on Monday, 23 November 2026, a little after six in the evening."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from core.tenancy import clinic_context
from patients.models import Line
from sessions.models import ExerciseSession
from tests.factories import people

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
MORNING = "2026-11-23T09:30:00+00:00"


def a_session(line: Line, *repetitions: int, at: str = MORNING, **more: Any) -> dict[str, Any]:
    """Three full sets, or those named, on one line."""
    sets = [{"repetitions": each} for each in repetitions or (10, 10, 10)]
    return {
        "id": str(uuid.uuid4()),
        "performed_at": at,
        "results": [{"line": str(line.pk), "side": "both", "sets": sets}],
        **more,
    }


def a_check(at: str = MORNING, **answers: str) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "checked_at": at, "answers": answers or {"well": "yes"}}


def stored(world: people.World, body: dict[str, Any]) -> ExerciseSession:
    with clinic_context(world.clinic.pk):
        return ExerciseSession.objects.get(phone_id=body["id"])


def as_stored(world: people.World, body: dict[str, Any]) -> tuple[int, str, int | None]:
    """Return (version, status, effort): what a refused change must have left as it was."""
    row = stored(world, body)
    return row.version, row.status, row.effort
