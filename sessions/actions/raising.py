"""
Raising alerts: part of the write that causes it, and of its statements.

The patient's row is locked by the caller, so what was read of the alerts that stand still holds
when it is written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Model
from psycopg.types.json import Jsonb

from clinics.actors import Actor
from clinics.models import Clinic
from core.ids import uuid7
from core.models import Message
from core.outbox import nudge_on_commit
from patients.actions.pauses import open_safety_hold
from patients.models import Patient
from sessions import symptoms
from sessions.actions.telling import GRAVE, told_at_once, told_without_team
from sessions.alert_facts import AlertFacts, OpenAlert
from sessions.alert_rules import (
    SEVERITIES,
    Raised,
    ResultSaid,
    SessionSaid,
    raised_by,
    raised_by_symptoms,
    rank,
)
from sessions.judging import Judged
from sessions.models import Alert, AlertOccurrence, ExerciseSession

NOTIFIES_AGAIN = frozenset({"emergency", "critical", "high"})

# `opens`: it waits for someone anew, and the on-call contact has not been told of that.
ADD_TO = """
UPDATE rehab_sessions_alert AS alert
SET severity = new.severity, status = new.status, last_occurred_at = new.at, updated_at = new.at,
    openings = alert.openings + new.opens::int,
    opened_at = CASE WHEN new.opens THEN new.at ELSE alert.opened_at END,
    escalated_at = CASE WHEN new.opens THEN NULL ELSE alert.escalated_at END
