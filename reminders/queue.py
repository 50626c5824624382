"""What waits and what became of the last day's deliveries, of all clinics: numbers alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db import connection

A_DAY = dt.timedelta(days=1)
# Beyond this something is wrong: a look comes every half minute, and back-off shows in `next_at`.
LAGS_AFTER = dt.timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """Deliveries of one kind, channel, state, reason and last error."""

    kind: str
    channel: str
    state: str
    reason: str
    error: str
    number: int
    oldest_due_at: dt.datetime | None
    worst_lateness: dt.timedelta | None


@dataclass(frozen=True, kw_only=True)
class Queue:
    """`waiting`: due and not yet dealt with. The rest was settled within a day before `at`."""

    at: dt.datetime
    counts: tuple[Count, ...] = field(default_factory=tuple)

    def number(self, state: str) -> int:
        return sum(count.number for count in self.counts if count.state == state)

    @property
    def oldest_due_at(self) -> dt.datetime | None:
        due = (count.oldest_due_at for count in self.counts if count.oldest_due_at)
        return min(due, default=None)

    @property
    def lag(self) -> dt.timedelta:
        """How long what is due longest has waited for its turn."""
        return self.at - self.oldest_due_at if self.oldest_due_at else dt.timedelta(0)

    @property
    def is_lagging(self) -> bool:
        return self.lag > LAGS_AFTER

    @property
    def worst_lateness(self) -> dt.timedelta:
        """The longest that something sent came after its time."""
        late = (count.worst_lateness for count in self.counts if count.worst_lateness)
        return max(late, default=dt.timedelta(0))


def read_lag(*, now: dt.datetime) -> dt.timedelta:
    """Return how long what is due longest has waited: one look into an index, for probes."""
    oldest = _oldest_due_at(now)
    return now - oldest if oldest else dt.timedelta(0)


def is_something_due(*, now: dt.datetime) -> bool:
    """Say whether anything is to be sent, in any clinic: the same look."""
    return _oldest_due_at(now) is not None


def _oldest_due_at(now: dt.datetime) -> dt.datetime | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT oldest_delivery(%s)", [now])
        row = cursor.fetchone()
    return row[0] if row else None


def read_queue(*, now: dt.datetime) -> Queue:
    """Return the queue as it is, in one statement that needs no clinic's context."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM delivery_counts(%s, %s)", [now, now - A_DAY])
        rows = cursor.fetchall()
    names = (
        "kind", "channel", "state", "reason", "error", "number", "oldest_due_at", "worst_lateness",
    )  # fmt: skip
    counts = [Count(**dict(zip(names, row, strict=True))) for row in rows]
    order = sorted(
        counts, key=lambda one: (one.state, one.kind, one.channel, one.reason, one.error)
    )
    return Queue(at=now, counts=tuple(order))
