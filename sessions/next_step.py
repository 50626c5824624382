"""
The next step that the catalogue knows of: a harder or easier way, and the dose a little up or down.

A proposal to a therapist, with its reason; nothing changes a prescription on its own. How large a
step is, is our own judgement: small, and never beyond the exercise's usual range.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from programs.content import ExerciseContent
from programs.dose import MEASURE_FIELDS
from sessions.alert_rules import TOO_EASY, TOO_HARD, UNSURE

Kind = Literal["progress", "regress", "show_again"]
KINDS: Mapping[str, Kind] = {TOO_EASY: "progress", TOO_HARD: "regress", UNSURE: "show_again"}
# One step of each quantity; sets are changed only where the amount itself is at its end.
STEPS: Mapping[str, int] = {
    "repetitions": 2, "hold_seconds": 5, "duration_seconds": 60, "distance_m": 10, "steps": 100,
    "sets": 1,
}  # fmt: skip


class DoseStep(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity of the dose, as it is prescribed and as it might be; the name is the dose's."""

    quantity: str
    now: int
    then: int


class NextStep(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a therapist might do about a line.

    `variants` are the catalogue's easier or harder ways of the exercise, or for `show_again` its
    steps. `dose` is null where the dose is at the end of its usual range, or no row is in force.
    """

    kind: Kind
    variants: tuple[str, ...]
    dose: DoseStep | None


def next_step(rule: str, content: ExerciseContent, dose: Mapping[str, Any] | None) -> NextStep:
    """Return the step for one of the suggestion rules; `dose` has the columns of DoseFields."""
    kind = KINDS[rule]
    if kind == "show_again":
        return NextStep(kind=kind, variants=content.steps, dose=None)
    is_up = kind == "progress"
    return NextStep(
        kind=kind,
        variants=content.harder if is_up else content.easier,
        dose=dose_step(content, dose, is_up=is_up) if dose else None,
    )


def dose_step(content: ExerciseContent, dose: Mapping[str, Any], *, is_up: bool) -> DoseStep | None:
    """Move the first quantity of the measure that has room within its usual range, sets last."""
    for quantity in (*MEASURE_FIELDS[dose["measure"]], "sets"):
        usual, now = getattr(content.usual_dose, quantity), dose[quantity]
        if usual is None or now is None:
            continue
        step = STEPS[quantity]
        then = min(now + step, usual.high) if is_up else max(now - step, usual.low)
        if (then > now) if is_up else (then < now):
            return DoseStep(quantity=quantity, now=now, then=then)
    return None
