"""What a patient's phones learn of a session, through the changes feed."""

from __future__ import annotations

from patients.actions.change import Kind, Statement, change_of
from patients.models import Patient
from sessions.facts import Facts
from sessions.models import ExerciseSession


def session_change(
    patient: Patient, session: ExerciseSession, facts: Facts | None = None
) -> list[Statement]:
    """The session changed, and so did those that it may be the double of."""
    doubles = sorted(facts.doubles) if facts else []
    return change_of(patient, *((Kind.SESSION, each) for each in [session.pk, *doubles]))
