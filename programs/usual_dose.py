"""An exercise's usual dose: the one that a program starts with, and what lies outside it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from programs.content import ExerciseContent, LateralityWord, UsualDose
from programs.dose import MEASURE_FIELDS, weekday_bits

DAYS_IN_WEEK = 7
SIDES: dict[LateralityWord, str] = {"one": "affected", "both": "both", "alternate": "alternating"}
BOUNDED = ("sets", "repetitions", "hold_seconds", "duration_seconds", "distance_m", "steps")


class Schedule(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The columns of a schedule in programs.dose.DoseFields."""

    schedule: str
    weekdays: int = 0
    times_per_day: int | None = None
    times_per_week: int | None = None


class DefaultLine(Schedule, kw_only=True, frozen=True):
    """One exercise of a program: side and the columns of programs.dose.DoseFields."""

    side: str
    measure: str
    sets: int
    repetitions: int | None = None
    repetitions_max: int | None = None
    hold_seconds: int | None = None
    duration_seconds: int | None = None
    distance_m: int | None = None
    steps: int | None = None
    load_kg: Annotated[Decimal, Meta(ge=0)] | None = None
    rest_seconds: int | None = None
    tempo: str = ""


def default_line(content: ExerciseContent) -> DefaultLine:
    """Return the exercise's default dose in its first measure, with its side and schedule."""
    usual = content.usual_dose
    measure = content.measures[0]
    amounts = {name: getattr(usual, name).start for name in MEASURE_FIELDS[measure]}
    schedule = schedule_for(
        times_per_day=usual.times_per_day.start, days_per_week=usual.days_per_week.start
    )
    return DefaultLine(
        side=SIDES[content.laterality],
        measure=measure,
        sets=usual.sets.start,
        load_kg=_load(usual),
        rest_seconds=usual.rest_seconds,
        tempo=usual.tempo,
        **amounts,
        **msgspec.structs.asdict(schedule),
    )


def _load(usual: UsualDose) -> Decimal | None:
    """Start without a load where the usual start is none."""
    if usual.load_kg is None or usual.load_kg.start == 0:
        return None
    return Decimal(str(usual.load_kg.start))


def schedule_for(*, times_per_day: int, days_per_week: int) -> Schedule:
    """
    Turn times a day and days a week into a schedule.

    More than once a day, or every day, needs fixed weekdays; the patient chooses otherwise.
    """
    if times_per_day > 1 or days_per_week == DAYS_IN_WEEK:
        days = weekday_bits(spread_weekdays(days_per_week))
        return Schedule(schedule="weekdays", weekdays=days, times_per_day=times_per_day)
    return Schedule(schedule="times_per_week", times_per_week=days_per_week)


def spread_weekdays(days: int) -> list[int]:
    """Return that many ISO weekdays, spread evenly from Monday: 3 are Monday, Wednesday, Friday."""
    return [day * DAYS_IN_WEEK // days + 1 for day in range(days)]


def outside_usual(content: ExerciseContent, dose: Mapping[str, Any]) -> list[str]:
    """
    Name the quantities of a dose (by the names of DoseFields) that lie outside the usual range.

    A quantity that the exercise has no usual range for is not outside it. The upper end of a range
    of repetitions is held to the usual range too.
    """
    usual = content.usual_dose
    outside = [name for name in BOUNDED if _is_outside(getattr(usual, name), dose.get(name))]
    if _is_outside(usual.repetitions, dose.get("repetitions_max")):
        outside.append("repetitions_max")
    load = dose.get("load_kg")
    if load and _is_outside(usual.load_kg, float(load)):
        outside.append("load_kg")
    return [*outside, *_frequency_outside(usual, dose)]


def _frequency_outside(usual: UsualDose, dose: Mapping[str, Any]) -> list[str]:
    outside = []
    if _is_outside(usual.times_per_day, dose.get("times_per_day")):
        outside.append("times_per_day")
    if _is_outside(usual.days_per_week, dose.get("times_per_week")):
        outside.append("times_per_week")
    weekdays = dose.get("weekdays") or 0
    if weekdays and _is_outside(usual.days_per_week, weekdays.bit_count()):
        outside.append("weekdays")
    return outside


def _is_outside(usual: Any, amount: float | None) -> bool:
    return usual is not None and amount is not None and not usual.low <= amount <= usual.high
