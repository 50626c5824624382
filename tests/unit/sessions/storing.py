"""Sessions sent and corrected."""

from __future__ import annotations

import datetime as dt

from sessions.actions.store import log_session
from tests.factories import people
from tests.unit.sessions.bodies import NOW, log, result, session

DAY = dt.timedelta(days=1)


def send(world: people.World, body: dict, *, by=None, now: dt.datetime = NOW):
    return log_session(
        patient_id=world.ana.pk,
        content=log(body),
        by=by or people.acting_for(world.ana),
        now=now,
    )


def held(world, line, **more):
    body = session(result(line, 10, 10, 10), performed_at="2026-11-26T18:00:00+00:00", **more)
    return body, send(world, body)
