"""Raising, acknowledging and resolving alerts. Raising is part of the write that causes it."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from core import audit
from core.errors import Conflict, NotFound
from patients.actions.change import lock_patient
from sessions.models import Alert

ACKNOWLEDGING = ("status", "acknowledged_by", "acknowledged_at", "acknowledged_note")


class AlertResolved(Conflict):
    code = "alert_resolved"
    message = _("This alert is resolved.")


class AlertAcknowledged(Conflict):
    code = "alert_acknowledged"
    message = _("This alert is acknowledged already, with other words.")


def acknowledge_alert(*, alert_id: UUID, by: Actor, now: dt.datetime, note: str = "") -> Alert:
    """
    Say that someone of the care team has seen it, with a note if there is one.

    The first to say so stays; that a colleague has seen it too is kept in the audit alone.

    :raises NotFound: not an alert of a patient of this therapist
    :raises AlertResolved: it is closed
    :raises AlertAcknowledged: it was acknowledged with other words
    """
    with transaction.atomic(savepoint=False):
        alert = _locked(alert_id, by)
        if alert.status == Alert.Status.RESOLVED:
            raise AlertResolved
        if alert.status == Alert.Status.OPEN:
            alert.status = Alert.Status.ACKNOWLEDGED
            alert.acknowledged_by_id, alert.acknowledged_at = by.user_id, now
            alert.acknowledged_note = note
            alert.save(update_fields=[*ACKNOWLEDGING, "updated_at"])
        elif note not in ("", alert.acknowledged_note):
            raise AlertAcknowledged
        elif alert.acknowledged_by_id == by.user_id:
            return alert
        _audited(alert, action="alert_acknowledged", by=by, now=now)
    return alert


def resolve_alert(*, alert_id: UUID, note: str, by: Actor, now: dt.datetime) -> Alert:
    """
    Close it with a note; closing it again with the same note is the same as once.

    :raises NotFound: not an alert of a patient of this therapist
    :raises AlertResolved: it was closed with other words
    """
    with transaction.atomic(savepoint=False):
        alert = _locked(alert_id, by)
        if alert.status == Alert.Status.RESOLVED:
            if alert.note != note:
                raise AlertResolved
            return alert
        alert.status, alert.note = Alert.Status.RESOLVED, note
        alert.resolved_by_id, alert.resolved_at = by.user_id, now
        alert.save(update_fields=["status", "note", "resolved_by", "resolved_at", "updated_at"])
        _audited(alert, action="alert_resolved", by=by, now=now)
    return alert


def _locked(alert_id: UUID, by: Actor) -> Alert:
    patient_id = (
        Alert.objects.visible_to(by)
        .filter(pk=alert_id)
        .values_list("patient_id", flat=True)
        .first()
    )
    if patient_id is None:
        raise NotFound(_("There is no such alert."))
    lock_patient(patient_id, by)  # the phones hear nothing of it: alerts are the care team's
    alert: Alert = Alert.objects.select_for_update().get(pk=alert_id)
    return alert


def _audited(alert: Alert, *, action: str, by: Actor, now: dt.datetime) -> None:
    audit.record(
        action=action,
        by=by,
        now=now,
        patient_id=alert.patient_id,
        target="rehab_sessions.Alert",
        target_id=alert.pk,
    )
