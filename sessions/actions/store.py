"""
Storing what a patient did: once, however often it is sent, and answered with feedback at once.

The patient's row is locked first, so that everything about one patient happens one after the
other; the unique key on the phone's id is the wall behind it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from clinics.actors import THERAPIST, Actor
from clinics.models import Clinic
from core import audit
from core.bodies import content_hash
from core.bulk import NewRow, insert_together
from core.calendar import local_date
from core.errors import Invalid
from core.ids import uuid7
from core.models import AuditEvent
from patients.actions.change import lock_patient
from patients.models import Patient
from sessions import feedback, symptoms
from sessions.actions.changes import session_change
from sessions.actions.doubles import flag_doubles
from sessions.actions.errors import PatientDischarged, SessionIdReused
from sessions.actions.raising import alerts_of_session, follow_up
from sessions.alert_facts import asked_of
from sessions.bodies import (
    FeedbackOut,
    LogSession,
    RemainingOut,
    SessionAnswer,
    SessionFacts,
    StreakOut,
)
from sessions.day_state import LineDay, read_today
from sessions.facts import Facts, StoredFact, VersionFact, read_facts
from sessions.goals import moved
from sessions.judging import (
    Judged,
    Place,
    check_against_lines,
    check_shape,
    held_result_out,
    judge_results,
    judged_against,
    result_out,
    result_row,
    safety_out,
)
from sessions.models import ExerciseSession, SessionVersion

HELD_AFTER = dt.timedelta(days=30)
HELD_AHEAD = dt.timedelta(minutes=10)
NOT_CONTENT = ("sent_at", "corrects")
MOST_CLOCK_SECONDS = 2**31 - 1

Outcome = Literal["created", "duplicate", "held", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Logged:
    """What became of an upload, the answer that the phone gets, and the key of the row."""

    outcome: Outcome
    answer: SessionAnswer
    session_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One session on its way in: who sends what for whom, and what it must be judged against."""

    patient: Patient
    content: SessionFacts
    by: Actor
    now: dt.datetime
    sent_at: dt.datetime | None
    performed_on: dt.date
    status: str

    @property
    def performed_at(self) -> dt.datetime:
        return self.content.performed_at.at

    @property
    def counts(self) -> bool:
        return self.status == ExerciseSession.Status.COUNTED

    @property
    def today(self) -> dt.date:
        return local_date(self.now, self.patient.time_zone)


def log_session(*, patient_id: UUID, content: LogSession, by: Actor, now: dt.datetime) -> Logged:
    """
    Store a session and answer with its feedback; the same content again is answered as before.

    :raises NotFound: the actor may not write this patient's sessions
    :raises SessionIdReused: the id belongs to other content
    :raises PatientDischarged: performed after the day of discharge
    :raises core.errors.Invalid: what was sent does not hold together; names the fields
    """
    check_shape(content)
    with transaction.atomic(savepoint=False):
        patient = lock_patient(patient_id, by)
        return store(
            patient=patient,
            content=content,
            sent_at=content.sent_at.at if content.sent_at else None,
            by=by,
            now=now,
        )


def store(
    *,
    patient: Patient,
    content: SessionFacts,
    sent_at: dt.datetime | None,
    by: Actor,
    now: dt.datetime,
) -> Logged:
    """Store one checked session of a locked patient; writes only once everything is known good."""
    upload = Upload(
        patient=patient,
        content=content,
        by=by,
        now=now,
        sent_at=sent_at,
        performed_on=content.performed_at.local_date(patient.time_zone),
        status=status_of(content.performed_at.at, by=by, now=now),
    )
    facts = facts_for(upload)
    if facts.stored is not None:
        return _as_before(facts.stored, content)
    refuse_after_discharge(upload)
    refuse_ahead(upload)
    check_against_lines(content, facts)
    session = new_session(upload, facts)
    judged = judge_results(content, facts)
    insert_together(
        [session, *rows_of(upload, session, judged)],
        also=session_change(patient, session, facts),
    )
    answer = answer_for(upload, session, judged)
    finish(upload, session, judged, facts, answer=answer, action="session_logged")
    flag_doubles(facts)
    return Logged("held" if session.status == "held" else "created", answer, session.pk)


