"""Builders of what is measured and aimed at, put straight into the tables."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from core.tenancy import clinic_context
from patients.models import Assessment, Goal, Patient
from programs.models import Exercise, OutcomeMeasure
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


def goal(
    patient: Patient,
    slug: str = "heel_raise",
    amount: str = "best_set",
    /,
    *,
    baseline: str = "10",
    target: str = "20",
    from_: dt.date = dt.date(2026, 11, 2),
    **fields: Any,
) -> Goal:
    """Set a goal of an exercise, in repetitions; with `amount` empty of an outcome measure."""
    is_exercise = bool(amount)
    aim: dict[str, Any] = {"kind": "measure", "slug": slug} | WAYS.get(slug, {})
    if is_exercise:
        exercise = Exercise.objects.get(clinic=None, slug=slug)
        aim = {"kind": "exercise", "exercise": exercise, "exercise_measure": "repetitions"}
    with clinic_context(patient.clinic_id):
        therapist = patient.care_team.order_by("-is_lead", "pk")[0].membership
        return Goal.objects.create(
            clinic_id=patient.clinic_id,
            patient=patient,
            amount=amount,
            baseline=Decimal(baseline),
            target=Decimal(target),
            starts_on=from_,
            **{
                "due_on": from_ + dt.timedelta(days=60),
                "text": "Up on your toes.",
                "set_by": therapist.user,
                "set_at": people.LONG_AGO,
            }
            | aim
            | fields,
        )
