"""Sessions that move goals."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sessions.actions.store import Logged, log_session
from tests.factories import people
from tests.factories.people import World
from tests.unit.sessions.bodies import NOW, log, session


def at(day: dt.date, time: str = "09:30") -> str:
    return f"{day.isoformat()}T{time}:00+00:00"


def november(number: int) -> str:
    return at(dt.date(2026, 11, number))


def send(world: World, *results: dict[str, Any], now: dt.datetime = NOW, **more: Any) -> Logged:
    return log_session(
        patient_id=world.ana.pk,
        content=log(session(*results, **more)),
        by=people.acting_for(world.ana),
        now=now,
    )


def said(logged: Logged) -> list[tuple[int, int, bool]]:
    goals = logged.answer.feedback.goals
    assert goals is not None
    return [(goal.before, goal.after, goal.reached) for goal in goals]
