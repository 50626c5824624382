"""The shapes of what the care team sees of a patient's reminders: never a whole address."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from reminders.bodies.preferences import ChannelName, ReminderChoice


class ContactSeen(msgspec.Struct, kw_only=True):
    """`disabled_because`: `bounced`, `gone`, `complained`, or empty where it works."""

    id: UUID
    channel: ChannelName
    address: str
    confirmed_at: dt.datetime | None
    disabled_at: dt.datetime | None
    disabled_because: str
    disabled_words: str


class DeliverySeen(msgspec.Struct, kw_only=True):
    """What was to go out, to the patient or to a carer, and what became of it."""

    id: UUID
    kind: str
    channel: ChannelName
    to: str
    local_date: dt.date
    slot: int
    due_at: dt.datetime
    state: str
    state_words: str
    reason: str
    attempts: int
    settled_at: dt.datetime | None


class PatientReminders(msgspec.Struct, kw_only=True):
    """`deliveries`: the last twenty, the latest first."""

    choice: ReminderChoice
    contacts: list[ContactSeen]
    deliveries: list[DeliverySeen]
