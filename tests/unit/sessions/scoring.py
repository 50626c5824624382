"""Form checks that are scored, and what patients answer."""

from __future__ import annotations

import datetime as dt

from core.bodies import decode
from patients.models import Line
from sessions.actions.form_checks import (
    score_form,
)
from sessions.form_bodies import NewFormCheck
from tests.factories import people
from tests.unit.sessions.bodies import NOW

DAY = dt.timedelta(days=1)
SEEN = dt.date(2026, 11, 10)
LIFTS, TALL = "heels-lift", "body-tall"  # right: yes, yes


def asked(line: Line, seen_on: dt.date = SEEN, note: str = "", **answers: str) -> NewFormCheck:
    given = {name.replace("_", "-"): value for name, value in answers.items()}
    body = {"line": str(line.pk), "seen_on": str(seen_on), "answers": given, "note": note}
    return decode(body, NewFormCheck)


def score(world: people.World, line: Line, seen_on: dt.date = SEEN, by=None, **answers: str):
    return score_form(
        patient_id=world.ana.pk,
        asked=asked(line, seen_on, **answers),
        by=by or people.acting(world.rui),
        now=NOW,
    )
