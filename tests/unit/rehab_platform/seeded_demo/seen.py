"""What there is to see in a seeded demo, as plain values: read once, then asserted about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from clinics.actors import ADMIN, THERAPIST, Actor
from clinics.models import Clinic, Invitation, Membership, User
from core.models import AuditEvent, Message
from core.tenancy import clinic_context
from patients.models import (
    Assessment,
    Assignment,
    Carer,
    CareTeamMembership,
    Discharge,
    Goal,
    Patient,
    Pause,
    PauseRequest,
    PrescribedExercise,
)
from programs.models import Exercise
from sessions.adherence import adherence
from sessions.caseload import cases
from sessions.caseload_bodies import CaseloadQuery
from sessions.models import (
    Alert,
    AlertOccurrence,
    ExerciseResult,
    ExerciseSession,
    FormCheck,
    SafetyCheck,
    SessionVersion,
)

# A Wednesday: six whole weeks, and Monday and Tuesday of this one, lie behind it.
WEDNESDAY = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)
COUNTED = (
    Patient, Membership, CareTeamMembership, Carer, Assignment, PrescribedExercise, Pause,
    PauseRequest, Goal, Assessment, Discharge, Invitation, ExerciseSession, ExerciseResult,
    SessionVersion, SafetyCheck, FormCheck, Alert, AlertOccurrence,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SeenPatient:
    """`weeks` are whole percents of the completed weeks; `needs` is None where nobody treats them."""

    name: str
    band: str | None
    weeks: list[int | None]
    alerts: set[tuple[str, str, str]]
    needs: tuple[str, ...] | None
    sessions: int
    assignments: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class SeenClinic:
    name: str
    zone: str
    patients: dict[str, SeenPatient]
    counts: dict[str, int]
    sessions: list[dict[str, Any]]
    alerts: list[tuple[Any, ...]]
    audit: list[tuple[Any, ...]]
    lists: dict[str, list[Any]]
    members: list[tuple[str, str]]


def look(*, now: dt.datetime) -> dict[str, SeenClinic]:
    """Read everything of both clinics."""
    seen = {}
    for clinic in Clinic.objects.order_by("name"):
        with clinic_context(clinic.pk):
            seen[clinic.name] = _look_at(clinic, now=now)
    return seen


def counts_of_everything() -> list[tuple[str, str, int]]:
    """Count every row of every clinic, the logins and the mails."""
    found = [("", "User", User.objects.count()), ("", "Message", Message.objects.count())]
    for clinic in Clinic.objects.order_by("name"):
        with clinic_context(clinic.pk):
            found += [(clinic.name, *each) for each in _counts().items()]
    return found


def _counts() -> dict[str, int]:
    counts = {model.__name__: model.objects.count() for model in COUNTED}
    return counts | {"AuditEvent": AuditEvent.objects.count()}


def _look_at(clinic: Clinic, *, now: dt.datetime) -> SeenClinic:
    needs = _needs(clinic, now=now)
    members = Membership.objects.order_by("role", "user__email")
    return SeenClinic(
        name=clinic.name,
        zone=clinic.time_zone,
        patients={
            one.medical_record_number: _look_at_patient(one, needs, now=now)
            for one in Patient.objects.order_by("medical_record_number")
        },
        counts=_counts(),
        sessions=list(
            ExerciseSession.objects.order_by("performed_at", "phone_id").values(
                "patient__medical_record_number", "phone_id", "performed_at", "performed_on",
                "received_at", "status", "logged_as", "pain_after", "symptoms", "note",
            )
        ),
        alerts=list(
            Alert.objects.order_by("patient__medical_record_number", "rule", "opened_at", "pk")
            .values_list("patient__medical_record_number", "rule", "severity", "status", "opened_at")
        ),
        audit=list(AuditEvent.objects.order_by("pk").values_list("action", "acting_as")),
        lists=_lists(),
        members=list(members.values_list("role", "user__email")),
    )  # fmt: skip


def _look_at_patient(
    patient: Patient, needs: dict[str, tuple[str, ...]], *, now: dt.datetime
) -> SeenPatient:
    today = now.date()
    monday = today - dt.timedelta(days=today.weekday())
    figures = adherence(
        patient_id=patient.pk,
        first=monday - dt.timedelta(weeks=6),
        last=monday - dt.timedelta(days=1),
        today=today,
    )
    last_four = adherence(
        patient_id=patient.pk,
        first=monday - dt.timedelta(weeks=4),
        last=monday - dt.timedelta(days=1),
        today=today,
    )
    alerts = Alert.objects.filter(patient=patient).values_list("rule", "severity", "status")
    assignments = Assignment.objects.filter(patient=patient).order_by("pk")
    return SeenPatient(
        name=patient.name,
        band=last_four.sums.band,
        weeks=[week.sums.percent for week in figures.by_week],
        alerts=set(alerts),
        needs=needs.get(patient.medical_record_number),
        sessions=ExerciseSession.objects.filter(patient=patient).count(),
        assignments=list(assignments.values_list("title", "status")),
    )


def _needs(clinic: Clinic, *, now: dt.datetime) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for member in Membership.objects.filter(role=THERAPIST):
        who = acting(member)
        for case in cases(who=who, asked=CaseloadQuery(), now=now):
            found[case.facts.medical_record_number] = case.needs
    return found


def acting(member: Membership) -> Actor:
    return Actor(
        user_id=member.user_id,
        acting_as="staff",
        clinic_id=member.clinic_id,
        membership_id=member.pk,
        roles=frozenset({ADMIN if member.role == ADMIN else THERAPIST}),
    )


def _lists() -> dict[str, list[Any]]:
    """Return what each list of the product would show, without keys that are made anew."""
    number = "patient__medical_record_number"
    return {
        "goals": list(Goal.objects.order_by("pk").values_list(number, "status", "text")),
        "assessments": list(
            Assessment.objects.order_by("pk").values_list(number, "slug", "score", "assessed_on")
        ),
        "form checks": list(FormCheck.objects.order_by("pk").values_list(number, "seen_on")),
        "safety checks": list(SafetyCheck.objects.order_by("pk").values_list(number, "answers")),
        "pauses": list(Pause.objects.order_by("pk").values_list(number, "reason", "starts_on")),
        "pause requests": list(PauseRequest.objects.values_list(number, "status", "starts_on")),
        "discharges": list(Discharge.objects.values_list(number, "reason", "discharged_on")),
        "carers": list(Carer.objects.order_by("pk").values_list(number, "user__email")),
        "invitations": list(Invitation.objects.values_list("email", "kind", "accepted_at")),
        "unassigned": list(
            Patient.objects.exclude(unassigned_at=None).values_list(
                "medical_record_number", flat=True
            )
        ),
        "own exercises": list(
            Exercise.objects.exclude(clinic=None).values_list("current__name", flat=True)
        ),
    }
