"""What the sets of one result earn against the dose of its row, exactly: whole numbers only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from programs.dose import MEASURE_FIELDS

# Seconds and metres may pass their target by this much before a set goes beyond the dose.
TOLERANCE = Fraction(1, 10)
TOLERATED = frozenset({"hold_seconds", "duration_seconds", "distance_m"})


class Amounts(Protocol):
    """What one set holds. `SetDone`, a set of an upload and a prescribed row all are this."""

    @property
    def repetitions(self) -> int | None: ...
    @property
    def hold_seconds(self) -> int | None: ...
    @property
    def duration_seconds(self) -> int | None: ...
    @property
    def distance_m(self) -> int | None: ...
    @property
    def steps(self) -> int | None: ...
    @property
    def load_kg(self) -> Decimal | float | None: ...


class Dose(Amounts, Protocol):
    """What a row asks for: so many sets of these amounts. A `PrescribedExercise` is one."""

    @property
    def sets(self) -> int: ...
    @property
    def repetitions_max(self) -> int | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDone:
    """One set as it was logged; an amount that was not said is None, which is not 0."""

    repetitions: int | None = None
    hold_seconds: int | None = None
    duration_seconds: int | None = None
    distance_m: int | None = None
    steps: int | None = None
    load_kg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """
    The sum of the sets' credits as `numerator` ÷ `denominator`, not reduced.

    The denominator is the product of the row's targets, so that the credits of all results of one
    row add up without a common denominator having to be found.
    """

    numerator: int
    denominator: int

    @property
    def value(self) -> Fraction:
        return Fraction(self.numerator, self.denominator)


class AmountMissing(ValueError):
    """A set does not say an amount that its line's measure is made of, or a row does not ask it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def missing_amounts(done: Amounts, measure: str) -> tuple[str, ...]:
    """Name the amounts of the measure that a set leaves out; an upload is refused with them."""
    return tuple(name for name in MEASURE_FIELDS[measure] if getattr(done, name) is None)


def amounts_of(done: Amounts, measure: str) -> tuple[int, ...]:
    """Return a set's amounts in its measure, in the order of `MEASURE_FIELDS`."""
    names = MEASURE_FIELDS[measure]
    amounts = tuple([getattr(done, name) for name in names])
    if None in amounts:
        raise AmountMissing(names[amounts.index(None)])
    return amounts


def target_of(measure: str, dose: Dose) -> tuple[int, ...]:
    """Return what one set is to reach, in the same order; the lower end where there is a range."""
    return amounts_of(dose, measure)


def denominator_of(measure: str, dose: Dose) -> int:
    """Return the denominator that all credits against a row share: the product of its targets."""
    return math.prod(target_of(measure, dose))


def credit(sets: Sequence[Amounts], measure: str, dose: Dose) -> Credit:
    """Sum min(1, achieved ÷ target) over the sets; for `hold` the product of its two shares."""
    targets = target_of(measure, dose)
    earned = sum(_earned(amounts_of(done, measure), targets) for done in sets)
    return Credit(earned, denominator_of(measure, dose))


def completion(earned: Credit, sets: int) -> Fraction:
    """Return min(1, credit ÷ the row's sets)."""
    return min(Fraction(1), earned.value / sets)


def counts_as_zero(done: Amounts, measure: str) -> bool:
    """Tell whether any amount of the set's measure is 0."""
    return 0 in amounts_of(done, measure)


def total(sets: Sequence[Amounts], measure: str) -> int:
    """Sum what was achieved, uncapped; for `hold` in repetitions times seconds."""
    return sum(math.prod(amounts_of(done, measure)) for done in sets)


def best_set(sets: Sequence[Amounts], measure: str) -> int:
    """Return the most that one set achieved, in the unit of `total`; 0 without any."""
    return max((math.prod(amounts_of(done, measure)) for done in sets), default=0)


def exceeded(sets: Sequence[Amounts], measure: str, dose: Dose, earned: Credit) -> bool:
    """
    Tell whether the whole dose was done, by the credit of its sets, and something went beyond it.

    That is an extra set, a set beyond the upper end of its range (beyond its target where there
    is no range; for seconds and metres by more than 10 %), or more than the prescribed load. For
    `hold` each of its two amounts is looked at alone. A set that counts as 0 exceeds nothing, and
    a load where none was prescribed is compared with nothing.
    """
    if completion(earned, dose.sets) < 1:
        return False
    real = [done for done in sets if not counts_as_zero(done, measure)]
    return len(real) > dose.sets or any(_goes_beyond(done, measure, dose) for done in real)


def _earned(achieved: tuple[int, ...], targets: tuple[int, ...]) -> int:
    return math.prod(min(each) for each in zip(achieved, targets, strict=True))


def _goes_beyond(done: Amounts, measure: str, dose: Dose) -> bool:
    if any(_amount(done, name) > _ceiling(name, dose) for name in MEASURE_FIELDS[measure]):
        return True
    if done.load_kg is None or dose.load_kg is None:
        return False
    return done.load_kg > dose.load_kg


def _ceiling(name: str, dose: Dose) -> Fraction:
    target = Fraction(_amount(dose, name))
    if name == "repetitions" and dose.repetitions_max is not None:
        return Fraction(dose.repetitions_max)
    return target * (1 + TOLERANCE) if name in TOLERATED else target


def _amount(source: Amounts, name: str) -> int:
    amount: int | None = getattr(source, name)
    if amount is None:
        raise AmountMissing(name)
    return amount
