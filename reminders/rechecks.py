"""
Why a delivery that was planned does not go out after all: looked at when it is claimed.

The rules in their order; the first that applies is kept as the row's reason. Pure: what is
looked at is passed in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from reminders.wall_clock import instant_of

if TYPE_CHECKING:
    from reminders.claimed import Claimed

REMINDER: Final = "reminder"
WEEKLY_SUMMARY: Final = "weekly_summary"
DIGEST: Final = "digest"
# The patient chose other channels since: the first of those carries it.
CHANNEL_LEFT: Final = "channel_left"


class Fate(Enum):
    """What becomes of a delivery that does not go out now."""

    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    PUT_OFF = "put_off"
    PLANNED_ANEW = "planned_anew"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """`until`: when what is put off is looked at again."""

    fate: Fate
    reason: str
    until: dt.datetime | None = None


def _is_reminding_paused(it: Claimed) -> bool:
    is_over = it.paused_until is not None and it.local_date > it.paused_until
    return it.is_reminding_paused and not is_over


_OF_PATIENTS: Final = {REMINDER, WEEKLY_SUMMARY}
_EVERY: Final = {*_OF_PATIENTS, DIGEST}

# Reason, for which kinds, and whether it applies: who it is for, then whether it is wanted.
RULES: Final[Sequence[tuple[str, Collection[str], Callable[[Claimed], bool]]]] = (
    ("clinic_archived", _EVERY, lambda it: it.is_archived),
    ("login_ended", _EVERY, lambda it: not it.is_login_active),
    ("membership_ended", {DIGEST}, lambda it: not it.is_working_therapist),
    ("discharged", _OF_PATIENTS, lambda it: it.is_discharged),
    ("consent_revoked", _OF_PATIENTS, lambda it: not it.is_own and not it.is_carer),
    ("not_copied", _OF_PATIENTS, lambda it: not it.is_own and not it.copies_carers),
    ("stopped", {WEEKLY_SUMMARY, DIGEST}, lambda it: it.are_summaries_stopped),
    ("stopped", {REMINDER}, lambda it: it.is_reminding_stopped),
    ("reminders_paused", {REMINDER}, _is_reminding_paused),
    ("paused", {REMINDER}, lambda it: it.is_paused),
    ("overtaken", {REMINDER}, lambda it: it.is_overtaken),
    (CHANNEL_LEFT, {REMINDER}, lambda it: it.is_own and it.channel not in it.channels),
)


def stop_of(it: Claimed, *, now: dt.datetime) -> Stop | None:
    """Return why a claimed delivery does not go out now; None where nothing stands against it."""
    if now > it.expires_at:
        return Stop(fate=Fate.EXPIRED, reason="late")
    reason = next((why for why, kinds, holds in RULES if it.kind in kinds and holds(it)), "")
    if reason:
        return Stop(fate=Fate.SUPPRESSED, reason=reason)
    if it.kind == REMINDER and _is_moved(it):
        return Stop(fate=Fate.PLANNED_ANEW, reason="moved")
    return _quiet(it, now=now)


def _is_moved(it: Claimed) -> bool:
    """Whether its slot, or the patient's zone, is another since it was planned."""
    if it.slot_at is None or not it.slot_weekdays >> it.local_date.weekday() & 1:
        return True
    return instant_of(it.local_date, it.slot_at, it.time_zone) != it.due_at


def _quiet(it: Claimed, *, now: dt.datetime) -> Stop | None:
    """In quiet hours a reminder is dropped; what comes once a week waits for their end."""
    if not any(hours.cover_instant(now, it.time_zone) for hours in it.quiet):
        return None
    if it.kind == REMINDER:
        return Stop(fate=Fate.SUPPRESSED, reason="quiet_hours")
    until = max(hours.end_after(now, it.time_zone) for hours in it.quiet)
    return Stop(fate=Fate.PUT_OFF, reason="quiet_hours", until=until)
