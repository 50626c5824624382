"""What becomes of a claimed delivery, written in the transaction that holds it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection

from core.delivery import BACK_OFF
from core.ids import uuid7
from reminders.channels.port import Outcome, Result
from reminders.claimed import Claimed
from reminders.models import Contact, Delivery
from reminders.rechecks import Fate, Stop

State = Delivery.State

SETTLE = """
UPDATE reminders_delivery
SET state = %(state)s::text, reason = %(reason)s::text, attempts = %(attempts)s::smallint,
    last_error = %(error)s::text, next_at = coalesce(%(next_at)s::timestamptz, next_at),
    settled_at = CASE WHEN %(state)s::text = 'waiting' THEN NULL ELSE %(now)s::timestamptz END,
    updated_at = now()
WHERE id = %(id)s::uuid
"""


def settle_stopped(it: Claimed, stop: Stop, *, now: dt.datetime) -> None:
    """Keep why it does not go out; what was moved goes, since the planner makes it anew."""
    if stop.fate is Fate.PLANNED_ANEW:
        Delivery.objects.filter(pk=it.id).delete()
    elif stop.fate is Fate.PUT_OFF:
        _store(it, State.WAITING, now=now, reason=stop.reason, next_at=stop.until)
    else:
        _store(it, State(stop.fate.value), now=now, reason=stop.reason)


def settle_without_contact(it: Claimed, *, now: dt.datetime) -> None:
    """Nothing confirmed to send it to: the next channel carries it."""
    _store(it, State.SUPPRESSED, now=now, reason="no_contact")
    go_on_by_next_channel(it, now=now)


def settle_sent(it: Claimed, outcome: Outcome, *, now: dt.datetime) -> None:
    """Keep what the provider answered. What failed for good is carried by the next channel."""
    for contact, because in outcome.dead:
        if contact.disabled_at is None:
            contact.disable(Contact.Disabled(because), now=now)
    if outcome.result is Result.TAKEN:
        _store(it, State.SENT, now=now, attempts=it.attempts + 1)
    else:
        put_off(it, outcome.error, now=now, for_good=outcome.result is Result.REFUSED)


def put_off(it: Claimed, error: str, *, now: dt.datetime, for_good: bool = False) -> None:
    """Try again after 1, 5 and 25 minutes, then give up."""
    if for_good or it.attempts >= len(BACK_OFF):
        _store(it, State.FAILED, now=now, attempts=it.attempts + 1, error=error)
        go_on_by_next_channel(it, now=now)
        return
    again = now + BACK_OFF[it.attempts]
    _store(it, State.WAITING, now=now, attempts=it.attempts + 1, error=error, next_at=again)


def _store(
    it: Claimed,
    state: Delivery.State,
    *,
    now: dt.datetime,
    reason: str = "",
    error: str = "",
    attempts: int | None = None,
    next_at: dt.datetime | None = None,
) -> None:
    values: dict[str, Any] = {
        "id": it.id, "state": state.value, "reason": reason, "error": error[:80], "now": now,
        "attempts": it.attempts if attempts is None else attempts, "next_at": next_at,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, values)


def go_on_by_next_channel(it: Claimed, *, now: dt.datetime) -> None:
    """Leave the same reminder to the channel that the patient put next, while it is of use."""
    if it.kind != Delivery.Kind.REMINDER or not it.is_own or now >= it.expires_at:
        return
    if it.channel not in it.channels:
        return
    rest = it.channels[it.channels.index(it.channel) + 1 :]
    if not rest:
        return
    instead = Delivery(
        id=uuid7(), clinic_id=it.clinic_id, patient_id=it.patient_id, recipient_id=it.recipient_id,
        kind=it.kind, channel=rest[0], local_date=it.local_date, slot=it.slot,
        time_zone=it.time_zone, due_at=it.due_at, expires_at=it.expires_at,
        next_at=max(now, it.due_at), instead_of_id=it.id,
    )  # fmt: skip
    Delivery.objects.bulk_create([instead], ignore_conflicts=True)