def status_of(performed_at: dt.datetime, *, by: Actor, now: dt.datetime) -> str:
    """Held: more than 30 days ago, or more than 10 minutes ahead; never what the care team logs."""
    if by.acting_as != "staff" and not now - HELD_AFTER <= performed_at <= now + HELD_AHEAD:
        return ExerciseSession.Status.HELD
    return ExerciseSession.Status.COUNTED


def facts_for(upload: Upload, *, of: ExerciseSession | None = None) -> Facts:
    """Read what judging this upload needs, in one statement; `of` is the session that it changes."""
    logged_by = of.logged_by_id if of else upload.by.user_id
    assert logged_by is not None
    return read_facts(
        clinic_id=upload.patient.clinic_id,
        patient_id=upload.patient.pk,
        phone_id=upload.content.id,
        day=upload.performed_on,
        performed_at=upload.performed_at,
        lines={result.line for result in upload.content.results},
        sides={result.side for result in upload.content.results},
        logged_by=logged_by,
        asked=asked_of(upload.content),
        ignoring=of.pk if of else None,
    )


def refuse_after_discharge(upload: Upload) -> None:
    """What is held is kept, whatever its clock says: accepting it asks again."""
    last = upload.patient.discharged_on
    if last is None or upload.performed_on <= last or not upload.counts:
        return
    safety = safety_out(upload.content.symptoms, place_of(upload.patient))
    raise PatientDischarged(extra={"safety": msgspec.to_builtins(safety)})


def refuse_ahead(upload: Upload) -> None:
    """What lies ahead is held until it has a time; not even the care team counts it."""
    if upload.counts and upload.performed_at > upload.now + HELD_AHEAD:
        raise Invalid.at("performed_at", "in_the_future", _("This time has not come yet."))


def _as_before(stored: StoredFact, content: SessionFacts) -> Logged:
    """Answer a session that is stored already, or refuse an id that belongs to other content."""
    wanted = content_hash(content, without=NOT_CONTENT)
    known = next((each for each in stored.versions if each.content_hash == wanted), None)
    if known is None:
        raise SessionIdReused
    outcome: Outcome = "withdrawn" if stored.status == "withdrawn" else "duplicate"
    return Logged(outcome, _answer_again(stored, known), stored.id)


def _answer_again(stored: StoredFact, known: VersionFact) -> SessionAnswer:
    """The answer that this version was given; the newest for one that was held and accepted."""
    version = known
    if known.answer["status"] == "held" and stored.status != "held":
        version = stored.newest
    answer = msgspec.convert(version.answer, SessionAnswer)
    if stored.status in ("withdrawn", "refused"):
        answer.status = "withdrawn" if stored.status == "withdrawn" else "refused"
    return answer


def new_session(upload: Upload, facts: Facts) -> ExerciseSession:
    assert upload.by.user_id is not None
    session = ExerciseSession(
        id=uuid7(),
        clinic_id=upload.patient.clinic_id,
        patient_id=upload.patient.pk,
        phone_id=upload.content.id,
        claimed_performed_at=upload.performed_at,
        received_at=upload.now,
        sent_at=upload.sent_at,
        logged_by_id=upload.by.user_id,
        logged_as=made_as(upload.by),
        is_possible_duplicate=bool(facts.doubles),
    )
    fill(session, upload)
    return session


def fill(session: ExerciseSession, upload: Upload) -> None:
    """Write what was said onto the session's row."""
    content = upload.content
    session.status = upload.status
    session.performed_at = upload.performed_at
    session.performed_on = upload.performed_on
    session.duration_seconds = content.duration_seconds
    session.effort = content.effort
    session.pain_before = content.pain_before
    session.pain_after = content.pain_after
    session.symptoms = list(content.symptoms)
    session.help = content.help or ""
    session.note = content.note
    session.has_red_flag = symptoms.has_red_flag(content.symptoms)


def made_as(by: Actor) -> str:
    return THERAPIST if by.acting_as == "staff" else by.acting_as


def rows_of(upload: Upload, session: ExerciseSession, judged: list[Judged]) -> list[NewRow]:
    of_session = {
        "clinic_id": session.clinic_id,
        "patient_id": session.patient_id,
        "session_id": session.pk,
        "performed_at": session.performed_at,
        "performed_on": session.performed_on,
        "counts": upload.counts,
    }
    return [result_row(each, of_session=of_session) for each in judged]


