"""Sessions that raise alerts."""

from __future__ import annotations

from typing import Any

from patients.models import Line
from sessions.actions.store import log_session
from sessions.models import Alert, ExerciseSession
from tests.factories import people
from tests.unit.sessions.bodies import NOW, log, result, session

LONG_PAST = "2026-10-01T09:30:00+00:00"


def on(day: int, hour: int = 9) -> str:
    return f"2026-11-{day:02}T{hour:02}:30:00+00:00"


def send(world: people.World, body: dict[str, Any], **changes: Any) -> ExerciseSession:
    by = changes.pop("by", None) or people.acting_for(world.ana)
    now = changes.pop("now", NOW)
    log_session(patient_id=world.ana.pk, content=log({**body, **changes}), by=by, now=now)
    return ExerciseSession.objects.get(phone_id=body["id"])


def alerts() -> list[tuple[str, str, str]]:
    """Rule, severity and status of every alert, by rule."""
    return sorted(Alert.objects.values_list("rule", "severity", "status"))


def hurting(line: Line, pain_after: int | None, day: int, hour: int = 9, **more: Any) -> dict:
    return session(
        result(line, 10), pain_after=pain_after, **{"performed_at": on(day, hour)} | more
    )
