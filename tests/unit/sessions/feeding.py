"""What a record's changes feed says."""

from __future__ import annotations

import datetime as dt
import uuid

from sessions.actions.safety_checks import log_safety_check
from sessions.actions.store import log_session
from sessions.bodies import LogSafetyCheck
from sessions.change_bodies import ChangesPage
from sessions.changes import changes
from sessions.models import ExerciseSession
from tests.factories import people
from tests.unit.sessions.bodies import NOW, log, session

MON = dt.date(2026, 11, 23)


def send(world: people.World, body: dict, *, by=None, now: dt.datetime = NOW):
    who = by or people.acting_for(world.ana)
    return log_session(patient_id=world.ana.pk, content=log(body), by=who, now=now)


def check(world: people.World, *symptoms: str, now: dt.datetime = NOW):
    content = LogSafetyCheck(
        id=uuid.uuid4(),
        checked_at=log(session()).performed_at,
        answers={"well": "no" if symptoms else "yes", "floor": "yes", "shoes": "yes", "aid": "yes"},
        symptoms=list(symptoms),  # type: ignore[arg-type]
    )
    log_safety_check(
        patient_id=world.ana.pk, content=content, by=people.acting_for(world.ana), now=now
    )
    return content


def read(world: people.World, cursor: str | None = None, limit: int = 100) -> ChangesPage:
    return changes(who=people.acting_for(world.ana), cursor=cursor, limit=limit)


def row_of(body: dict) -> uuid.UUID:
    return ExerciseSession.objects.get(phone_id=body["id"]).pk
