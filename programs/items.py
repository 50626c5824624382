"""
An exercise with dose, side and schedule, in a program or a prescription: what cannot be, and what
is worth a second look. Pure.
"""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from core.errors import FieldError
from programs.confirmations import Concern
from programs.content import ExerciseContent
from programs.dose import MEASURE_FIELDS
from programs.doses import Dose, Schedule, dose_columns, measure_of, schedule_columns
from programs.usual_dose import outside_usual

SCHEDULE_FIELDS = frozenset({"times_per_day", "times_per_week", "weekdays"})
RELATIVE = frozenset({"affected", "unaffected"})
OTHER_LIMBS = ({"left", "right"}, {"affected", "unaffected"})
# By the exercise's laterality. What is done with one limb may also be done in turn or on each
# side; what needs both limbs at once has no side; what alternates may be asked of one limb alone.
SUITABLE: dict[str, frozenset[str]] = {
    "one": frozenset({"left", "right", "alternating", "each"}),
    "both": frozenset({"both"}),
    "alternate": frozenset({"left", "right", "alternating", "each"}),
}


def suiting_errors(side: str, *, laterality: str, field: str) -> list[FieldError]:
    """Return why an exercise is not done on a side; `affected` is one limb, whichever it will be."""
    limb = "left" if side in RELATIVE else side
    if limb in SUITABLE[laterality]:
        return []
    detail = _("This exercise is not done on that side.")
    return [FieldError(field=field, code="side_does_not_suit", detail=detail)]


def may_be_same_side(one: str, other: str) -> bool:
    """Tell whether two items of one exercise ask the same limb, as far as can be known."""
    return {one, other} not in OTHER_LIMBS


def measure_errors(dose: Dose, *, measures: Collection[str], field: str) -> list[FieldError]:
    """Return why an exercise is not measured as the dose has it."""
    if measure_of(dose) in measures:
        return []
    detail = _("This exercise is not measured so. Choose from: %(measures)s.") % {
        "measures": ", ".join(name for name in MEASURE_FIELDS if name in measures)
    }
    return [FieldError(field=f"{field}.measure", code="measure_does_not_suit", detail=detail)]


def outside_of(content: ExerciseContent, dose: Dose, schedule: Schedule) -> list[str]:
    """Name the amounts that lie outside the exercise's usual range."""
    return outside_usual(content, dose_columns(dose) | schedule_columns(schedule))


def outside_usual_concerns(
    content: ExerciseContent, dose: Dose, schedule: Schedule, *, field: str
) -> list[Concern]:
    """Return each amount outside the usual range, with that range; `field` is the item's place."""
    concerns = []
    for name in outside_of(content, dose, schedule):
        known = getattr(content.usual_dose, _usual_name(name))
        part = "schedule" if name in SCHEDULE_FIELDS else "dose"
        concerns.append(
            Concern(
                code="outside_usual_range",
                field=f"{field}.{part}.{name}".lstrip("."),
                detail=_("The usual range is %(low)s to %(high)s.")
                % {"low": known.low, "high": known.high},
                usual=(known.low, known.high),
            )
        )
    return concerns


def _usual_name(name: str) -> str:
    """Return the name of the usual range that a column is held against."""
    same = {"repetitions_max": "repetitions"}
    return same.get(name, "days_per_week" if name in {"times_per_week", "weekdays"} else name)
