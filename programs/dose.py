"""Dose, side and schedule: the words of a prescription, their bounds, and what they ask for."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Mod
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _


class Measure(models.TextChoices):
    REPETITIONS = "repetitions", _("repetitions")
    HOLD = "hold", _("repetitions, each held")
    DURATION = "duration", _("time")
    DISTANCE = "distance", _("distance")
    STEPS = "steps", _("steps")


class Side(models.TextChoices):
    LEFT = "left", _("left")
    RIGHT = "right", _("right")
    BOTH = "both", _("both at once")
    ALTERNATING = "alternating", _("in turn")
    EACH = "each", _("each side")


class ScheduleKind(models.TextChoices):
    WEEKDAYS = "weekdays", _("on fixed weekdays")
    TIMES_PER_WEEK = "times_per_week", _("some days a week")
    AS_NEEDED = "as_needed", _("as needed")


# The fields that one set of a measure is made of, in the order in which they are multiplied.
MEASURE_FIELDS: dict[str, tuple[str, ...]] = {
    "repetitions": ("repetitions",),
    "hold": ("repetitions", "hold_seconds"),
    "duration": ("duration_seconds",),
    "distance": ("distance_m",),
    "steps": ("steps",),
}
RANGES: dict[str, tuple[int, int]] = {
    "sets": (1, 20),
    "repetitions": (1, 200),
    "repetitions_max": (1, 200),
    "hold_seconds": (1, 600),
    "duration_seconds": (5, 7_200),
    "distance_m": (1, 20_000),
    "steps": (1, 20_000),
    "rest_seconds": (0, 900),
    "effort_ceiling": (0, 10),
    "times_per_day": (1, 6),
    "times_per_week": (1, 7),
}
LOAD_KG_MAX = 500


class DoseFields(models.Model):
    """The columns of a dose, a side and a schedule, shared by templates and prescriptions."""

    measure = models.CharField(max_length=16, choices=Measure.choices)
    sets = models.PositiveSmallIntegerField()
    repetitions = models.PositiveSmallIntegerField(null=True)
    repetitions_max = models.PositiveSmallIntegerField(null=True)
    hold_seconds = models.PositiveSmallIntegerField(null=True)
    duration_seconds = models.PositiveSmallIntegerField(null=True)
    distance_m = models.PositiveSmallIntegerField(null=True)
    steps = models.PositiveSmallIntegerField(null=True)
    load_kg = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    rest_seconds = models.PositiveSmallIntegerField(null=True)
    tempo = models.CharField(max_length=40, blank=True)
    device = models.CharField(max_length=80, blank=True, help_text=_("Assistive device."))
    effort_ceiling = models.PositiveSmallIntegerField(null=True)
    schedule = models.CharField(max_length=16, choices=ScheduleKind.choices)
    weekdays = models.PositiveSmallIntegerField(
        default=0,
        help_text=_("Bit 0 is Monday … bit 6 is Sunday; 0 unless on fixed weekdays."),
    )
    times_per_day = models.PositiveSmallIntegerField(null=True)
    times_per_week = models.PositiveSmallIntegerField(null=True)

    class Meta:
        abstract = True


def dose_constraints(prefix: str) -> list[models.CheckConstraint]:
    """Every bound of a dose and a schedule, as constraints of the table with that prefix."""
    bounds = [
        models.CheckConstraint(
            condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": RANGES[name]}),
            name=f"{prefix}_{name}_in_range",
        )
        for name in RANGES
    ]
    return [*bounds, *_measure_constraints(prefix), *_schedule_constraints(prefix)]


def _measure_constraints(prefix: str) -> list[models.CheckConstraint]:
    amounts = ["repetitions", "hold_seconds", "duration_seconds", "distance_m", "steps"]
    whole = Q()
    for measure, fields in MEASURE_FIELDS.items():
        present = {f"{name}__isnull": name not in fields for name in amounts}
        whole |= Q(measure=measure, **present)
    ordered = Q(repetitions_max__isnull=True) | Q(
        repetitions__isnull=False, repetitions_max__gt=F("repetitions")
    )
    halves = Exact(Mod(F("load_kg"), Value(Decimal("0.5"))), Value(Decimal(0)))
    load = Q(load_kg__isnull=True) | (Q(load_kg__range=(0, LOAD_KG_MAX)) & Q(halves))
    return [
        models.CheckConstraint(condition=whole, name=f"{prefix}_amounts_fit_measure"),
        models.CheckConstraint(condition=ordered, name=f"{prefix}_repetition_range_rises"),
        models.CheckConstraint(condition=load, name=f"{prefix}_load_kg_in_range"),
    ]


def _schedule_constraints(prefix: str) -> list[models.CheckConstraint]:
    fits = (
        Q(
            schedule="weekdays",
            weekdays__range=(1, 127),
            times_per_day__isnull=False,
            times_per_week__isnull=True,
        )
        | Q(
            schedule="times_per_week",
            weekdays=0,
            times_per_day__isnull=True,
            times_per_week__isnull=False,
        )
        | Q(
            schedule="as_needed",
            weekdays=0,
            times_per_day__isnull=True,
            times_per_week__isnull=True,
        )
    )
    return [models.CheckConstraint(condition=fits, name=f"{prefix}_schedule_is_whole")]


def weekday_bits(weekdays: list[int]) -> int:
    """Pack ISO weekdays (1 Monday … 7 Sunday) into the stored bits."""
    return sum(1 << (day - 1) for day in set(weekdays))


def weekday_list(bits: int) -> list[int]:
    """Unpack the stored bits into ISO weekdays, Monday first."""
    return [day for day in range(1, 8) if bits & (1 << (day - 1))]
