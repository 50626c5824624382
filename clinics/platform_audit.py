"""What was done outside every clinic: operators read it there, and nobody else reads it at all."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from clinics.bodies import PlatformAuditQuery
from core.models import AuditEvent

DAY = dt.timedelta(days=1)


def platform_events(asked: PlatformAuditQuery) -> QuerySet[AuditEvent]:
    """Select the platform's own events; the database shows them outside every clinic alone."""
    found = AuditEvent.objects.filter(clinic_id=None)
    if asked.action is not None:
        found = found.filter(action=asked.action)
    if asked.actor is not None:
        found = found.filter(actor_id=asked.actor)
    if asked.target is not None:
        found = found.filter(target_id=asked.target)
    if asked.since is not None:
        found = found.filter(at__gte=_midnight(asked.since))
    if asked.until is not None:
        found = found.filter(at__lt=_midnight(asked.until) + DAY)
    return found


def filters_of(asked: PlatformAuditQuery) -> str:
    """Name the filters, which a cursor is bound to."""
    wanted = (asked.action, asked.actor, asked.target, asked.since, asked.until)
    return ":".join(str(one or "") for one in wanted)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