def answer_for(upload: Upload, session: ExerciseSession, judged: list[Judged]) -> SessionAnswer:
    """Make the answer in the patient's language, from what is stored now."""
    with override(upload.patient.language):
        told = _counted(upload, judged) if upload.counts else _held(judged)
    if upload.content.symptoms:
        told.safety = safety_out(upload.content.symptoms, place_of(upload.patient))
    return SessionAnswer(
        id=session.phone_id,
        status="counted" if upload.counts else "held",
        version=session.version,
        feedback=told,
    )


def _counted(upload: Upload, judged: list[Judged]) -> FeedbackOut:
    today = read_today(patient_id=upload.patient.pk, today=upload.today)
    run = today.streak
    return FeedbackOut(
        safety=None,
        results=[result_out(each) for each in judged],
        remaining_today=remaining(today.lines),
        streak=StreakOut(unit=run.unit, length=run.length) if run else None,
        goals=moved(judged),
        rules_version=feedback.RULES_VERSION,
    )


def _held(judged: list[Judged]) -> FeedbackOut:
    """A held session is answered with safety alone."""
    return FeedbackOut(
        safety=None,
        results=[held_result_out(each) for each in judged],
        remaining_today=None,
        streak=None,
        goals=None,
        rules_version=feedback.RULES_VERSION,
    )


def remaining(lines: list[LineDay]) -> list[RemainingOut]:
    """Say which lines are still due on their day, and how often."""
    return [
        RemainingOut(line=each.line_id, sessions_left=max(1, each.expected - each.done))
        for each in lines
        if each.is_due
    ]


def place_of(patient: Patient) -> Place:
    clinic = Clinic.objects.only("country", "phone_number").get(pk=patient.clinic_id)
    return Place(
        country=clinic.country, clinic_phone=clinic.phone_number, language=patient.language
    )


def version_of(
    upload: Upload, session: ExerciseSession, answer: SessionAnswer, judged: list[Judged]
) -> SessionVersion:
    assert upload.by.user_id is not None
    ahead = None
    if upload.sent_at is not None:
        ahead = min(round((upload.sent_at - upload.now).total_seconds()), MOST_CLOCK_SECONDS)
    return SessionVersion(
        clinic_id=session.clinic_id,
        patient_id=session.patient_id,
        session_id=session.pk,
        number=session.version,
        content=msgspec.to_builtins(_without_sending(upload.content), enc_hook=_plain),
        content_hash=content_hash(upload.content, without=NOT_CONTENT),
        answer=msgspec.to_builtins(answer),
        judged_against=[judged_against(each) for each in judged],
        made_by_id=upload.by.user_id,
        made_as=made_as(upload.by),
        made_at=upload.now,
        sent_at=upload.sent_at,
        clock_ahead_seconds=ahead,
    )


def _without_sending(content: SessionFacts) -> SessionFacts:
    names = SessionFacts.__struct_fields__
    return SessionFacts(**{name: getattr(content, name) for name in names})


def _plain(value: object) -> str:
    return value.isoformat()  # type: ignore[attr-defined, no-any-return]


def session_event(upload: Upload, session: ExerciseSession, action: str) -> AuditEvent:
    return audit.build(
        action=action,
        by=upload.by,
        now=upload.now,
        patient_id=session.patient_id,
        target="rehab_sessions.ExerciseSession",
        target_id=session.pk,
    )


def finish(
    upload: Upload,
    session: ExerciseSession,
    judged: list[Judged],
    facts: Facts,
    *,
    answer: SessionAnswer,
    action: str,
) -> None:
    """Store the version with its answer, the audit event and the alerts raised: one statement."""
    alerts = alerts_of_session(
        patient=upload.patient, session=session, judged=judged, known=facts.alerts, now=upload.now
    )
    version = version_of(upload, session, answer, judged)
    event = session_event(upload, session, action)
    insert_together([version, event, *alerts.all_rows], also=alerts.also)
    follow_up(alerts, patient=upload.patient, by=upload.by, now=upload.now)
