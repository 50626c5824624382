"""Changing a session on purpose: correcting it, withdrawing it. What it said before is kept."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.actors import CARER, Actor
from core import audit
from core.bodies import Instant, content_hash
from core.bulk import insert_together
from core.errors import Forbidden, Invalid, NotFound
from patients.actions.change import lock_patient
from patients.models import Patient
from sessions.actions.changes import session_change
from sessions.actions.doubles import reflag_doubles, unflag_doubles
from sessions.actions.errors import (
    CorrectionTooLate,
    SessionWithdrawn,
    StaleVersion,
)
from sessions.actions.store import (
    NOT_CONTENT,
    Logged,
    Upload,
    answer_for,
    facts_for,
    fill,
    finish,
    refuse_after_discharge,
    refuse_ahead,
    rows_of,
    status_of,
)
from sessions.bodies import CorrectSession, SessionAnswer
from sessions.judging import check_against_lines, check_shape, judge_results
from sessions.models import ExerciseResult, ExerciseSession, SessionVersion

CORRECTABLE_FOR = dt.timedelta(days=7)


def correct_session(
    *, session_id: UUID, content: CorrectSession, by: Actor, now: dt.datetime
) -> Logged:
    """
    Replace what a session says; the earlier version is kept and everything is judged anew.

    `session_id` is the row's own key. The same content again, with the same version, is answered
    as the first time. It may raise alerts and never closes one.

    :raises NotFound: no session of a patient of this actor
    :raises SessionWithdrawn, StaleVersion: it cannot be corrected (any more, or from this version)
    :raises CorrectionTooLate: more than 7 days after it was first stored, unless by the care team
    """
    check_shape(content)
    with transaction.atomic(savepoint=False):
        session, patient = locked_session(session_id, by)
        content = _under_the_phones_id(content, session, by)
        again = _same_correction(session, content)
        if again is not None:
            return Logged("duplicate", again, session.pk)
        refuse_change(session, by=by, now=now)
        if content.corrects != session.version:
            raise StaleVersion(extra={"version": session.version})
        return _replace(session, patient, content, by=by, now=now)


def _under_the_phones_id(
    content: CorrectSession, session: ExerciseSession, by: Actor
) -> CorrectSession:
    """The care team may name the session by its row's own id, which is the one that it is shown."""
    known = {session.phone_id, session.pk} if by.acting_as == "staff" else {session.phone_id}
    if content.id not in known:
        raise Invalid.at("id", "id_differs", _("This is the id of another session."))
    return msgspec.structs.replace(content, id=session.phone_id)


def locked_session(session_id: UUID, by: Actor) -> tuple[ExerciseSession, Patient]:
    """Lock the patient, then the session. :raises NotFound: not there for this actor"""
    visible = ExerciseSession.objects.visible_to(by).filter(pk=session_id)
    patient_id = visible.values_list("patient_id", flat=True).first()
    if patient_id is None:
        raise NotFound(_("There is no such session."))
    patient = lock_patient(patient_id, by)
    session: ExerciseSession = ExerciseSession.objects.select_for_update().get(pk=session_id)
    return session, patient


def refuse_change(session: ExerciseSession, *, by: Actor, now: dt.datetime) -> None:
    """The patient, or the carer who logged it, for 7 days; the care team without limit."""
    if session.status == ExerciseSession.Status.WITHDRAWN:
        raise SessionWithdrawn
    if by.acting_as == "staff":
        return
    if by.acting_as == CARER and session.logged_by_id != by.user_id:
        raise Forbidden(_("Only the one who logged this session may change it."))
    if now > session.received_at + CORRECTABLE_FOR:
        raise CorrectionTooLate


