"""Claimed deliveries with everything that decides whether they still go out, in one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final
from uuid import UUID

from django.db import connection

from reminders.models import Contact
from reminders.quiet_hours import QuietHours

CLAIMED = (Path(str(files("reminders"))) / "sql" / "claimed.sql").read_text(encoding="utf-8")


_OF_CONTACT: Final = (
    "id", "clinic_id", "user_id", "channel", "address", "push_key", "push_secret",
)  # fmt: skip


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
    received_at: dt.datetime | None
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
    contact_ids: Sequence[UUID] | None
    addresses: Sequence[str] | None
    push_keys: Sequence[str] | None
    push_secrets: Sequence[str] | None
    slot_at: dt.time | None
    slot_weekdays: int

    def contacts(self) -> list[Contact]:
        """Where it can go: what is confirmed and not disabled, the newest first."""
        known = (self.contact_ids, self.addresses, self.push_keys, self.push_secrets)
        return [
            Contact.from_db(
                connection.alias, _OF_CONTACT,
                [pk, self.clinic_id, self.recipient_id, self.channel, address, key, secret],
            )
            for pk, address, key, secret in zip(*(values or () for values in known), strict=True)
        ]  # fmt: skip

    @property
    def quiet(self) -> tuple[QuietHours, ...]:
        """The clinic's quiet hours, and the patient's, who may only widen them."""
        return (
            QuietHours(begins=self.clinic_quiet_from, ends=self.clinic_quiet_until),
            QuietHours(begins=self.quiet_from, ends=self.quiet_until),
        )


def claim(*, now: dt.datetime, most: int, without: Collection[str] = ()) -> list[Claimed]:
    """
    Lock what is due longest of one clinic, passing over channels and what another worker has.

    The transaction then sees that clinic's rows. Nothing where nothing is due.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT claim_deliveries(%s, %s::text[], %s)", [now, sorted(without), most])
        row = cursor.fetchone()
    return _read(row[0], now=now) if row and row[0] else []


def read_claimed(delivery_id: UUID, *, now: dt.datetime) -> Claimed:
    """Return a delivery of the context's clinic, as it is now."""
    [found] = _read([delivery_id], now=now)
    return found


def _read(keys: list[UUID], *, now: dt.datetime) -> list[Claimed]:
    with connection.cursor() as cursor:
        cursor.execute(CLAIMED, {"ids": keys, "now": now})
        names = [column.name for column in cursor.description or ()]
        rows = cursor.fetchall()
    told = (dict(zip(names, row, strict=True)) for row in rows)
    return [Claimed(**one | {"channels": tuple(one["channels"])}) for one in told]
