"""Builders of what is measured and aimed at, put straight into the tables."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from core.tenancy import clinic_context
from patients.models import Assessment, Patient
from programs.models import OutcomeMeasure
from tests.factories import people

COMFORTABLE = {"variant": "comfortable", "aid": "stick"}
WAYS: dict[str, dict[str, str]] = {
    "gait_speed": COMFORTABLE,
    "six_minute_walk": {"aid": "stick"},
    "timed_up_and_go": {"aid": "stick"},
}


def measure(slug: str) -> OutcomeMeasure:
    """Return the newest version of an instrument."""
    return OutcomeMeasure.objects.filter(slug=slug).order_by("-number")[0]


def assessment(
    patient: Patient,
    slug: str = "gait_speed",
    score: str | None = "0.5",
    *,
    on: dt.date = dt.date(2026, 11, 2),
    **fields: Any,
) -> Assessment:
    """Record a score, or `unable` for None, walking with a stick at a comfortable speed."""
    with clinic_context(patient.clinic_id):
        therapist = patient.care_team.order_by("-is_lead", "pk")[0].membership
        return Assessment.objects.create(
            clinic_id=patient.clinic_id,
            patient=patient,
            measure=measure(slug),
            slug=slug,
            assessed_on=on,
            **{
                "score": None if score is None else Decimal(score),
                "is_unable": score is None and "code" not in fields,
                "recorded_by": therapist.user,
                "recorded_at": people.LONG_AGO,
            }
            | WAYS.get(slug, {})
            | fields,
        )
