"""Raising, acknowledging and resolving alerts. Raising is part of the write that causes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from core import audit
from core.errors import Conflict, NotFound
from patients.actions.change import lock_patient, raise_change
from patients.actions.pauses import open_safety_hold
from patients.models import Patient
from sessions import symptoms
from sessions.models import Alert, AlertOccurrence

SEVERITIES = ("emergency", "critical", "high", "medium", "suggestion")
NOTIFIES_AGAIN = frozenset({"emergency", "critical", "high"})


class AlertResolved(Conflict):
    code = "alert_resolved"
    message = _("This alert is resolved.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What was said, when the phone claims it happened, and when the server received it."""

    claimed_at: dt.datetime
    received_at: dt.datetime
    session_id: UUID | None = None
    session_version: int | None = None
    safety_check_id: UUID | None = None


def raise_for_symptoms(
    *, patient: Patient, named: Iterable[str], cause: Cause, by: Actor, now: dt.datetime
) -> None:
    """
    Raise one alert for each grave symptom, and open a safety hold where one is called for.

    The patient's row is locked by the caller. A symptom that the same session named before has
    been heard: it raises nothing again, and opens no hold that a therapist has ended.
    """
    heard = _heard_before(cause)
    reported = [name for name in symptoms.in_order(named) if name not in heard]
    for name in reported:
        severity = symptoms.BY_ID[name].severity
        if severity is not None:
            _raise(patient=patient, rule=name, severity=severity, cause=cause, now=now)
    if symptoms.opens_safety_hold(reported):
        open_safety_hold(patient=patient, by=by, now=now)


def _raise(*, patient: Patient, rule: str, severity: str, cause: Cause, now: dt.datetime) -> None:
    alert = (
        Alert.objects.select_for_update()
        .filter(patient_id=patient.pk, rule=rule, line=None)
        .exclude(status=Alert.Status.RESOLVED)
        .first()
    )
    if alert is None:
        alert = Alert.objects.create(
            clinic_id=patient.clinic_id,
            patient_id=patient.pk,
            rule=rule,
            severity=severity,
            raised_at=now,
            last_occurred_at=now,
        )
    else:
        _add_to(alert, severity=severity, now=now)
    AlertOccurrence.objects.create(
        clinic_id=patient.clinic_id,
        patient_id=patient.pk,
        alert=alert,
        session_id=cause.session_id,
        session_version=cause.session_version,
        safety_check_id=cause.safety_check_id,
        severity=severity,
        claimed_at=cause.claimed_at,
        received_at=cause.received_at,
    )


def _heard_before(cause: Cause) -> set[str]:
    """Return the rules that earlier versions of the session met."""
    if cause.session_id is None or cause.session_version == 1:
        return set()
    earlier = AlertOccurrence.objects.filter(session_id=cause.session_id)
    return set(earlier.values_list("alert__rule", flat=True))


def _add_to(alert: Alert, *, severity: str, now: dt.datetime) -> None:
    rises = SEVERITIES.index(severity) < SEVERITIES.index(alert.severity)
    alert.severity = severity if rises else alert.severity
    if rises or alert.severity in NOTIFIES_AGAIN:
        alert.status = Alert.Status.OPEN
    alert.last_occurred_at = now
    alert.save(update_fields=["severity", "status", "last_occurred_at", "updated_at"])


def acknowledge_alert(*, alert_id: UUID, by: Actor, now: dt.datetime) -> Alert:
    """
    Say that someone of the care team has seen it; twice is the same as once.

    :raises NotFound: not an alert of a patient of this therapist
    :raises AlertResolved: it is closed
    """
    with transaction.atomic(savepoint=False):
        alert = _locked(alert_id, by)
        if alert.status == Alert.Status.RESOLVED:
            raise AlertResolved
        if alert.status == Alert.Status.OPEN:
            alert.status = Alert.Status.ACKNOWLEDGED
            alert.acknowledged_by_id, alert.acknowledged_at = by.user_id, now
            alert.save(update_fields=["status", "acknowledged_by", "acknowledged_at", "updated_at"])
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
    raise_change(lock_patient(patient_id, by))
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
