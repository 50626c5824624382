"""What the deliveries of a week have alike."""

from __future__ import annotations

from typing import Any

from clinics.models import Clinic
from reminders.models import Channel, Delivery
from reminders.telling import Telling


def mail_of(telling: Telling, clinic: Clinic, *, kind: Delivery.Kind) -> dict[str, Any]:
    """Return the columns that are the same for everybody who is told of a week by mail."""
    return {
        "clinic_id": clinic.pk,
        "kind": kind.value,
        "channel": Channel.EMAIL.value,
        "local_date": telling.week,
        "slot": 0,
        "time_zone": telling.zone_name,
        "due_at": telling.due_at,
        "expires_at": telling.expires_at,
        "state": Delivery.State.WAITING.value,
        "reason": "",
        "attempts": 0,
        "last_error": "",
    }
