"""Ana's phone, and what it sends."""

from __future__ import annotations

import datetime as dt
import uuid

from core.tenancy import clinic_context
from patients.models import Line
from tests.factories import people

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)


def a_session(line: Line, *repetitions: int, **more) -> dict:
    sets = [{"repetitions": each} for each in repetitions or (10, 10, 10)]
    return {
        "id": str(uuid.uuid4()),
        "performed_at": "2026-11-23T09:30:00+00:00",
        "results": [{"line": str(line.pk), "side": "both", "sets": sets}],
        **more,
    }


def in_clinic(world: people.World):
    return clinic_context(world.clinic.pk)
