"""Rows behind the glass that no other builder makes."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from core.tenancy import clinic_context
from patients.models import Patient
from sessions.models import SafetyCheck, ThresholdProposal
from tests.factories import alerts
from tests.factories.people import LONG_AGO, World


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


def a_proposal(world: World, minute: int, **fields: Any) -> ThresholdProposal:
    """Keep looser numbers that Helena proposed to Rui, superseded unless `fields` say otherwise."""
    status = fields.get("status", "superseded")
    decided = {} if status == "waiting" else {"decided_at": LONG_AGO, "decided_by": world.rui.user}
    at = LONG_AGO + dt.timedelta(minutes=minute)
    return alerts.proposal(
        world.rui, world.admin.user, **{"status": status, "proposed_at": at} | decided | fields
    )
