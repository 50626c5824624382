"""The care team's decision on a held session: accept it, with its time put right, or refuse it."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec
from django.db import transaction

from clinics.actors import Actor
from core import audit
from core.bodies import Instant, decode
from core.bulk import insert_together
from sessions.actions.changes import session_change
from sessions.actions.correct import date_after, locked_session
from sessions.actions.doubles import reflag_doubles, unflag_doubles
from sessions.actions.errors import NotHeld
from sessions.actions.store import (
    Logged,
    Upload,
    answer_for,
    facts_for,
    fill,
    finish,
    refuse_after_discharge,
    refuse_ahead,
    rows_of,
)
from sessions.bodies import SessionAnswer, SessionFacts
from sessions.judging import check_against_lines, judge_results
from sessions.models import ExerciseResult, ExerciseSession, SessionVersion


def accept_held(
    *, session_id: UUID, performed_at: Instant | None, by: Actor, now: dt.datetime
) -> Logged:
    """
    Let a held session count, at the time given or the one that the phone claimed.

    It gets its full feedback as a new version; the phone's retry is answered with that.

    :raises NotFound: no session of a patient of this therapist
    :raises NotHeld: it was decided before, with another outcome
    :raises core.errors.Invalid: the time still lies ahead
    """
    with transaction.atomic(savepoint=False):
        session, patient = locked_session(session_id, by)
        if session.status != ExerciseSession.Status.HELD:
            return _decided(session, ExerciseSession.Status.COUNTED)
        content = _content(session)
        if performed_at is not None:
            content = msgspec.structs.replace(content, performed_at=performed_at)
        upload = Upload(
            patient=patient,
            content=content,
            by=by,
            now=now,
            sent_at=None,
            performed_on=date_after(session, content.performed_at, patient),
            status=ExerciseSession.Status.COUNTED,
        )
        return _accept(session, upload)


def _accept(session: ExerciseSession, upload: Upload) -> Logged:
    facts = facts_for(upload, of=session)
    refuse_after_discharge(upload)
    refuse_ahead(upload)
    check_against_lines(upload.content, facts)
    judged = judge_results(upload.content, facts)
    was_double, was_at = session.is_possible_duplicate, session.performed_at
    fill(session, upload)
    session.version += 1
    session.is_possible_duplicate = bool(facts.doubles)
    session.decided_by_id, session.decided_at = upload.by.user_id, upload.now
    session.save()
    ExerciseResult.objects.filter(session=session).delete()
    insert_together(
        rows_of(upload, session, judged), also=session_change(upload.patient, session, facts)
    )
    answer = answer_for(upload, session, judged)
    finish(upload, session, judged, facts, answer=answer, action="session_accepted")
    reflag_doubles(facts, session, was_double=was_double, was_at=was_at)
    return Logged("created", answer, session.pk)


def refuse_held(*, session_id: UUID, reason: str, by: Actor, now: dt.datetime) -> Logged:
    """
    Keep a held session out of every figure. It is kept, and so are the alerts that it raised.

    :raises NotFound: no session of a patient of this therapist
    :raises NotHeld: it was decided before, with another outcome
    """
    with transaction.atomic(savepoint=False):
        session, patient = locked_session(session_id, by)
        if session.status != ExerciseSession.Status.HELD:
            return _decided(session, ExerciseSession.Status.REFUSED)
        session.status = ExerciseSession.Status.REFUSED
        session.decided_by_id, session.decided_at = by.user_id, now
        session.decision_reason = reason
        session.save()
        event = audit.build(
            action="session_refused",
            by=by,
            now=now,
            patient_id=patient.pk,
            target="rehab_sessions.ExerciseSession",
            target_id=session.pk,
        )
        insert_together([event], also=session_change(patient, session))
        if session.is_possible_duplicate:
            unflag_doubles(patient_id=patient.pk, changed=session.pk, was_at=session.performed_at)
        return _decided(session, ExerciseSession.Status.REFUSED)


def _decided(session: ExerciseSession, wanted: str) -> Logged:
    """The same decision again is answered as the first time."""
    if session.status != wanted or session.decided_at is None:
        raise NotHeld
    newest = SessionVersion.objects.get(session=session, number=session.version)
    answer = msgspec.convert(newest.answer, SessionAnswer)
    answer.status = "counted" if wanted == ExerciseSession.Status.COUNTED else "refused"
    return Logged("duplicate", answer, session.pk)


def _content(session: ExerciseSession) -> SessionFacts:
    newest = SessionVersion.objects.get(session=session, number=session.version)
    return decode(newest.content, SessionFacts)
