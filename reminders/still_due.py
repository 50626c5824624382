"""Whether a reminder still has something to remind of: what the day asks for, as it is now."""

from __future__ import annotations

from reminders.claimed import Claimed
from reminders.rechecks import REMINDER, Fate, Stop
from sessions.adherence import LineDay, day_state


def nothing_left(it: Claimed) -> Stop | None:
    """Return why there is nothing to remind of; None while something due that day is undone."""
    if it.kind != REMINDER or it.patient_id is None:
        return None
    lines = day_state(patient_id=it.patient_id, day=it.local_date)
    if any(line.is_due for line in lines):
        return None
    return Stop(fate=Fate.SUPPRESSED, reason=_why(lines))


def _why(lines: list[LineDay]) -> str:
    if any(line.is_excused for line in lines):
        return "told_to_stop"
    return "all_done" if any(line.done for line in lines) else "nothing_due"
