"""Which earlier score a score is compared with, among all that are kept of a patient. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from programs.content import MeasureContent
from programs.score_changes import Reading, alike, read_change
from programs.scores import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A score that counts: of which instrument, on which date."""

    id: UUID
    slug: str
    on: dt.date
    score: Score


@dataclass(frozen=True, slots=True)
class Since:
    """A change and the score that it is measured from."""

    earlier: Kept
    reading: Reading


def previous(history: Sequence[Kept], later: Kept) -> Kept | None:
    """Return the last score alike before, `unable` included."""
    return max(_before(history, later), key=lambda one: (one.on, one.id), default=None)


def first(history: Sequence[Kept], later: Kept) -> Kept | None:
    """Return the first number alike before: the baseline of the patient's care."""
    numbers = (one for one in _before(history, later) if one.score.value is not None)
    return min(numbers, key=lambda one: (one.on, one.id), default=None)


def change_since(
    content: MeasureContent, earlier: Kept | None, later: Kept, history: Sequence[Kept]
) -> Since | None:
    """Read a change; its subgroup is by what was known on the earlier one's date."""
    if earlier is None:
        return None

    def baseline_of(slug: str, variant: str) -> Decimal | None:
        if (slug, variant) == (earlier.slug, earlier.score.variant):
            return earlier.score.value
        return known_score(history, slug, variant, on=earlier.on)

    reading = read_change(content, earlier.score, later.score, baseline_of=baseline_of)
    return Since(earlier, reading) if reading else None


def known_score(history: Sequence[Kept], slug: str, variant: str, *, on: dt.date) -> Decimal | None:
    """Return the latest number of an instrument and variant up to a date, whatever the aid."""
    known = [
        one
        for one in history
        if one.slug == slug
        and one.score.variant == variant
        and one.score.value is not None
        and one.on <= on
    ]
    latest = max(known, key=lambda one: (one.on, one.id), default=None)
    return latest.score.value if latest else None


def _before(history: Sequence[Kept], later: Kept) -> list[Kept]:
    return [
        one
        for one in history
        if one.slug == later.slug and one.on < later.on and alike(one.score, later.score)
    ]
