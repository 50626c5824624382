"""What failed for good is tried once more, where an operator says so and it is still of use."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from uuid import UUID

from clinics.actors import Actor
from core import audit
from core.errors import Forbidden
from core.tenancy import clinic_context
from reminders.models import Delivery


def retry_failed(*, clinic_id: UUID, by: Actor, now: dt.datetime) -> int:
    """
    Let a clinic's failed deliveries that have not expired start over; return how many there were.

    What the next channel carries on is left alone: it would reach the patient twice.

    :raises Forbidden: the actor is neither an operator nor the platform itself
    """
    if not (by.is_operator or by.acting_as == "system"):
        raise Forbidden
    with clinic_context(clinic_id):
        carried_on = Delivery.objects.filter(instead_of__isnull=False, expires_at__gt=now)
        failed = Delivery.objects.filter(state=Delivery.State.FAILED, expires_at__gt=now)
        failed = failed.exclude(pk__in=carried_on.values("instead_of"))
        number = failed.update(
            state=Delivery.State.WAITING, attempts=0, next_at=now, settled_at=None, last_error=""
        )
        if number:
            audit.record(
                action="deliveries_retried", by=replace(by, clinic_id=clinic_id), now=now,
                target="reminders.Delivery", details={"number": number},
            )  # fmt: skip
    return number
