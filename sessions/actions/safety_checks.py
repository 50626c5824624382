"""Storing the answers before a session: once, like a session, and answered at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import msgspec
from django.db import transaction

from clinics.actors import Actor
from core import audit
from core.bodies import content_hash
from core.bulk import insert_together
from core.ids import uuid7
from core.models import AuditEvent
from patients.actions.change import Kind, change_of, lock_patient
from patients.models import Patient
from programs.reading import safety_questions
from sessions import symptoms
from sessions.actions.errors import PatientDischarged, SessionIdReused
from sessions.actions.raising import Cause, Writes, alerts_of_symptoms, follow_up
from sessions.actions.store import made_as, place_of
from sessions.alert_facts import read_standing
from sessions.bodies import LogSafetyCheck, SafetyAnswer, SafetyCheckFacts
from sessions.judging import check_questions, refuse_unknown_questions, safety_out
from sessions.models import SafetyCheck


@dataclass(frozen=True, slots=True)
class Checked:
    outcome: Literal["created", "duplicate"]
    answer: SafetyAnswer


def log_safety_check(
    *, patient_id: UUID, content: LogSafetyCheck, by: Actor, now: dt.datetime
) -> Checked:
    """
    Store a safety check and answer what to do; the same content again is answered as before.

    :raises NotFound: the actor may not write this patient's record
    :raises SessionIdReused: the id belongs to other content
    :raises PatientDischarged: checked after the day of discharge
    """
    with transaction.atomic(savepoint=False):
        patient = lock_patient(patient_id, by)
        sent_at = content.sent_at.at if content.sent_at else None
        return store_check(patient=patient, content=content, sent_at=sent_at, by=by, now=now)


def store_check(
    *,
    patient: Patient,
    content: SafetyCheckFacts,
    sent_at: dt.datetime | None,
    by: Actor,
    now: dt.datetime,
) -> Checked:
    """
    Store one check of a locked patient.

    :raises core.errors.Invalid: it says nothing, or answers a question that no catalogue asked
    """
    check_questions(content)
    wanted = content_hash(content)
    stored = SafetyCheck.objects.filter(
        clinic_id=patient.clinic_id, patient_id=patient.pk, phone_id=content.id
    ).first()
    if stored is not None:
        if bytes(stored.content_hash) != wanted:
            raise SessionIdReused
        return Checked("duplicate", msgspec.convert(stored.answer, SafetyAnswer))
    if not content.symptoms:  # what names a symptom is kept, whatever else it says
        refuse_unknown_questions(content, safety_questions())
    check = _new_check(patient, content, sent_at=sent_at, by=by, now=now)
    if _is_over(patient, check) and not content.symptoms:
        raise PatientDischarged
    safety = safety_out(content.symptoms, place_of(patient)) if content.symptoms else None
    answer = SafetyAnswer(id=content.id, version=1, safety=safety)
    check.content_hash = wanted
    check.answer = msgspec.to_builtins(answer)
    event = _event_of(check, by=by, now=now)
    alerts = _alerts_of(check, patient, now=now)
    change = change_of(patient, (Kind.SAFETY_CHECK, check.pk))
    insert_together([check, event, *alerts.all_rows], also=[*change, *alerts.also])
    follow_up(alerts, patient=patient, by=by, now=now)
    return Checked("created", answer)


def _event_of(check: SafetyCheck, *, by: Actor, now: dt.datetime) -> AuditEvent:
    return audit.build(
        action="safety_check_logged",
        by=by,
        now=now,
        patient_id=check.patient_id,
        target="rehab_sessions.SafetyCheck",
        target_id=check.pk,
    )


def _alerts_of(check: SafetyCheck, patient: Patient, *, now: dt.datetime) -> Writes:
    if not check.symptoms:
        return Writes()
    return alerts_of_symptoms(
        patient=patient,
        named=check.symptoms,
        known=read_standing(clinic_id=patient.clinic_id, patient_id=patient.pk),
        cause=Cause(claimed_at=check.checked_at, received_at=now, safety_check_id=check.pk),
        now=now,
    )


def _is_over(patient: Patient, check: SafetyCheck) -> bool:
    """A check that names a symptom is kept also after care has ended: safety is never refused."""
    return patient.discharged_on is not None and check.checked_on > patient.discharged_on


def _new_check(
    patient: Patient,
    content: SafetyCheckFacts,
    *,
    sent_at: dt.datetime | None,
    by: Actor,
    now: dt.datetime,
) -> SafetyCheck:
    assert by.user_id is not None
    return SafetyCheck(
        id=uuid7(),
        clinic_id=patient.clinic_id,
        patient_id=patient.pk,
        phone_id=content.id,
        checked_at=content.checked_at.at,
        checked_on=content.checked_at.local_date(patient.time_zone),
        received_at=now,
        sent_at=sent_at,
        answers=dict(content.answers),
        symptoms=list(content.symptoms),
        has_red_flag=symptoms.has_red_flag(content.symptoms),
        logged_by_id=by.user_id,
        logged_as=made_as(by),
    )
