"""What answers show of sessions, alerts and progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sessions.bodies import LoggedResult, LoggedSession, SetOut
from sessions.care_bodies import SafetyCheckOut, StaffSession, VersionOut
from sessions.form_bodies import FormCheckOut
from sessions.judging import SET_FIELDS
from sessions.models import (
    ExerciseResult,
    ExerciseSession,
    FormCheck,
    SafetyCheck,
    SessionVersion,
    Verdict,
)

Status = ExerciseSession.Status
TOLD_AT_ONCE = frozenset({Verdict.STOP, Verdict.STOP_EXERCISE})


def logged_session(
    session: ExerciseSession, results: Sequence[ExerciseResult], *, for_staff: bool
) -> LoggedSession:
    """Present a session; staff speak the row's own key, patients the phone's."""
    is_told = session.status not in (Status.HELD, Status.REFUSED)
    return LoggedSession(
        id=session.pk if for_staff else session.phone_id,
        status=cast("Any", session.status),
        version=session.version,
        performed_at=session.performed_at,
        performed_on=session.performed_on,
        received_at=session.received_at,
        claimed_performed_at=session.claimed_performed_at,
        duration_seconds=session.duration_seconds,
        effort=session.effort,
        pain_before=session.pain_before,
        pain_after=session.pain_after,
        symptoms=list(session.symptoms),
        help=session.help or None,
        note=session.note,
        logged_as=session.logged_as,
        is_possible_duplicate=session.is_possible_duplicate,
        results=[logged_result(each, is_told=is_told) for each in results],
    )


def staff_session(
    session: ExerciseSession,
    results: Sequence[ExerciseResult],
    versions: Sequence[SessionVersion],
) -> StaffSession:
    """Present a session with its versions; who logged, decided, withdrew and made them is loaded."""
    shown = logged_session(session, results, for_staff=True)
    return StaffSession(
        **{name: getattr(shown, name) for name in shown.__struct_fields__},
        patient=session.patient_id,
        logged_by=session.logged_by.name,
        decided_by=session.decided_by.name if session.decided_by else None,
        decided_at=session.decided_at,
        decision_reason=session.decision_reason,
        withdrawn_by=session.withdrawn_by.name if session.withdrawn_by else None,
        withdrawn_at=session.withdrawn_at,
        withdrawn_reason=session.withdrawn_reason,
        versions=[_version_out(each) for each in versions],
    )


def _version_out(version: SessionVersion) -> VersionOut:
    return VersionOut(
        number=version.number,
        # As it was validated then: what is read of the past is not held to rules of today.
        content=cast("Any", version.content),
        made_by=version.made_by.name,
        made_as=version.made_as,
        made_at=version.made_at,
        sent_at=version.sent_at,
        clock_ahead_seconds=version.clock_ahead_seconds,
    )


def safety_check_out(check: SafetyCheck) -> SafetyCheckOut:
    """Present a safety check; who logged it is loaded with it."""
    return SafetyCheckOut(
        id=check.pk,
        patient=check.patient_id,
        checked_at=check.checked_at,
        checked_on=check.checked_on,
        received_at=check.received_at,
        answers=dict(check.answers),
        symptoms=list(check.symptoms),
        has_red_flag=check.has_red_flag,
        logged_by=check.logged_by.name,
        logged_as=check.logged_as,
    )


def logged_result(result: ExerciseResult, *, is_told: bool) -> LoggedResult:
    """
    Present a result; its line, exercise and current version are loaded with it.

    Where a session does not count, no verdict was told but those that say stop.
    """
    said = result.verdict if is_told or result.verdict in TOLD_AT_ONCE else None
    return LoggedResult(
        line=result.line_id,
        side=result.side,
        exercise=exercise_name(result),
        is_off_plan=result.is_off_plan,
        sets=sets_out(result),
        skipped=result.skipped or None,
        checks=dict(result.checks),
        difficulty=result.difficulty or None,
        pain=result.pain,
        verdict=cast("Any", said or None),
    )


def exercise_name(result: ExerciseResult) -> str:
    """The exercise's name as it stands now."""
    current = result.line.exercise.current
    return current.name if current else ""


def sets_out(result: ExerciseResult) -> list[SetOut]:
    """Turn the stored parallel lists back into sets."""
    lists = {name: getattr(result, name) for name in SET_FIELDS}
    return [
        SetOut(**{name: _plain(values[place]) for name, values in lists.items() if values})
        for place in range(result.set_count)
    ]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else float(value)


def form_check_out(check: FormCheck) -> FormCheckOut:
    """Present a form check; its line's exercise and who scored it are loaded with it."""
    current = check.line.exercise.current
    return FormCheckOut(
        id=check.pk,
        patient=check.patient_id,
        line=check.line_id,
        exercise=current.name if current else "",
        seen_on=check.seen_on,
        answers=dict(check.answers),
        note=check.note,
        scored_by=check.scored_by.name,
        scored_at=check.scored_at,
        withdrawn_at=check.withdrawn_at,
        withdrawn_reason=check.withdrawn_reason,
    )
