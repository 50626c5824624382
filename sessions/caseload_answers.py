"""What answers about a caseload show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sessions.adherence import Sums
from sessions.caseload import NO_WEEKS, Case, Facts, Tally, Weeks, exercise_names
from sessions.caseload_bodies import (
    AdherenceOfCase,
    AlertsOfCase,
    CaseloadSummary,
    CaseOut,
    LowestLine,
    NeedCount,
    PauseOfCase,
    SessionOfCase,
    WaitingOfCase,
    WeekFigure,
)
from sessions.needs import NEEDS


def case_outs(cases: Sequence[Case]) -> list[CaseOut]:
    """Show a page of cases; one statement for the names of their lowest lines."""
    weeks = [case.weeks for case in cases if case.weeks]
    lines = [each.lowest_line for each in weeks if each.lowest_line]
    names = exercise_names(lines)
    return [_case(case, names) for case in cases]


def summary_out(counted: Tally) -> CaseloadSummary:
    return CaseloadSummary(
        patients=counted.patients,
        paused=counted.paused,
        without_need=counted.patients - counted.first.total(),
        needs=[
            NeedCount(need=need, patients=counted.having[need], first=counted.first[need])
            for need in NEEDS
        ],
    )


def _case(case: Case, names: Mapping[UUID, str]) -> CaseOut:
    facts = case.facts
    return CaseOut(
        id=facts.patient_id,
        name=facts.name,
        medical_record_number=facts.medical_record_number,
        status=facts.status,
        needs=list(case.needs),
        alerts=AlertsOfCase(
            open=facts.alerts,
            worst=facts.worst_alert,
            worst_since=facts.alert_since,
            suggestions=facts.suggestions,
        ),
        held=WaitingOfCase(waiting=facts.held, since=facts.held_since),
        pause_requests=WaitingOfCase(waiting=facts.asked_for_pause, since=facts.asked_since),
        pause=PauseOfCase(until=facts.paused_until, is_safety_hold=facts.is_on_hold)
        if facts.is_paused
        else None,
        adherence=_adherence(case.completed, case.weeks or NO_WEEKS, names),
        last_session=_last_session(facts),
        days_without_session=facts.quiet_days,
        programs=facts.programs,
        next_review=facts.review_on,
        drafts=facts.drafts,
    )


def _adherence(completed: Sums, weeks: Weeks, names: Mapping[UUID, str]) -> AdherenceOfCase:
    line = weeks.lowest_line
    return AdherenceOfCase(
        four_weeks=_figure(completed),
        this_week=_figure(weeks.current),
        lowest_line=LowestLine(line=line, exercise=names[line], percent=weeks.lowest.percent)
        if line
        else None,
    )


def _figure(sums: Sums) -> WeekFigure:
    return WeekFigure(percent=sums.percent, band=sums.band.value if sums.band else None)


def _last_session(facts: Facts) -> SessionOfCase | None:
    if facts.performed_at is None or facts.performed_on is None or facts.received_at is None:
        return None
    return SessionOfCase(
        performed_at=facts.performed_at,
        performed_on=facts.performed_on,
        received_at=facts.received_at,
    )
