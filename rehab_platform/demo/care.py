"""What the care team and the patients do beside the sessions, each by the product's own action."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from clinics.actors import Actor
from core.bodies import Instant, LocalDate, decode
from core.calendar import DAY, zone
from patients.actions.assessments import record_assessment
from patients.actions.care_team import remove_from_care_team
from patients.actions.discharge import discharge_patient
from patients.actions.goals import end_goal, set_goal
from patients.actions.pause_requests import ask_for_pause
from patients.actions.pauses import create_pause
from patients.bodies.assessments import NewAssessment
from patients.bodies.discharge import NewDischarge
from patients.bodies.goals import NewGoal
from patients.bodies.pause_requests import NewPauseRequest
from patients.bodies.pauses import NewPause
from patients.models import Goal
from programs.models import Exercise
from rehab_platform.demo import kinds
from rehab_platform.demo.kinds import IDS, AnyCare, Line
from sessions.actions.alerts import acknowledge_alert, resolve_alert
from sessions.actions.discharge import StoredCare
from sessions.actions.form_checks import score_form
from sessions.actions.safety_checks import log_safety_check
from sessions.actions.store import log_session
from sessions.bodies import LogSafetyCheck, LogSession, ResultIn, SetIn
from sessions.form_bodies import NewFormCheck
from sessions.models import Alert


@dataclass(frozen=True, kw_only=True)
class Case:
    """One patient of the story, and who acts for them; `today` is theirs."""

    patient_id: UUID
    therapist: Actor
    admin: Actor
    patient: Actor
    carer: Actor | None
    lines: list[Line]
    today: dt.date
    zone_name: str
    seed: str


def give(care: AnyCare, case: Case, now: dt.datetime) -> None:
    """Do one thing of a patient's care, as if it were then."""
    _DOINGS[type(care)](care, case, now)


def _assess(care: kinds.Assess, case: Case, now: dt.datetime) -> None:
    asked = NewAssessment(
        measure=care.measure,
        score=care.score,
        variant=care.variant,
        aid=care.aid,  # type: ignore[arg-type]
        assessed_on=_day(case, care.days_ago),
    )
    record_assessment(patient_id=case.patient_id, asked=asked, by=case.therapist, now=now)


def _set_goal(care: kinds.SetGoal, case: Case, now: dt.datetime) -> None:
    aim: dict[str, Any] = {"kind": "measure", "measure": care.measure}
    aim |= {name: getattr(care, name) for name in ("variant", "aid") if getattr(care, name)}
    if care.exercise:
        exercise = Exercise.objects.get(clinic=None, slug=care.exercise)
        aim = {
            "kind": "exercise",
            "exercise": str(exercise.pk),
            "measure": care.counted_in,
            "amount": care.amount,
        }
    asked = decode(
        {
            "aim": aim,
            "baseline": care.baseline,
            "target": care.target,
            "due_on": (_day(case, care.days_ago) + care.due_in * DAY).isoformat(),
            "text": care.text,
        },
        NewGoal,
    )
    set_goal(patient_id=case.patient_id, asked=asked, by=case.therapist, now=now)


def _end_goal(care: kinds.EndGoal, case: Case, now: dt.datetime) -> None:
    goal = Goal.objects.get(patient=case.patient_id, status=Goal.Status.ACTIVE)
    end_goal(
        patient_id=case.patient_id, goal_id=goal.pk, reason=care.reason, by=case.therapist, now=now
    )


def _score(care: kinds.Score, case: Case, now: dt.datetime) -> None:
    [line] = [line for line in case.lines if line.position == care.position]
    asked = NewFormCheck(
        line=line.id, seen_on=_day(case, care.days_ago), answers=care.answers, note=care.note
    )
    score_form(patient_id=case.patient_id, asked=asked, by=case.therapist, now=now)


