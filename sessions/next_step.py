"""
The next step that the catalogue knows of: a harder or easier way, and the dose a little up or down.

A proposal to a therapist, with its reason; nothing changes a prescription on its own. How large a
step is, is our own judgement: small beside what is done now, to an amount that a person would say,
and never beyond the exercise's usual range.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from programs.content import ExerciseContent
from programs.dose import MEASURE_FIELDS, RANGES
from sessions.alert_rules import TOO_EASY, TOO_HARD, UNSURE

Kind = Literal["progress", "regress", "show_again"]
KINDS: Mapping[str, Kind] = {TOO_EASY: "progress", TOO_HARD: "regress", UNSURE: "show_again"}
# The most that one step changes of each quantity; sets change only where the amount is at its end.
STEPS: Mapping[str, int] = {
    "repetitions": 2, "hold_seconds": 5, "duration_seconds": 60, "distance_m": 10, "steps": 100,
    "sets": 1,
}  # fmt: skip
LARGEST_SHARE = 4  # and never more than a quarter of what it is now, but at least 1
# What people count in: a step as long as one of these ends on a whole number of it.
SECONDS_SAID = (60, 30, 15, 10, 5)
AMOUNTS_SAID = (100, 50, 10, 5)


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
        least, most = RANGES[quantity]
        moved = one_step(quantity, now, is_up=is_up)
        then = min(moved, usual.high, most) if is_up else max(moved, usual.low, least)
        if (then > now) if is_up else (then < now):
            return DoseStep(quantity=quantity, now=now, then=then)
    return None


def one_step(quantity: str, now: int, *, is_up: bool) -> int:
    """Return an amount one small step up or down, rounded towards what it is now."""
    longest = max(1, min(STEPS[quantity], now // LARGEST_SHARE))
    said = SECONDS_SAID if quantity.endswith("_seconds") else AMOUNTS_SAID
    unit = next((each for each in said if each <= longest), 1)
    if is_up:
        return (now + longest) // unit * unit
    return -((longest - now) // unit * unit)
