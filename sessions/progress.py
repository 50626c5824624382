"""What a run of answers says. An answer that was not given is null, never 0, and is left out."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction


def average_pain(answers: Iterable[int | None]) -> Fraction | None:
    """Return the exact mean of the pain scores that were given; 0 is an answer, null is none."""
    given = [answer for answer in answers if answer is not None]
    return Fraction(sum(given), len(given)) if given else None
