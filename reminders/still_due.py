"""Whether reminders still have something to remind of: what the day asks for, as it is now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby
from uuid import UUID

from reminders.claimed import Claimed
from reminders.rechecks import REMINDER, Fate, Stop
from sessions.day_state import LineDay, day_states


def nothing_left(claimed: Iterable[Claimed]) -> dict[UUID, Stop]:
    """
    Return why there is nothing to remind of, by the delivery's key.

    A reminder is left out while something due on its date is undone, and so is what is no reminder.
    One statement for each date.
    """
    reminders = sorted((it for it in claimed if it.kind == REMINDER), key=_date)
    stops = {}
    for day, group in groupby(reminders, key=_date):
        same = list(group)
        patients = {it.patient_id for it in same if it.patient_id is not None}
        states = day_states(patient_ids=patients, day=day)
        for it in same:
            assert it.patient_id is not None  # a reminder is a patient's
            lines = states.get(it.patient_id, [])
            if not any(line.is_due for line in lines):
                stops[it.id] = Stop(fate=Fate.SUPPRESSED, reason=_why(lines))
    return stops


def _date(it: Claimed) -> dt.date:
    return it.local_date


def _why(lines: Sequence[LineDay]) -> str:
    if any(line.is_excused for line in lines):
        return "told_to_stop"
    return "all_done" if any(line.done for line in lines) else "nothing_due"
