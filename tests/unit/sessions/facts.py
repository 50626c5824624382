"""Ana Silva's doses, checks and results as plain facts, for the tests of the pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sessions.credit import SetDone
from sessions.feedback import ResultFacts


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A dose as a row would hold it."""

    sets: int = 1
    repetitions: int | None = None
    repetitions_max: int | None = None
    hold_seconds: int | None = None
    duration_seconds: int | None = None
    distance_m: int | None = None
    steps: int | None = None
    load_kg: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """A check as the catalogue would hold it."""

    id: str
    right: str = "yes"
    fix: str = "Take a smaller step back."
    fault: int | None = None
    safety: bool = False
    optional: bool = False


HEEL_DOWN = Question(id="heel-down", fix="Take a smaller step back.", fault=0)
KNEE_STRAIGHT = Question(id="knee-straight", fix="Push the knee straight first.", fault=1)
BODY_ROLLED = Question(id="body-rolled", right="no", fix="Cross a shorter way.")
NO_HANDS = Question(id="no-hands", optional=True, fix="Use your hands less.")
FELT_SAFE = Question(id="felt-safe", safety=True, fix="Hold on to a rail.")
EVERY_CHECK = (HEEL_DOWN, KNEE_STRAIGHT, BODY_ROLLED, NO_HANDS, FELT_SAFE)

THREE_BY_TEN = Asked(sets=3, repetitions=10)
EIGHT_TO_TWELVE = Asked(sets=2, repetitions=8, repetitions_max=12)
FIVE_HOLDS = Asked(sets=2, repetitions=5, hold_seconds=20)
TEN_MINUTES = Asked(sets=1, duration_seconds=600)
THREE_HUNDRED_METRES = Asked(sets=1, distance_m=300)
THOUSAND_STEPS = Asked(sets=1, steps=1000)


def reps(*counts: int, load_kg: str | None = None) -> list[SetDone]:
    load = None if load_kg is None else Decimal(load_kg)
    return [SetDone(repetitions=count, load_kg=load) for count in counts]


def holds(*pairs: tuple[int, int]) -> list[SetDone]:
    return [SetDone(repetitions=count, hold_seconds=seconds) for count, seconds in pairs]


def seconds(*counts: int) -> list[SetDone]:
    return [SetDone(duration_seconds=count) for count in counts]


def metres(*counts: int) -> list[SetDone]:
    return [SetDone(distance_m=count) for count in counts]


def steps(*counts: int) -> list[SetDone]:
    return [SetDone(steps=count) for count in counts]


def result(**changes: Any) -> ResultFacts:
    """Ana's left leg, 3 times 10 on fixed weekdays, all of it done, nothing else answered."""
    usual: dict[str, Any] = {
        "measure": "repetitions",
        "dose": THREE_BY_TEN,
        "schedule": "weekdays",
        "side": "left",
        "sets": reps(10, 10, 10),
        "skipped": "",
        "checks": {},
        "definitions": EVERY_CHECK,
        "pain": None,
        "best_before": None,
    }
    return ResultFacts(**(usual | changes))
