"""The epoch that cursors of the changes feed carry: how phones learn of a restored database."""

from __future__ import annotations

import datetime as dt
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from core import audit
from core.models import Epoch

NAME: Final = "changes"


def epoch() -> QuerySet[Epoch, UUID]:
    """The epoch now, as a subquery of one value."""
    return Epoch.objects.filter(name=NAME).values_list("value", flat=True)


def begin_epoch(*, by: audit.Who, now: dt.datetime) -> UUID:
    """
    Begin a new epoch and return it: random, so it is none that a backup or a phone may hold.

    Only the role that owns the tables may: nothing that serves people can tell phones to start over.
    """
    value = uuid4()
    with transaction.atomic():
        Epoch.objects.update_or_create(name=NAME, defaults={"value": value, "began_at": now})
        audit.record(action="epoch_begun", by=by, now=now, target="core.Epoch", target_id=value)
    return value
