"""What answers show of alerts."""

from __future__ import annotations

import msgspec

from sessions.alert_reading import AlertsRead
from sessions.alert_rules import Because
from sessions.alert_wording import advice
from sessions.care_bodies import AlertOut, OccurrenceOut
from sessions.models import Alert, AlertOccurrence


def alerts_out(read: AlertsRead) -> list[AlertOut]:
    """Present alerts in the order in which they were read, each with its newest occurrences."""
    return [_alert_out(each, read) for each in read.alerts]


def _alert_out(alert: Alert, read: AlertsRead) -> AlertOut:
    behind = read.behind[alert.pk]
    return AlertOut(
        id=alert.pk,
        patient=alert.patient_id,
        rule=alert.rule,
        line=alert.line_id,
        exercise=behind.exercise,
        advice=advice(alert.rule, read.texts),
        next_step=behind.next_step,
        severity=alert.severity,
        status=alert.status,
        raised_at=alert.raised_at,
        last_occurred_at=alert.last_occurred_at,
        acknowledged_at=alert.acknowledged_at,
        acknowledged_note=alert.acknowledged_note,
        resolved_at=alert.resolved_at,
        note=alert.note,
        occurrences=[_occurrence_out(each) for each in behind.occurrences],
    )


def _occurrence_out(occurrence: AlertOccurrence) -> OccurrenceOut:
    return OccurrenceOut(
        claimed_at=occurrence.claimed_at,
        received_at=occurrence.received_at,
        severity=occurrence.severity,
        session=occurrence.session_id,
        safety_check=occurrence.safety_check_id,
        because=msgspec.convert(occurrence.because, Because),
    )
