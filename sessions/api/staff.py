"""What a care team does with a patient's sessions: log in the clinic, look, decide, put right."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import THERAPISTS, StaffView, answer
from clinics.openapi import operation
from patients.actions.change import no_such_patient
from patients.models import Patient
from sessions import reading
from sessions.actions.correct import correct_session, withdraw_session
from sessions.actions.decide import accept_held, refuse_held
from sessions.actions.store import Logged, log_session
from sessions.api import examples
from sessions.bodies import CorrectSession, LoggedSessionPage, LogSession, SessionAnswer, Withdraw
from sessions.care_bodies import (
    AcceptHeld,
    RefuseHeld,
    SafetyCheckOut,
    StaffSession,
    StaffSessionsQuery,
)
from sessions.models import ExerciseSession
from sessions.presenters import logged_session, safety_check_out, staff_session

IN_THE_CLINIC = (
    "Paths below `sessions/` take the row's own id, which the list gives; `me/` takes the phone's."
)


def visible_patient(view: StaffView, patient_id: UUID) -> Patient:
    """:raises core.errors.NotFound: not a patient whose care team this therapist is on"""
    patient = Patient.objects.visible_to(view.actor).filter(pk=patient_id).first()
    if patient is None:
        raise no_such_patient()
    return patient


class PatientSessionsView(StaffView):
    access: ClassVar = {"get": THERAPISTS, "post": THERAPISTS}
    audited_as = "sessions"

    @operation(
        summary="List a patient's sessions, newest first",
        description="`status=held` lists what waits for a decision. " + IN_THE_CLINIC,
        query=StaffSessionsQuery,
        answers={200: LoggedSessionPage},
        problems=(400, 404),
        examples={200: examples.STAFF_LOGGED_PAGE},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        wanted = self.query(StaffSessionsQuery)
        patient = visible_patient(self, patient_id)
        page = reading.sessions_page(
            _asked(ExerciseSession.objects.filter(patient=patient), wanted),
            who=self.actor,
            bound_to=f"sessions:{patient_id}:{wanted.status}:{wanted.possible_duplicates}",
            cursor=wanted.cursor,
            limit=wanted.limit,
        )
        results = reading.results_of(page.items)
        return answer(
            LoggedSessionPage(
                results=[
                    logged_session(each, results[each.pk], for_staff=True) for each in page.items
                ],
                next=page.next_cursor,
            )
        )

    @operation(
        summary="Log a session in the clinic",
        body=LogSession,
        answers={201: SessionAnswer, 200: SessionAnswer},
        problems=(400, 404, 409),
        examples={"body": examples.SESSION, 201: examples.STAFF_ANSWER, 200: examples.STAFF_ANSWER},
    )
    def post(self, request: Request, patient_id: UUID) -> Response:
        content = self.body(LogSession)
        logged = log_session(patient_id=patient_id, content=content, by=self.actor, now=self.now)
        return answer(by_row(logged), 201 if logged.outcome == "created" else 200)


def by_row(logged: Logged) -> SessionAnswer:
    """The answer with the row's own id, which staff routes speak."""
    return msgspec.structs.replace(logged.answer, id=logged.session_id)


def _asked(
    sessions: QuerySet[ExerciseSession], wanted: StaffSessionsQuery
) -> QuerySet[ExerciseSession]:
    if wanted.status is not None:
        sessions = sessions.filter(status=wanted.status)
    if wanted.possible_duplicates:
        sessions = sessions.filter(is_possible_duplicate=True, status__in=("counted", "held"))
    return sessions


class StaffSessionView(StaffView):
    access: ClassVar = {"get": THERAPISTS, "put": THERAPISTS}
    audited_as = "session"

    @operation(
        summary="Read one session, with its earlier versions",
        description="To which an alert's `session` leads. " + IN_THE_CLINIC,
        answers={200: StaffSession},
        problems=(404,),
        examples={200: examples.STAFF_SESSION},
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        session, versions = reading.session_with_versions(session_id, by=self.actor)
        self.reads([session.patient_id])
        results = reading.results_of([session])[session.pk]
        return answer(staff_session(session, results, versions))

    @operation(
        summary="Correct a patient's session",
        description="As the patient does, without a limit of time. " + IN_THE_CLINIC,
        body=CorrectSession,
        answers={200: SessionAnswer},
        problems=(400, 404, 409),
        examples={"body": examples.CORRECTION, 200: examples.STAFF_ANSWER | {"version": 2}},
    )
    def put(self, request: Request, session_id: UUID) -> Response:
        content = self.body(CorrectSession)
        logged = correct_session(
            session_id=session_id, content=content, by=self.actor, now=self.now
        )
        return answer(by_row(logged))


class StaffWithdrawView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Withdraw a patient's session",
        body=Withdraw,
        answers={200: SessionAnswer},
        problems=(400, 404),
        examples={
            "body": {"reason": "Logged twice."},
            200: examples.STAFF_ANSWER | {"status": "withdrawn"},
        },
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        reason = self.body(Withdraw).reason
        logged = withdraw_session(session_id=session_id, reason=reason, by=self.actor, now=self.now)
        return answer(by_row(logged))


class AcceptView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Accept a held session",
        description="Give the time at which it was really performed, if the phone's was wrong.",
        body=AcceptHeld,
        answers={200: SessionAnswer},
        problems=(400, 404, 409),
        examples={
            "body": {"performed_at": "2026-11-23T09:30:00+01:00"},
            200: examples.STAFF_ANSWER | {"version": 2},
        },
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        performed_at = self.body(AcceptHeld).performed_at
        accepted = accept_held(
            session_id=session_id, performed_at=performed_at, by=self.actor, now=self.now
        )
        return answer(by_row(accepted))


class RefuseView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Refuse a held session",
        description="It is kept and counts nowhere; the alerts that it raised stay.",
        body=RefuseHeld,
        answers={200: SessionAnswer},
        problems=(400, 404, 409),
        examples={
            "body": {"reason": "The phone's clock was a year off."},
            200: examples.STAFF_ANSWER | {"status": "refused"},
        },
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        reason = self.body(RefuseHeld).reason
        refused = refuse_held(session_id=session_id, reason=reason, by=self.actor, now=self.now)
        return answer(by_row(refused))


class StaffSafetyCheckView(StaffView):
    access: ClassVar = {"get": THERAPISTS}
    audited_as = "safety_check"

    @operation(
        summary="Read one safety check",
        description="To which an alert's `safety_check` leads.",
        answers={200: SafetyCheckOut},
        problems=(404,),
        examples={200: examples.STAFF_SAFETY_CHECK},
    )
    def get(self, request: Request, safety_check_id: UUID) -> Response:
        check = reading.safety_check(safety_check_id, by=self.actor)
        self.reads([check.patient_id])
        return answer(safety_check_out(check))


urlpatterns = [
    path(
        "patients/<uuid:patient_id>/sessions",
        PatientSessionsView.as_view(),
        name="patient-sessions",
    ),
    path("sessions/<uuid:session_id>", StaffSessionView.as_view(), name="session"),
    path(
        "sessions/<uuid:session_id>/withdraw", StaffWithdrawView.as_view(), name="session-withdraw"
    ),
    path("sessions/<uuid:session_id>/accept", AcceptView.as_view(), name="session-accept"),
    path("sessions/<uuid:session_id>/refuse", RefuseView.as_view(), name="session-refuse"),
    path(
        "safety-checks/<uuid:safety_check_id>",
        StaffSafetyCheckView.as_view(),
        name="safety-check",
    ),
]
