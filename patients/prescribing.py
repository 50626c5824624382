"""One row about to be prescribed: what makes it impossible, and what worth a second look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.errors import FieldError
from patients.confirmations import Concern
from patients.plan_in_force import InForce
from patients.sides import RELATIVE, resolve_side, same_side, side_errors
from patients.spans import Span
from programs.content import exercise_content
from programs.doses import Dose, Schedule, dose_columns, dose_errors, schedule_columns
from programs.items import measure_errors, outside_of, outside_usual_concerns
from programs.models import ExerciseVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription:
    """
    An exercise version with dose, side and schedule for one patient.

    `field` is where it stands in the request ("items.0"); empty where it is the whole of it.
    `side_asked` may be `affected` or `unaffected`.
    """

    field: str
    version: ExerciseVersion
    dose: Dose
    side_asked: str
    schedule: Schedule
    affected_side: str
    note: str = ""

    @property
    def side(self) -> str:
        """The side that is meant, as it is kept from now on; the prescription has no errors."""
        return resolve_side(self.side_asked, affected_side=self.affected_side) or self.side_asked

    def at(self, name: str) -> str:
        """Name a field of this prescription as the request does."""
        return f"{self.field}.{name}" if self.field else name


def prescription_errors(one: Prescription) -> list[FieldError]:
    """Return every reason why a prescription cannot be, each naming its field."""
    return [
        *dose_errors(one.dose, field=one.at("dose")),
        *measure_errors(one.dose, measures=one.version.measures, field=one.at("dose")),
        *side_errors(
            one.side_asked,
            affected_side=one.affected_side,
            laterality=one.version.laterality,
            field=one.at("side"),
        ),
    ]


def row_columns(one: Prescription) -> dict[str, Any]:
    """Return the columns of PrescribedExercise that a prescription fills."""
    columns = dose_columns(one.dose) | schedule_columns(one.schedule)
    return columns | {
        "side": one.side,
        "side_asked": one.side_asked if one.side_asked in RELATIVE else "",
        "is_outside_usual_range": bool(_outside(one)),
    }


def usual_range_concerns(one: Prescription) -> list[Concern]:
    """Return each amount that lies outside the exercise's usual range, with that range."""
    content = exercise_content(one.version.content)
    return outside_usual_concerns(content, one.dose, one.schedule, field=one.field)


def overlap_concerns(
    one: Prescription, span: Span, existing: Iterable[InForce], *, apart_from: UUID | None = None
) -> list[Concern]:
    """Return the concern that the exercise is in force on the same side on dates of the span."""
    if any(
        other.exercise_id == one.version.exercise_id
        and other.line_id != apart_from
        and same_side(other.side, one.side)
        and other.span.meets(span)
        for other in existing
    ):
        return [_already_prescribed(one)]
    return []


def repeated_concerns(wanted: Sequence[Prescription]) -> list[Concern]:
    """Return the concern for each prescription whose exercise and side stand earlier in the list."""
    return [
        _already_prescribed(one)
        for place, one in enumerate(wanted)
        if any(
            other.version.exercise_id == one.version.exercise_id and same_side(other.side, one.side)
            for other in wanted[:place]
        )
    ]


def _already_prescribed(one: Prescription) -> Concern:
    return Concern(
        code="already_prescribed",
        field=one.at("exercise"),
        detail=_("%(name)s is prescribed on this side already.") % {"name": one.version.name},
    )


def _outside(one: Prescription) -> list[str]:
    return outside_of(exercise_content(one.version.content), one.dose, one.schedule)
