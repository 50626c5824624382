"""
The dose and the schedule of a prescription, as they are sent and as they are answered.

The same shape goes both ways: what an answer shows can be sent back. A measure's struct holds
exactly the amounts that one set of it is made of, so a missing or a foreign amount is refused by
its name.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from django.utils.translation import gettext as _
from msgspec import Meta

from core.bodies import text
from core.errors import FieldError
from programs.dose import (
    LOAD_KG_MAX,
    MEASURE_FIELDS,
    RANGES,
    DoseFields,
    weekday_bits,
    weekday_list,
)

SHARED_FIELDS = ("sets", "load_kg", "rest_seconds", "tempo", "device", "effort_ceiling")
AMOUNT_FIELDS = (
    "repetitions",
    "repetitions_max",
    "hold_seconds",
    "duration_seconds",
    "distance_m",
    "steps",
)


def _bounds(name: str) -> Meta:
    low, high = RANGES[name]
    return Meta(ge=low, le=high)


LoadKg = Annotated[float, Meta(ge=0, le=LOAD_KG_MAX, multiple_of=0.5)]
Weekday = Annotated[int, Meta(ge=1, le=7, description="ISO weekday: 1 Monday … 7 Sunday.")]


class DoseOfAnyMeasure(
    msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, tag_field="measure"
):
    """What all measures share. Load, rest, tempo, device and ceiling are shown, not credited."""

    sets: Annotated[int, _bounds("sets")]
    load_kg: LoadKg | None = None
    rest_seconds: Annotated[int, _bounds("rest_seconds")] | None = None
    tempo: Annotated[str, text(40)] = ""
    device: Annotated[str, text(80)] = ""
    effort_ceiling: Annotated[int, _bounds("effort_ceiling")] | None = None


class RepetitionsDose(DoseOfAnyMeasure, kw_only=True, frozen=True, tag="repetitions"):
    """Sets of repetitions; with `repetitions_max` a range, whose lower end is the target."""

    repetitions: Annotated[int, _bounds("repetitions")]
    repetitions_max: Annotated[int, _bounds("repetitions_max")] | None = None


class HoldDose(DoseOfAnyMeasure, kw_only=True, frozen=True, tag="hold"):
    """Sets of repetitions, each held for so many seconds."""

    repetitions: Annotated[int, _bounds("repetitions")]
    hold_seconds: Annotated[int, _bounds("hold_seconds")]
    repetitions_max: Annotated[int, _bounds("repetitions_max")] | None = None


class DurationDose(DoseOfAnyMeasure, kw_only=True, frozen=True, tag="duration"):
    """Sets of so many seconds."""

    duration_seconds: Annotated[int, _bounds("duration_seconds")]


class DistanceDose(DoseOfAnyMeasure, kw_only=True, frozen=True, tag="distance"):
    """Sets of so many metres."""

    distance_m: Annotated[int, _bounds("distance_m")]


class StepsDose(DoseOfAnyMeasure, kw_only=True, frozen=True, tag="steps"):
    """Sets of so many steps."""

    steps: Annotated[int, _bounds("steps")]


class OnWeekdays(
    msgspec.Struct,
    kw_only=True,
    frozen=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="weekdays",
):
    """So many times on each of these weekdays; naming one twice is as once."""

    weekdays: Annotated[list[Weekday], Meta(min_length=1, max_length=7)]
    times_per_day: Annotated[int, _bounds("times_per_day")]


class TimesPerWeek(
    msgspec.Struct,
    kw_only=True,
    frozen=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="times_per_week",
):
    """On so many days of each ISO week, which ones being free; at most once a day."""

    times_per_week: Annotated[int, _bounds("times_per_week")]


class AsNeeded(
    msgspec.Struct,
    kw_only=True,
    frozen=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="as_needed",
):
    """Nothing is expected."""


Dose = RepetitionsDose | HoldDose | DurationDose | DistanceDose | StepsDose
Schedule = OnWeekdays | TimesPerWeek | AsNeeded
DOSES: dict[str, type[Dose]] = {
    "repetitions": RepetitionsDose,
    "hold": HoldDose,
    "duration": DurationDose,
    "distance": DistanceDose,
    "steps": StepsDose,
}


def measure_of(dose: Dose) -> str:
    """Return the measure that the dose is in."""
    return str(dose.__struct_config__.tag)


def dose_errors(dose: Dose, *, field: str) -> list[FieldError]:
    """Return what the types alone cannot refuse: a range of repetitions that does not rise."""
    low, high = getattr(dose, "repetitions", None), getattr(dose, "repetitions_max", None)
    if low is None or high is None or high > low:
        return []
    detail = _("The upper end of a range lies above its lower end.")
    return [FieldError(field=f"{field}.repetitions_max", code="does_not_rise", detail=detail)]


def dose_columns(dose: Dose) -> dict[str, Any]:
    """Return every column of DoseFields that a dose fills; an amount of another measure is None."""
    values = {name: getattr(dose, name, None) for name in (*SHARED_FIELDS, *AMOUNT_FIELDS)}
    load = None if dose.load_kg is None else Decimal(str(dose.load_kg))
    return values | {"measure": measure_of(dose), "load_kg": load}


def schedule_columns(schedule: Schedule) -> dict[str, Any]:
    """Return every column of DoseFields that a schedule fills."""
    return {
        "schedule": str(schedule.__struct_config__.tag),
        "weekdays": weekday_bits(getattr(schedule, "weekdays", [])),
        "times_per_day": getattr(schedule, "times_per_day", None),
        "times_per_week": getattr(schedule, "times_per_week", None),
    }


def dose_of(row: DoseFields) -> Dose:
    """Return the dose of a stored row, in the shape in which it could be sent."""
    amounts = {name: getattr(row, name) for name in MEASURE_FIELDS[row.measure]}
    if "repetitions" in amounts:
        amounts["repetitions_max"] = row.repetitions_max
    shared = {name: getattr(row, name) for name in SHARED_FIELDS}
    load = None if row.load_kg is None else float(row.load_kg)
    return DOSES[row.measure](**shared | {"load_kg": load} | amounts)


def schedule_of(row: DoseFields) -> Schedule:
    """Return the schedule of a stored row, in the shape in which it could be sent."""
    if row.schedule == "weekdays":
        return OnWeekdays(weekdays=weekday_list(row.weekdays), times_per_day=row.times_per_day or 1)
    if row.schedule == "times_per_week":
        return TimesPerWeek(times_per_week=row.times_per_week or 1)
    return AsNeeded()
