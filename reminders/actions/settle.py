"""What becomes of claimed deliveries, written in the transaction that holds them, all at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from core.delivery import BACK_OFF
from core.ids import uuid7
from reminders import receipts
from reminders.channels.port import Outcome, Result
from reminders.claimed import Claimed
from reminders.models import Contact, Delivery
from reminders.rechecks import CHANNEL_LEFT, Fate, Stop

State = Delivery.State

SETTLE = """
UPDATE reminders_delivery AS delivery
SET state = new.state, reason = new.reason, attempts = new.attempts, last_error = new.error,
    next_at = coalesce(new.next_at, delivery.next_at),
    settled_at = CASE WHEN new.state = 'waiting' THEN NULL ELSE new.settled_at END,
    updated_at = now()
FROM unnest(%(ids)s::uuid[], %(states)s::text[], %(reasons)s::text[], %(attempts)s::smallint[],
            %(errors)s::text[], %(next_ats)s::timestamptz[], %(settled_ats)s::timestamptz[])
    AS new (id, state, reason, attempts, error, next_at, settled_at)
WHERE delivery.id = new.id
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Settled:
    id: UUID
    state: str
    reason: str
    attempts: int
    error: str
    next_at: dt.datetime | None
    settled_at: dt.datetime


@dataclass(kw_only=True)
class Settling:
    """What becomes of each delivery of a chunk; nothing is written before `write`."""

    rows: list[_Settled] = field(default_factory=list)
    instead: list[Delivery] = field(default_factory=list)
    planned_anew: list[UUID] = field(default_factory=list)
    received: list[UUID] = field(default_factory=list)

    def stop(self, it: Claimed, stop: Stop, *, now: dt.datetime) -> None:
        """Keep why it does not go out; what was moved goes, since the planner makes it anew."""
        if stop.fate is Fate.PLANNED_ANEW:
            self.planned_anew.append(it.id)
        elif stop.fate is Fate.PUT_OFF:
            self._add(it, State.WAITING, now=now, reason=stop.reason, next_at=stop.until)
        else:
            self._add(it, State(stop.fate.value), now=now, reason=stop.reason)
            if stop.reason == CHANNEL_LEFT:
                self.instead += _draft(it, it.channels[:1], now=now)

    def without_contact(self, it: Claimed, *, now: dt.datetime) -> None:
        """Nothing confirmed to send it to: the next channel carries it."""
        self._add(it, State.SUPPRESSED, now=now, reason="no_contact")
        self.instead += next_channel(it, now=now)

    def sent(self, it: Claimed, *, now: dt.datetime) -> None:
        """It was taken; its receipt is of no more use."""
        self.received.append(it.id)
        self._add(it, State.SENT, now=now, attempts=it.attempts + 1)

    def dead(self, outcome: Outcome, *, now: dt.datetime) -> None:
        """Disable what the provider says is there no longer, whether another place took it or not."""
        for contact, because in outcome.dead:
            if contact.disabled_at is None:
                contact.disable(Contact.Disabled(because), now=now)

    def not_sent(self, it: Claimed, outcome: Outcome, *, now: dt.datetime) -> None:
        """What failed for good is carried by the next channel."""
        self.put_off(it, outcome.error, now=now, for_good=outcome.result is Result.REFUSED)

    def put_off(self, it: Claimed, error: str, *, now: dt.datetime, for_good: bool = False) -> None:
        """Try again after 1, 5 and 25 minutes, then give up."""
        attempts = it.attempts + 1
        if for_good or it.attempts >= len(BACK_OFF):
            self._add(it, State.FAILED, now=now, attempts=attempts, error=error)
            self.instead += next_channel(it, now=now)
            return
        again = now + BACK_OFF[it.attempts]
        self._add(it, State.WAITING, now=now, attempts=attempts, error=error, next_at=again)

    def write(self) -> None:
        """Write everything, in one statement for each thing that there is."""
        if self.planned_anew:
            Delivery.objects.filter(pk__in=self.planned_anew).delete()
        if self.rows:
            with connection.cursor() as cursor:
                cursor.execute(SETTLE, self._values())
        if self.received:
            receipts.forget(self.received)
        if self.instead:
            Delivery.objects.bulk_create(self.instead, ignore_conflicts=True)

    def _add(
        self,
        it: Claimed,
        state: Delivery.State,
        *,
        now: dt.datetime,
        reason: str = "",
        error: str = "",
        attempts: int | None = None,
        next_at: dt.datetime | None = None,
    ) -> None:
        tried = it.attempts if attempts is None else attempts
        self.rows.append(
            _Settled(
                id=it.id, state=state.value, reason=reason, attempts=tried, error=error[:80],
                next_at=next_at, settled_at=now,
            )
        )  # fmt: skip

    def _values(self) -> dict[str, Any]:
        return {
            "ids": [row.id for row in self.rows],
            "states": [row.state for row in self.rows],
            "reasons": [row.reason for row in self.rows],
            "attempts": [row.attempts for row in self.rows],
            "errors": [row.error for row in self.rows],
            "next_ats": [row.next_at for row in self.rows],
            "settled_ats": [row.settled_at for row in self.rows],
        }


def go_on_by_next_channel(it: Claimed, *, now: dt.datetime) -> None:
    """Leave the same reminder to the channel that the patient put next, while it is of use."""
    Delivery.objects.bulk_create(next_channel(it, now=now), ignore_conflicts=True)


def next_channel(it: Claimed, *, now: dt.datetime) -> list[Delivery]:
    """Draft the same reminder for the channel that the patient put next; none after the last."""
    if it.kind != Delivery.Kind.REMINDER or not it.is_own or now >= it.expires_at:
        return []
    if it.channel not in it.channels:
        return []
    return _draft(it, it.channels[it.channels.index(it.channel) + 1 :][:1], now=now)


def _draft(it: Claimed, channels: Sequence[str], *, now: dt.datetime) -> list[Delivery]:
    return [
        Delivery(
            id=uuid7(), clinic_id=it.clinic_id, patient_id=it.patient_id,
            recipient_id=it.recipient_id, kind=it.kind, channel=channel, local_date=it.local_date,
            slot=it.slot, time_zone=it.time_zone, due_at=it.due_at, expires_at=it.expires_at,
            next_at=max(now, it.due_at), instead_of=it.id,
        )
        for channel in channels
    ]  # fmt: skip
