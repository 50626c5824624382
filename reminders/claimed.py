"""A claimed delivery with everything that decides whether it still goes out, in one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from uuid import UUID

from django.db import connection

from reminders.quiet_hours import QuietHours

CLAIMED = (Path(str(files("reminders"))) / "sql" / "claimed.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """
    As `sql/claimed.sql` tells it, at the instant of the claim.

    `time_zone` and `language` are the patient's, of a digest the clinic's. The preferences of a
    patient who has chosen nothing are: no reminders, weekly summaries without counts.
    """

    id: UUID
    clinic_id: UUID
    patient_id: UUID | None
    recipient_id: UUID
    kind: str
    channel: str
    local_date: dt.date
    slot: int
    due_at: dt.datetime
    expires_at: dt.datetime
    attempts: int
    clinic_name: str
    clinic_phone: str
    is_archived: bool
    quiet_from: dt.time
    quiet_until: dt.time
    clinic_quiet_from: dt.time
    clinic_quiet_until: dt.time
    time_zone: str
    language: str
    is_login_active: bool
    is_own: bool
    is_discharged: bool
    is_working_therapist: bool
    is_carer: bool
    is_paused: bool
    is_overtaken: bool
    has_preferences: bool
    channels: tuple[str, ...]
    copies_carers: bool
    is_reminding_paused: bool
    paused_until: dt.date | None
    is_reminding_stopped: bool
    are_summaries_stopped: bool
    are_counts_wanted: bool
    slot_at: dt.time | None
    slot_weekdays: int

    @property
    def quiet(self) -> tuple[QuietHours, ...]:
        """The clinic's quiet hours, and the patient's, who may only widen them."""
        return (
            QuietHours(begins=self.clinic_quiet_from, ends=self.clinic_quiet_until),
            QuietHours(begins=self.quiet_from, ends=self.quiet_until),
        )


def claim(*, now: dt.datetime, without: Collection[str] = ()) -> Claimed | None:
    """
    Lock the delivery that is due longest, passing over channels and what another worker has.

    The transaction then sees the rows of its clinic. None where nothing is due.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT claim_delivery(%s, %s::text[])", [now, sorted(without)])
        row = cursor.fetchone()
        if row is None or row[0] is None:
            return None
        return read_claimed(row[0], now=now)


def read_claimed(delivery_id: UUID, *, now: dt.datetime) -> Claimed:
    """Return a delivery of the context's clinic, as it is now."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIMED, {"id": delivery_id, "now": now})
        row = cursor.fetchone()
        assert row is not None  # it is locked by this transaction
        names = [column.name for column in cursor.description or ()]
    told = dict(zip(names, row, strict=True))
    return Claimed(**told | {"channels": tuple(told["channels"])})