FROM jsonb_to_recordset(%s) AS new (id uuid, severity text, status text, opens boolean, at timestamptz)
WHERE alert.id = new.id
RETURNING 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What was said, when the phone claims it happened, and when the server received it."""

    claimed_at: dt.datetime
    received_at: dt.datetime
    session_id: UUID | None = None
    session_version: int | None = None
    safety_check_id: UUID | None = None
    name: str = ""


@dataclass(slots=True)
class Writes:
    """What is to be written in the causing write's own statement (`core.bulk.insert_together`)."""

    raised: list[Raised] = field(default_factory=list)
    rows: list[Model] = field(default_factory=list)
    added_to: list[dict[str, Any]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    @property
    def all_rows(self) -> list[Model]:
        return [*self.rows, *self.messages]

    @property
    def also(self) -> list[tuple[str, list[Any]]]:
        return [(ADD_TO, [Jsonb(self.added_to)])] if self.added_to else []


def alerts_of_session(
    *,
    patient: Patient,
    session: ExerciseSession,
    judged: Sequence[Judged],
    known: AlertFacts,
    now: dt.datetime,
) -> Writes:
    """
    Work out what a session as it now stands raises.

    What an earlier version of it raised, as gravely, has been heard and raises nothing again.
    """
    said = session_said(session, judged)
    raised = raised_by(said, known.previous, known.thresholds)
    return writes_for(
        patient=patient,
        raised=[each for each in raised if not _was_heard(each, known)],
        known=known,
        cause=Cause(
            claimed_at=session.performed_at,
            received_at=now,
            session_id=session.pk,
            session_version=session.version,
        ),
        now=now,
    )


def alerts_of_symptoms(
    *,
    patient: Patient,
    named: Iterable[str],
    known: AlertFacts,
    cause: Cause,
    now: dt.datetime,
) -> Writes:
    """Work out what the symptoms of a safety check raise."""
    raised = list(raised_by_symptoms(named))
    return writes_for(patient=patient, raised=raised, known=known, cause=cause, now=now)


def follow_up(writes: Writes, *, patient: Patient, by: Actor, now: dt.datetime) -> None:
    """Open a safety hold where a symptom calls for one, and have the messages sent."""
    if writes.messages:
        nudge_on_commit()
    if _opens_safety_hold({each.rule for each in writes.raised}, patient.clinic_id):
        open_safety_hold(patient=patient, by=by, now=now)


def _opens_safety_hold(rules: Collection[str], clinic_id: UUID) -> bool:
    """The clinic's choice is asked for where it matters: a fall, and no emergency."""
    if symptoms.opens_safety_hold(rules, after_fall=False):
        return True
    if not symptoms.opens_safety_hold(rules, after_fall=True):
        return False
    return Clinic.objects.filter(pk=clinic_id, holds_after_fall=True).exists()


def session_said(session: ExerciseSession, judged: Sequence[Judged]) -> SessionSaid:
    """Gather what the rules look at."""
    return SessionSaid(
        id=session.pk,
        counts=session.status == ExerciseSession.Status.COUNTED,
        symptoms=session.symptoms,
        pain_before=session.pain_before,
        pain_after=session.pain_after,
        effort=session.effort,
        results=[_result_said(each) for each in judged],
    )


def _result_said(judged: Judged) -> ResultSaid:
    sent, row = judged.sent, judged.line.row
    return ResultSaid(
        line=judged.line.id,
        pain=sent.pain,
        ceiling=row.effort_ceiling if row else None,
        skipped=sent.skipped or "",
        difficulty=sent.difficulty or "",
        is_complete=judged.judgement.completion == 1,
        safety_no=next(
            (
                check.id
                for check in judged.line.checks
                if check.safety and sent.checks.get(check.id) == "no"
            ),
            "",
        ),
        checks=sent.checks,
    )


def _was_heard(raised: Raised, known: AlertFacts) -> bool:
    heard = known.heard.get((raised.rule, raised.line), ())
    return any(rank(severity) <= rank(raised.severity) for severity in heard)


def writes_for(
    *,
    patient: Patient,
    raised: Sequence[Raised],
    known: AlertFacts,
    cause: Cause,
    now: dt.datetime,
) -> Writes:
    """Make an alert, or add to the one that stands, for each rule raised: each with its occurrence."""
    writes = Writes(raised=list(raised))
    for each in raised:
        standing = known.open.get((each.rule, each.line))
        if standing is None:
            alert = _new_alert(patient, each, now=now)
            writes.rows.append(alert)
            alert_id, opens = alert.pk, True
        else:
            added = _addition(standing, each, now=now)
            writes.added_to.append(added)
            alert_id, opens = standing.id, added["opens"]
        occurrence = _occurrence(patient, alert_id, each, cause)
        writes.rows.append(occurrence)
        writes.messages += _told(occurrence, known, opens=opens, now=now)
    return writes


def _told(
    occurrence: AlertOccurrence, known: AlertFacts, *, opens: bool, now: dt.datetime
) -> list[Message]:
    """
    Say whom to tell at once: of every grave occurrence the care team.

    Without a care team nobody looks at a list: who is on call is told of lesser alerts too, once for
    each time that they open. A suggestion waits for whoever takes over.
    """
    if occurrence.severity in GRAVE:
        return told_at_once(occurrence, known, now=now)
    if opens and not known.team and occurrence.severity != Alert.Severity.SUGGESTION:
        return told_without_team(occurrence, known, now=now)
    return []


def _new_alert(patient: Patient, raised: Raised, *, now: dt.datetime) -> Alert:
    return Alert(
        id=uuid7(),
        clinic_id=patient.clinic_id,
        patient_id=patient.pk,
        rule=raised.rule,
        line_id=raised.line,
        severity=raised.severity,
        raised_at=now,
        opened_at=now,
        last_occurred_at=now,
    )


def _occurrence(patient: Patient, alert_id: UUID, raised: Raised, cause: Cause) -> AlertOccurrence:
    return AlertOccurrence(
        id=uuid7(),
        clinic_id=patient.clinic_id,
        patient_id=patient.pk,
        alert_id=alert_id,
        session_id=cause.session_id,
        session_version=cause.session_version,
        safety_check_id=cause.safety_check_id,
        severity=raised.severity,
        claimed_at=cause.claimed_at,
        received_at=cause.received_at,
        because=msgspec.to_builtins(raised.because),
        cause=cause.name,
    )


def _addition(standing: OpenAlert, raised: Raised, *, now: dt.datetime) -> dict[str, Any]:
    """
    Say what an occurrence changes on the alert that stands.

    One that is high or worse, or graver than the alert, opens an acknowledged one again.
    """
    rises = rank(raised.severity) < rank(standing.severity)
    was_acknowledged = standing.status == Alert.Status.ACKNOWLEDGED
    reopens = was_acknowledged and (rises or raised.severity in NOTIFIES_AGAIN)
    return {
        "id": str(standing.id),
        "severity": SEVERITIES[min(rank(raised.severity), rank(standing.severity))],
        "status": Alert.Status.OPEN.value if reopens else standing.status,
        "opens": reopens or rises,
        "at": now.isoformat(),
    }
