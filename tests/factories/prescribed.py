"""A line of a plan put straight into the tables, for tests that do not prescribe."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.tenancy import clinic_context
from patients.models import Assignment, Line, Patient, PrescribedExercise
from programs.dose import weekday_bits
from programs.models import Exercise
from tests.factories import people
from tests.factories.database import store

DAILY = {"schedule": "weekdays", "weekdays": weekday_bits([1, 2, 3, 4, 5, 6, 7])}


def line(
    patient: Patient,
    slug: str = "heel_raise",
    *,
    from_: dt.date = dt.date(2026, 1, 5),
    measure: str = "repetitions",
    side: str = "both",
    **dose: Any,
) -> Line:
    """Prescribe 3 × 10 repetitions once a day, or what is said, in an active assignment."""
    amounts: dict[str, Any] = {"sets": 3, "times_per_day": 1, **DAILY}
    if measure == "repetitions" and "repetitions" not in dose:
        amounts["repetitions"] = 10
    amounts |= dose
    with clinic_context(patient.clinic_id):
        team = patient.care_team.select_related("membership__user").order_by("-is_lead", "pk")
        therapist = team[0].membership
        assignment = Assignment(
            clinic_id=patient.clinic_id,
            patient=patient,
            therapist=therapist,
            title="At home",
            starts_on=from_,
            status="active",
            screened_by=therapist.user,
            screened_at=people.LONG_AGO,
            screening={"safety_block": 1, "items": [], "exercises": []},
            drafted_at=people.LONG_AGO,
            activated_at=people.LONG_AGO,
        )
        exercise = Exercise.objects.select_related("current").get(clinic=None, slug=slug)
        made = Line(
            clinic_id=patient.clinic_id,
            patient=patient,
            assignment=assignment,
            exercise=exercise,
            measure=measure,
            position=1,
        )
        row = PrescribedExercise(
            clinic_id=patient.clinic_id,
            patient=patient,
            line=made,
            exercise_version=exercise.current,
            in_force_from=from_,
            measure=measure,
            side=side,
            prescribed_by=therapist.user,
            prescribed_at=people.LONG_AGO,
            **amounts,
        )
        store(assignment, made, row)
    return made
