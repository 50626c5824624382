"""
Builders of prescriptions, through the actions: what a test prescribes, a therapist could have.

    line = prescribe(world.ana, "wall_stretch", sets=3, repetitions=10, from_=MONDAY)
    row = revise(line, sets=2, from_=THURSDAY)

Everything that an action would ask to confirm is confirmed. `now` is when the therapist does it;
without it, the morning of `from_`, so that no start has passed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from clinics.actors import Actor
from core.calendar import zone
from core.tenancy import clinic_context
from patients.actions.activation import activate_assignment, screening_of
from patients.actions.assignments import draft_assignment
from patients.models import Assignment, CareTeamMembership, Line, Patient, PrescribedExercise
from patients.orders import LineOrder, RowOrder
from patients.screening import ScreeningAnswers
from programs.doses import DOSES, AsNeeded, Dose, OnWeekdays, Schedule, TimesPerWeek
from programs.models import Exercise, ExerciseVersion
from sessions.actions import revise as revising
from tests.factories import people

MONDAY = dt.date(2026, 11, 23)
EVERYTHING = ("already_prescribed", "outside_usual_range", "contraindications", "results_today")
DAILY = OnWeekdays(weekdays=[1, 2, 3, 4, 5, 6, 7], times_per_day=1)
SIDES = {"one": "affected", "both": "both", "alternate": "alternating"}
AMOUNTS: dict[str, dict[str, int]] = {
    "repetitions": {"repetitions": 10},
    "hold": {"repetitions": 3, "hold_seconds": 20},
    "duration": {"duration_seconds": 600},
    "distance": {"distance_m": 100},
    "steps": {"steps": 500},
}


def weekdays(*days: int, times: int = 1) -> OnWeekdays:
    """ISO weekdays: `weekdays(1, 3, 5)` is Monday, Wednesday, Friday."""
    return OnWeekdays(weekdays=list(days), times_per_day=times)


def times_per_week(times: int) -> TimesPerWeek:
    return TimesPerWeek(times_per_week=times)


def as_needed() -> AsNeeded:
    return AsNeeded()


def dose(measure: str = "repetitions", *, sets: int = 3, **amounts: Any) -> Dose:
    """Make a dose; an amount of the measure that is not said has one that is plausible."""
    return DOSES[measure](sets=sets, **{**AMOUNTS[measure], **amounts})


def order(
    exercise: str = "wall_stretch",
    *,
    measure: str = "",
    sets: int = 3,
    side: str = "",
    schedule: Schedule = DAILY,
    note: str = "",
    **amounts: Any,
) -> LineOrder:
    """Order an exercise by its slug, in its first measure and on its usual side if none is said."""
    found = exercise_of(exercise)
    return LineOrder(
        exercise=found.pk,
        dose=dose(measure or found.current.measures[0], sets=sets, **amounts),
        side=side or SIDES[found.current.laterality],  # type: ignore[arg-type]
        schedule=schedule,
        note=note,
    )


def draft(
    patient: Patient,
    *orders: LineOrder,
    from_: dt.date = MONDAY,
    until: dt.date | None = None,
    title: str = "Home exercises",
    by: Actor | None = None,
    now: dt.datetime | None = None,
) -> Assignment:
    """Draft an assignment; `until` is its last date."""
    with clinic_context(patient.clinic_id):
        return draft_assignment(
            patient_id=patient.pk,
            title=title,
            items=orders or (order(),),
            starts_on=from_,
            ends_on=until,
            confirm=EVERYTHING,
            by=by or therapist_of(patient),
            now=now or morning(patient, from_),
        )


def activate(
    assignment: Assignment, *, by: Actor | None = None, now: dt.datetime | None = None
) -> Assignment:
    """Activate a draft with every point of its screening confirmed."""
    patient = assignment.patient
    with clinic_context(patient.clinic_id):
        return activate_assignment(
            assignment_id=assignment.pk,
            answers=all_confirmed(assignment),
            confirm=EVERYTHING,
            by=by or therapist_of(patient),
            now=now or morning(patient, assignment.starts_on),
        )


def assign(patient: Patient, *orders: LineOrder, **words: Any) -> Assignment:
    """Draft and activate an assignment, on the morning on which it starts; words as for `draft`."""
    when = {name: words[name] for name in ("by", "now") if name in words}
    return activate(draft(patient, *orders, **words), **when)


def prescribe(
    patient: Patient,
    exercise: str = "wall_stretch",
    *,
    from_: dt.date = MONDAY,
    until: dt.date | None = None,
    by: Actor | None = None,
    now: dt.datetime | None = None,
    **words: Any,
) -> Line:
    """Put one exercise in force, in an assignment of its own; words as for `order`."""
    assignment = assign(patient, order(exercise, **words), from_=from_, until=until, by=by, now=now)
    with clinic_context(patient.clinic_id):
        return assignment.lines.select_related("assignment__patient", "patient").get()


def revise(
    line: Line,
    *,
    from_: dt.date,
    now: dt.datetime | None = None,
    by: Actor | None = None,
    side: str | None = None,
    schedule: Schedule | None = None,
    **amounts: Any,
) -> PrescribedExercise:
    """Change a line from a date on; with any amount, the whole dose is a new one."""
    wanted: dict[str, Any] = {"side": side, "schedule": schedule}
    wanted["dose"] = dose(line.measure, **amounts) if amounts else None
    with clinic_context(line.clinic_id):
        return revising.revise_line(
            line_id=line.pk,
            order=RowOrder(**{name: value for name, value in wanted.items() if value is not None}),
            starts_on=from_,
            confirm=EVERYTHING,
            by=by or therapist_of(line.patient),
            now=now or morning(line.patient, from_),
        )


def end(
    line: Line, *, on: dt.date, now: dt.datetime | None = None, by: Actor | None = None
) -> Line:
    """End a line; `on` is its last date."""
    with clinic_context(line.clinic_id):
        return revising.end_line(
            line_id=line.pk,
            on=on,
            confirm=EVERYTHING,
            by=by or therapist_of(line.patient),
            now=now or morning(line.patient, on),
        )


def rows_of(line: Line) -> list[PrescribedExercise]:
    """Return the stored rows of a line in order of time."""
    with clinic_context(line.clinic_id):
        return list(
            PrescribedExercise.objects.filter(line=line)
            .select_related("line__assignment")
            .order_by("in_force_from")
        )


def exercise_of(slug: str) -> Exercise:
    """Return a shipped exercise with its current version; needs the loaded catalogue."""
    found: Exercise = Exercise.objects.select_related("current").get(
        clinic=None, slug=slug.replace("-", "_")
    )
    return found


def therapist_of(patient: Patient) -> Actor:
    """Return the lead of the care team as the actor."""
    with clinic_context(patient.clinic_id):
        place = (
            CareTeamMembership.objects.filter(patient=patient)
            .select_related("membership")
            .order_by("-is_lead", "pk")[0]
        )
    return people.acting(place.membership)


def all_confirmed(assignment: Assignment) -> ScreeningAnswers:
    """Confirm every point that the screening of a draft asks."""
    versions = ExerciseVersion.objects.filter(
        pk__in=PrescribedExercise.objects.filter(line__assignment=assignment).values(
            "exercise_version_id"
        )
    )
    asked = screening_of(list(versions))
    exercises: list[UUID] = [one.exercise for one in asked.exercises]
    return ScreeningAnswers(items=[item.id for item in asked.items], exercises=exercises)


def morning(patient: Patient, day: dt.date) -> dt.datetime:
    """Eight o'clock on that day where the patient is."""
    return dt.datetime.combine(day, dt.time(8), tzinfo=zone(patient.time_zone))
