"""Which times of the week a patient may choose together, and which number each of them keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

MINUTES_OF_A_DAY = 24 * 60
MINUTES_OF_A_WEEK = 7 * MINUTES_OF_A_DAY
LEAST_MINUTES_APART = 30


@dataclass(frozen=True)
class Chosen:
    """A local time and the ISO weekdays on which it counts; `slot` where the patient named one."""

    at: dt.time
    weekdays: frozenset[int]
    slot: int | None = None

    def minutes(self) -> Iterator[int]:
        """Yield when it is, in minutes since the week began."""
        for day in self.weekdays:
            yield (day - 1) * MINUTES_OF_A_DAY + self.at.hour * 60 + self.at.minute


def minutes_apart(one: Chosen, other: Chosen) -> int:
    """Return how near two times ever come, the nights and the end of the week included."""
    distances = (
        (a - b) % MINUTES_OF_A_WEEK for a, b in product(one.minutes(), other.minutes())
    )  # fmt: skip
    return min(min(each, MINUTES_OF_A_WEEK - each) for each in distances)


def numbered(
    chosen: Sequence[Chosen],
    before: Mapping[int, dt.time],
    *,
    most: int,
    lately: Collection[int] = (),
) -> list[int]:
    """
    Return the slot of each time: the one it names, else that of the same time before, else a free one.

    What went out today is remembered by the slot, so a time that is only moved keeps its own, and
    what was due `lately` gives its slot away last: a new time in it would not come today.
    """
    taken = {one.slot for one in chosen if one.slot is not None}
    slots: list[int | None] = []
    for one in chosen:
        slot = one.slot or _of_the_same_time(one, before, taken)
        slots.append(slot)
        if slot is not None:
            taken.add(slot)
    left = [slot for slot in range(1, most + 1) if slot not in taken]
    free = iter(sorted(left, key=lambda slot: (slot in lately, slot in before, slot)))
    return [next(free) if slot is None else slot for slot in slots]


def _of_the_same_time(one: Chosen, before: Mapping[int, dt.time], taken: set[int]) -> int | None:
    return next((slot for slot, at in before.items() if at == one.at and slot not in taken), None)
