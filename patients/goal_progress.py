"""How far a goal is, exactly. Pure."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def progress(*, baseline: Decimal, target: Decimal, now: Decimal) -> Fraction:
    """
    Return (now - baseline) ÷ (target - baseline), from 0 to 1.

    The direction is the target's: it may lie below the baseline, as a time does.
    """
    way = Fraction(now - baseline) / Fraction(target - baseline)
    return min(Fraction(1), max(Fraction(0), way))


def is_reached(*, baseline: Decimal, target: Decimal, now: Decimal) -> bool:
    return now >= target if target > baseline else now <= target
