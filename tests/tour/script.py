"""The script: who plays, what is prescribed, and what is done. Chapters play it, figures add it up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from tests.tour.clock import DAY, WEEK, StoryClock
from tests.tour.figures import Amounts, Done, Row

CLINIC_NAME = "Meridian Clinic"
CLINIC_PHONE = "+351 210 555 000"
COUNTRY = "PT"
EMERGENCY_NUMBER = "112"
THERAPIST_NAME = "Marta Dias"
PATIENT_NAME = "Ana Silva"
OTHER_NAME = "Bruno Reis"
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)

# The lines of the story by name: those of the earlier plan, then those of today's.
OLD_WALK, OLD_STRETCH, OLD_PRESS = "earlier walk", "earlier stretch", "earlier leg press"
STRETCH, CROSSOVER, TWIST = "wall stretch", "leg crossover", "knee twist"
HUG, WALK, PRESS = "knee hug", "walk", "leg press"
OUTSIDE = "walk outside"
SIX = (STRETCH, CROSSOVER, TWIST, HUG, WALK, PRESS)
SIX_IN_THE_CATALOGUE = (
    "Wall stretch",
    "Lying leg crossover",
    "Lying knee twist",
    "Knee hug",
    "Walking with a stick",
    "Leg press",
)
# One set of each measure, as a phone names its amounts.
AMOUNTS: dict[str, tuple[str, ...]] = {
    OLD_WALK: ("duration_seconds",),
    OLD_STRETCH: ("repetitions", "hold_seconds"),
    OLD_PRESS: ("repetitions",),
    STRETCH: ("repetitions", "hold_seconds"),
    CROSSOVER: ("repetitions", "hold_seconds"),
    TWIST: ("repetitions",),
    HUG: ("repetitions", "hold_seconds"),
    WALK: ("duration_seconds",),
    PRESS: ("repetitions",),
    OUTSIDE: ("distance_m",),
}
# Speeds in thousandths of a metre per second, distances in metres.
FIRST_SPEED, WEEK_AGO_SPEED, SPEED_TODAY, FAST_ENOUGH = 500, 620, 660, 700
REAL_CHANGE_IN_SPEED = 110
WALK_AT_FIRST, FAR_ENOUGH = 100, 200
TO_THE_BAKERY = "Walk to the bakery."
TO_THE_CLUB = "Keep up with the walking club."
# What the catalogue has beyond two sets of eight leg presses.
NEXT_PRESS: dict[str, Any] = {
    "kind": "progress",
    "variants": [
        "Add 2 to 5 kg when you can do 15 good ones.",
        "Weak leg alone with less weight.",
    ],
    "dose": {"quantity": "repetitions", "now": 8, "then": 10},
}


@dataclass(frozen=True, slots=True)
class Logins:
    """Those who sign in, and the password they share."""

    therapist: str
    patient: str
    other: str
    password: str


@dataclass(frozen=True, slots=True)
class EarlierPlan:
    """The plan of the two weeks before today's week, up to yesterday."""

    title: str
    first: dt.date
    last: dt.date
    press_grows_on: dt.date
    made_at: dt.datetime
    revised_at: dt.datetime

    @classmethod
    def of(cls, clock: StoryClock) -> EarlierPlan:
        first = clock.this_monday - 2 * WEEK
        grows = clock.this_monday - WEEK + 3 * DAY
        return cls(
            title="Until now",
            first=first,
            last=clock.days_ago(1),
            press_grows_on=grows,
            made_at=clock.at(first, 8),
            revised_at=clock.at(grows - DAY, 16),
        )


def earlier_rows(plan: EarlierPlan) -> list[Row]:
    """What the earlier plan asked for, in the story's own words."""
    whole: Any = {"first": plan.first, "last": plan.last}
    thrice: Any = {"line": OLD_PRESS, "target": (10,), "side": "both", "weekdays": (1, 3, 5)}
    return [
        Row(
            line=OLD_WALK, sets=1, target=(600,), side="left",
            weekdays=EVERY_DAY, per_day=2, **whole,
        ),
        Row(line=OLD_STRETCH, sets=2, target=(3, 20), side="each", per_week=3, **whole),
        Row(sets=2, first=plan.first, last=plan.press_grows_on - DAY, **thrice),
        Row(sets=3, first=plan.press_grows_on, last=plan.last, **thrice),
    ]  # fmt: skip