def _check_safety(care: kinds.CheckSafety, case: Case, now: dt.datetime) -> None:
    asked = LogSafetyCheck(
        id=uuid5(IDS, f"{case.seed} safety check {care.days_ago}"),
        checked_at=_before(case, now),
        answers=care.answers,
    )
    log_safety_check(patient_id=case.patient_id, content=asked, by=case.patient, now=now)


def _pause(care: kinds.PauseCare, case: Case, now: dt.datetime) -> None:
    asked = NewPause(starts_on=_day(case, care.days_ago), reason=care.reason, note=care.note)
    create_pause(patient_id=case.patient_id, asked=asked, by=case.therapist, now=now)


def _ask_for_pause(care: kinds.AskForPause, case: Case, now: dt.datetime) -> None:
    asked = NewPauseRequest(
        starts_on=_day(case, -care.in_days),
        ends_on=_day(case, -care.in_days - care.for_days + 1),
        reason=care.reason,
        note=care.note,
    )
    ask_for_pause(patient_id=case.patient_id, asked=asked, by=case.patient, now=now)


def _acknowledge(care: kinds.Acknowledge, case: Case, now: dt.datetime) -> None:
    acknowledge_alert(alert_id=_standing(case, care.rule), by=case.therapist, now=now)


def _resolve(care: kinds.Resolve, case: Case, now: dt.datetime) -> None:
    alert_id = _standing(case, care.rule)
    resolve_alert(alert_id=alert_id, note=care.note, by=case.therapist, now=now)


def _end_care(care: kinds.EndCare, case: Case, now: dt.datetime) -> None:
    asked = NewDischarge(reason=care.reason, note=care.note)
    discharge_patient(
        patient_id=case.patient_id, asked=asked, logged=StoredCare(), by=case.therapist, now=now
    )


def _log_late(care: kinds.LogLate, case: Case, now: dt.datetime) -> None:
    """Send what the phone kept for so long that only the care team can let it count."""
    line = case.lines[0]
    content = LogSession(
        id=uuid5(IDS, f"{case.seed} late {care.days_ago}"),
        performed_at=Instant(
            dt.datetime.combine(
                _day(case, care.performed_days_ago), dt.time(15), zone(case.zone_name)
            )
        ),
        note=care.note,
        results=[
            ResultIn(
                line=line.id,
                side=line.side,  # type: ignore[arg-type]
                sets=[SetIn(**line.amounts)],
            )
        ],
    )
    log_session(patient_id=case.patient_id, content=content, by=case.patient, now=now)


def _leave_team(care: kinds.LeaveTeam, case: Case, now: dt.datetime) -> None:
    assert case.therapist.membership_id is not None
    remove_from_care_team(
        patient_id=case.patient_id,
        membership_id=case.therapist.membership_id,
        by=case.admin,
        now=now,
    )


def _day(case: Case, days_ago: int) -> LocalDate:
    day = case.today - days_ago * DAY
    return LocalDate(day.year, day.month, day.day)


def _before(case: Case, now: dt.datetime) -> Instant:
    return Instant(now.astimezone(zone(case.zone_name)) - kinds.HALF_AN_HOUR)


def _standing(case: Case, rule: str) -> UUID:
    """Return the alert of that rule that is not closed."""
    standing = Alert.objects.exclude(status=Alert.Status.RESOLVED)
    return standing.get(patient=case.patient_id, rule=rule).pk


_DOINGS: Final[Mapping[type, Callable[[Any, Case, dt.datetime], None]]] = {
    kinds.Assess: _assess,
    kinds.SetGoal: _set_goal,
    kinds.EndGoal: _end_goal,
    kinds.Score: _score,
    kinds.CheckSafety: _check_safety,
    kinds.PauseCare: _pause,
    kinds.AskForPause: _ask_for_pause,
    kinds.Acknowledge: _acknowledge,
    kinds.Resolve: _resolve,
    kinds.EndCare: _end_care,
    kinds.LogLate: _log_late,
    kinds.LeaveTeam: _leave_team,
}