def _same_correction(session: ExerciseSession, content: CorrectSession) -> SessionAnswer | None:
    made = SessionVersion.objects.filter(
        session=session,
        number=content.corrects + 1,
        content_hash=content_hash(content, without=NOT_CONTENT),
    ).first()
    if made is None or session.status == ExerciseSession.Status.WITHDRAWN:
        return None
    if made.answer["status"] == "held" and session.status != ExerciseSession.Status.HELD:
        made = SessionVersion.objects.get(session=session, number=session.version)
    answer = msgspec.convert(made.answer, SessionAnswer)
    if session.status == ExerciseSession.Status.REFUSED:
        answer.status = "refused"
    return answer


def _replace(
    session: ExerciseSession,
    patient: Patient,
    content: CorrectSession,
    *,
    by: Actor,
    now: dt.datetime,
) -> Logged:
    upload = Upload(
        patient=patient,
        content=content,
        by=by,
        now=now,
        sent_at=content.sent_at.at if content.sent_at else None,
        performed_on=date_after(session, content.performed_at, patient),
        status=_status_after(session, content, by=by, now=now),
    )
    facts = facts_for(upload, of=session)
    refuse_after_discharge(upload)
    refuse_ahead(upload)
    check_against_lines(content, facts)
    judged = judge_results(content, facts)
    was_double, was_at = session.is_possible_duplicate, session.performed_at
    fill(session, upload)
    session.version += 1
    session.is_possible_duplicate = bool(facts.doubles)
    session.save()
    ExerciseResult.objects.filter(session=session).delete()
    insert_together(rows_of(upload, session, judged), also=session_change(patient, session, facts))
    answer = answer_for(upload, session, judged)
    finish(upload, session, judged, facts, answer=answer, action="session_corrected")
    reflag_doubles(facts, session, was_double=was_double, was_at=was_at)
    return Logged("created", answer, session.pk)


def date_after(session: ExerciseSession, said: Instant, patient: Patient) -> dt.date:
    """The stored date never moves for the patient's zone, nor where the same moment is said in UTC."""
    if said.zone_unknown and said.at == session.performed_at:
        return session.performed_on
    return said.local_date(patient.time_zone)


def _status_after(
    session: ExerciseSession, content: CorrectSession, *, by: Actor, now: dt.datetime
) -> str:
    """A time that did not change keeps its standing; one that did is looked at as on the upload."""
    if content.performed_at.at == session.performed_at:
        return session.status
    if session.status == ExerciseSession.Status.REFUSED and by.acting_as != "staff":
        return session.status
    return status_of(content.performed_at.at, by=by, now=min(now, session.received_at))


def withdraw_session(*, session_id: UUID, reason: str, by: Actor, now: dt.datetime) -> Logged:
    """
    Take a session back: it is kept and counts nowhere. Twice is answered as the first time.

    :raises NotFound: no session of a patient of this actor
    :raises CorrectionTooLate: more than 7 days after it was first stored, unless by the care team
    """
    with transaction.atomic(savepoint=False):
        session, patient = locked_session(session_id, by)
        if session.status != ExerciseSession.Status.WITHDRAWN:
            refuse_change(session, by=by, now=now)
            _take_back(session, patient, reason=reason, by=by, now=now)
        newest = SessionVersion.objects.get(session=session, number=session.version)
        answer = msgspec.convert(newest.answer, SessionAnswer)
        answer.status = "withdrawn"
        return Logged("withdrawn", answer, session.pk)


def _take_back(
    session: ExerciseSession, patient: Patient, *, reason: str, by: Actor, now: dt.datetime
) -> None:
    session.status = ExerciseSession.Status.WITHDRAWN
    session.withdrawn_by_id, session.withdrawn_at = by.user_id, now
    session.withdrawn_reason = reason
    session.save()
    ExerciseResult.objects.filter(session=session).update(counts=False)
    event = audit.build(
        action="session_withdrawn",
        by=by,
        now=now,
        patient_id=patient.pk,
        target="rehab_sessions.ExerciseSession",
        target_id=session.pk,
    )
    insert_together([event], also=session_change(patient, session))
    if session.is_possible_duplicate:
        unflag_doubles(patient_id=patient.pk, changed=session.pk, was_at=session.performed_at)
