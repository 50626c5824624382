"""What answers show of alerts."""

from __future__ import annotations

from sessions.alert_reading import AlertsRead, Occurred
from sessions.alert_wording import advice
from sessions.care_bodies import AlertOut, OccurrenceOut
from sessions.models import Alert


def alerts_out(read: AlertsRead) -> list[AlertOut]:
    """Present alerts in the order in which they were read, each with its newest occurrences."""
    return [_alert_out(each, read) for each in read.alerts]


def _alert_out(alert: Alert, read: AlertsRead) -> AlertOut:
    behind = read.behind[alert.pk]
    return AlertOut(
        id=alert.pk,
        patient=alert.patient_id,
        rule=alert.rule,
        line=behind.line,
        exercise=behind.exercise,
        question=behind.question,
        advice=advice(alert.rule, read.texts),
        next_step=behind.next_step,
        severity=alert.severity,
        status=alert.status,
        raised_at=alert.raised_at,
        last_occurred_at=alert.last_occurred_at,
        acknowledged_by=alert.acknowledged_by.name if alert.acknowledged_by else None,
        acknowledged_at=alert.acknowledged_at,
        acknowledged_note=alert.acknowledged_note,
        resolved_by=alert.resolved_by.name if alert.resolved_by else None,
        resolved_at=alert.resolved_at,
        note=alert.note,
        occurrences=[_occurrence_out(each) for each in behind.occurrences],
    )


def _occurrence_out(occurred: Occurred) -> OccurrenceOut:
    occurrence = occurred.row
    return OccurrenceOut(
        claimed_at=occurrence.claimed_at,
        received_at=occurrence.received_at,
        severity=occurrence.severity,
        session=occurrence.session_id,
        safety_check=occurrence.safety_check_id,
        because=occurred.because,
        exercise=occurred.exercise,
        question=occurred.question,
    )