def todays_rows(today: dt.date, stretch_grows_on: dt.date) -> list[Row]:
    """What the six-exercise program asks for from today, with this patient's changes."""
    on: Any = {"first": today, "last": None}
    stretch: Any = {"line": STRETCH, "target": (3, 20), "side": "left", "weekdays": EVERY_DAY}
    return [
        Row(sets=2, first=today, last=stretch_grows_on - DAY, **stretch),
        Row(sets=3, first=stretch_grows_on, last=None, **stretch),
        Row(line=CROSSOVER, sets=1, target=(5, 10), side="left", per_week=5, **on),
        Row(line=TWIST, sets=2, target=(10,), side="both", weekdays=EVERY_DAY, **on),
        Row(line=HUG, sets=3, target=(5, 10), side="each", weekdays=(1, 3, 5, 7), **on),
        Row(line=WALK, sets=1, target=(600,), side="left", weekdays=EVERY_DAY, per_day=2, **on),
        Row(line=PRESS, sets=2, target=(8,), side="both", per_week=3, **on),
    ]


def program_changes() -> list[dict[str, Any]]:
    """How the shipped program is changed for Ana, in the API's words; the crossover stays as it is."""
    every_day = {"kind": "weekdays", "weekdays": list(EVERY_DAY), "times_per_day": 1}
    return [
        {
            "position": 1,
            "dose": {"measure": "hold", "sets": 2, "repetitions": 3, "hold_seconds": 20},
            "side": "affected",
            "schedule": every_day,
            "note": "Hold on to the kitchen worktop.",
        },
        {"position": 3, "dose": {"measure": "repetitions", "sets": 2, "repetitions": 10}},
        {
            "position": 4,
            "dose": {"measure": "hold", "sets": 3, "repetitions": 5, "hold_seconds": 10},
            "side": "each",
            "schedule": {"kind": "weekdays", "weekdays": [1, 3, 5, 7], "times_per_day": 1},
        },
        {"position": 5, "dose": {"measure": "duration", "sets": 1, "duration_seconds": 600}},
        {
            "position": 6,
            "dose": {
                "measure": "repetitions",
                "sets": 2,
                "repetitions": 8,
                "repetitions_max": 12,
                "load_kg": 20,
            },
        },
    ]


def stretch_of_three_sets(from_: dt.date) -> dict[str, Any]:
    """The revision of the wall stretch, in the API's words."""
    dose = {"measure": "hold", "sets": 3, "repetitions": 3, "hold_seconds": 20}
    return {"from": from_.isoformat(), "dose": dose}


def walked(*seconds: int) -> Done:
    return Done(OLD_WALK, "left", tuple((one,) for one in seconds))


def stretched(side: str, *sets: Amounts) -> Done:
    return Done(OLD_STRETCH, side, sets)


def pressed(*repetitions: int) -> Done:
    return Done(OLD_PRESS, "both", tuple((one,) for one in repetitions))


def walk_outside(exercise: str) -> dict[str, Any]:
    """Walks counted in metres, whenever she likes, in the API's words."""
    line = {
        "exercise": exercise,
        "dose": {"measure": "distance", "sets": 1, "distance_m": 100},
        "side": "affected",
        "schedule": {"kind": "as_needed"},
    }
    return {"title": "Outside", "items": [line]}


def speed_of(thousandths: int | None) -> dict[str, Any]:
    """Walking speed with a stick, in the API's words; without a score: what a goal is about."""
    how = {"measure": "gait_speed", "variant": "comfortable", "aid": "stick"}
    return how if thousandths is None else how | {"score": thousandths / 1000}
