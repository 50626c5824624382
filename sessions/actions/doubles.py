"""The flag on two sessions that may be one: set on both, and taken away once no partner is left."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import connection

from patients.actions.change import Kind, raise_change
from patients.models import Patient
from sessions.facts import DUPLICATE_WINDOW, Facts
from sessions.models import ExerciseSession

UNFLAG = """
UPDATE rehab_sessions_exercisesession s SET is_possible_duplicate = false
WHERE s.patient_id = %(patient)s AND s.is_possible_duplicate AND s.id <> %(changed)s
  AND s.performed_at BETWEEN %(earliest)s AND %(latest)s
  AND NOT EXISTS (
    SELECT FROM rehab_sessions_exercisesession o
    JOIN rehab_sessions_exerciseresult theirs ON theirs.session_id = o.id
    JOIN rehab_sessions_exerciseresult own ON own.session_id = s.id AND own.line_id = theirs.line_id
    WHERE o.patient_id = s.patient_id AND o.id <> s.id AND o.status IN ('counted', 'held')
      AND o.logged_by_id <> s.logged_by_id
      AND o.performed_at BETWEEN s.performed_at - %(window)s AND s.performed_at + %(window)s)
RETURNING s.id
"""


def flag_doubles(facts: Facts) -> None:
    """The care team sees both of two sessions that may be one; nothing is merged."""
    if facts.doubles:
        ExerciseSession.objects.filter(pk__in=facts.doubles).update(is_possible_duplicate=True)


def reflag_doubles(
    facts: Facts, session: ExerciseSession, *, was_double: bool, was_at: dt.datetime
) -> None:
    """Flag the partners that a changed session has now, and free those that it had before."""
    flag_doubles(facts)
    if was_double:
        unflag_doubles(patient_id=session.patient_id, changed=session.pk, was_at=was_at)


def unflag_doubles(*, patient_id: UUID, changed: UUID, was_at: dt.datetime) -> None:
    """
    Take the flag from those that had no other partner than a session which is gone or was changed.

    `was_at` is when that session was performed before its change, which is stored by now. The
    phones learn of those that are freed.
    """
    known: dict[str, Any] = {
        "patient": patient_id,
        "changed": changed,
        "earliest": was_at - DUPLICATE_WINDOW,
        "latest": was_at + DUPLICATE_WINDOW,
        "window": DUPLICATE_WINDOW,
    }
    with connection.cursor() as cursor:
        cursor.execute(UNFLAG, known)
        freed = [row[0] for row in cursor.fetchall()]
    if freed:
        raise_change(Patient.objects.get(pk=patient_id), Kind.SESSION, *freed)
