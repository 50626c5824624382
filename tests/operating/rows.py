"""Rows behind the glass that no other builder makes."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from core.tenancy import clinic_context
from patients.models import Patient
from sessions.models import SafetyCheck


def a_safety_check(patient: Patient, at: dt.datetime, **fields: Any) -> SafetyCheck:
    """Keep the answers before a session, all well, unless `fields` say otherwise."""
    with clinic_context(patient.clinic_id):
        return SafetyCheck.objects.create(
            clinic_id=patient.clinic_id,
            patient=patient,
            phone_id=uuid.uuid4(),
            checked_at=at,
            checked_on=at.date(),
            received_at=at,
            **{
                "answers": {"feel_safe": "yes"},
                "logged_by": patient.user,
                "logged_as": "patient",
                "content_hash": b"x" * 32,
                "answer": {},
            }
            | fields,
        )
