"""What a patient, or a carer for them, does: read the plan, log, correct, look back."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import RECORD_HOLDERS, RecordView, answer
from clinics.openapi import operation
from core.errors import NotFound
from core.pagination import PageQuery
from sessions import plan, reading
from sessions.actions.batch import log_batch
from sessions.actions.correct import correct_session, withdraw_session
from sessions.actions.safety_checks import log_safety_check
from sessions.actions.store import log_session
from sessions.api import examples
from sessions.bodies import (
    Batch,
    BatchAnswer,
    CorrectSession,
    LoggedSessionPage,
    LogSafetyCheck,
    LogSession,
    SafetyAnswer,
    SessionAnswer,
    Withdraw,
)
from sessions.look_back import progress
from sessions.models import ExerciseSession
from sessions.plan_bodies import PlanOut, PlanQuery, ProgressOut, ProgressQuery
from sessions.presenters import logged_session

BATCH_BYTES = 2 * 1024 * 1024


@method_decorator(gzip_page, name="dispatch")
class PlanView(RecordView):
    access: ClassVar = {"get": RECORD_HOLDERS}
    audited_as = "plan"

    @operation(
        summary="Read the plan of a day",
        description="Everything a phone needs to work, and to give feedback, without a connection. "
        "Send the ETag back as If-None-Match: 304 means that nothing changed.",
        query=PlanQuery,
        answers={200: PlanOut, 304: None},
        problems=(400,),
        headers={"If-None-Match": "The ETag of the plan that the phone has."},
        examples={200: examples.PLAN},
    )
    def get(self, request: Request) -> Response:
        head = plan.plan_head(who=self.actor, on=self.query(PlanQuery).on, now=self.now)
        caching = {"ETag": head.etag, "Cache-Control": "private, no-cache"}
        if head.etag in _tags(request.headers.get("If-None-Match", "")):
            return answer(None, 304, caching)
        return answer(plan.plan(head), headers=caching)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


class SessionsView(RecordView):
    access: ClassVar = {"get": RECORD_HOLDERS, "post": RECORD_HOLDERS}
    audited_as = "sessions"

    @operation(
        summary="Log a session and get feedback at once",
        description="The same content again is answered as before, with 200.",
        body=LogSession,
        answers={201: SessionAnswer, 200: SessionAnswer},
        problems=(400, 409),
        examples={"body": examples.SESSION, 201: examples.ANSWER, 200: examples.ANSWER},
    )
    def post(self, request: Request) -> Response:
        logged = log_session(
            patient_id=self.patient_id,
            content=self.body(LogSession),
            by=self.actor,
            now=self.now,
        )
        is_new = logged.outcome in ("created", "held")
        return answer(logged.answer, 201 if is_new else 200)

    @operation(
        summary="List logged sessions, newest first",
        query=PageQuery,
        answers={200: LoggedSessionPage},
        problems=(400,),
        examples={200: examples.LOGGED_PAGE},
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(PageQuery)
        page = reading.sessions_page(
            ExerciseSession.objects.visible_to(self.actor),
            who=self.actor,
            bound_to=f"me/sessions:{self.patient_id}",
            cursor=wanted.cursor,
            limit=wanted.limit,
        )
        results = reading.results_of(page.items)
        return answer(
            LoggedSessionPage(
                results=[
                    logged_session(each, results[each.pk], for_staff=False) for each in page.items
                ],
                next=page.next_cursor,
            )
        )


class BatchView(RecordView):
    access: ClassVar = {"post": RECORD_HOLDERS}
    max_body_bytes = BATCH_BYTES

    @operation(
        summary="Upload up to 100 sessions and safety checks",
        description="Each item has its own outcome, in the order sent: a bad one never holds back "
        "a good one. Only a bad envelope is refused as a whole.",
        body=Batch,
        answers={200: BatchAnswer},
        problems=(400,),
        examples={"body": examples.BATCH, 200: examples.BATCH_ANSWER},
    )
    def post(self, request: Request) -> Response:
        return answer(
            log_batch(
                patient_id=self.patient_id,
                batch=self.body(Batch),
                by=self.actor,
                now=self.now,
            )
        )


class SessionView(RecordView):
    access: ClassVar = {"put": RECORD_HOLDERS}

    @operation(
        summary="Correct a session",
        description="Send it whole, with the version that it corrects. What it said is kept.",
        body=CorrectSession,
        answers={200: SessionAnswer},
        problems=(400, 403, 404, 409),
        examples={"body": examples.CORRECTION, 200: examples.CORRECTED},
    )
    def put(self, request: Request, phone_id: UUID) -> Response:
        content = self.body(CorrectSession)
        logged = correct_session(
            session_id=row_of(self, phone_id), content=content, by=self.actor, now=self.now
        )
        return answer(logged.answer)


class WithdrawView(RecordView):
    access: ClassVar = {"post": RECORD_HOLDERS}

    @operation(
        summary="Withdraw a session that was a mistake",
        description="It is kept and counts nowhere. Twice is answered as the first time.",
        body=Withdraw,
        answers={200: SessionAnswer},
        problems=(400, 403, 404),
        examples={"body": {"reason": "Tapped twice."}, 200: examples.WITHDRAWN},
    )
    def post(self, request: Request, phone_id: UUID) -> Response:
        reason = self.body(Withdraw).reason
        logged = withdraw_session(
            session_id=row_of(self, phone_id), reason=reason, by=self.actor, now=self.now
        )
        return answer(logged.answer)


def row_of(view: RecordView, phone_id: UUID) -> UUID:
    """Return the key of the row that the phone knows by its own id."""
    found = (
        ExerciseSession.objects.visible_to(view.actor)
        .filter(phone_id=phone_id)
        .values_list("pk", flat=True)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such session."))
    return found


class SafetyChecksView(RecordView):
    access: ClassVar = {"post": RECORD_HOLDERS}

    @operation(
        summary="Log the answers before a session",
        body=LogSafetyCheck,
        answers={201: SafetyAnswer, 200: SafetyAnswer},
        problems=(400, 409),
        examples={
            "body": examples.SAFETY_CHECK,
            201: examples.SAFETY_ANSWER,
            200: examples.SAFETY_ANSWER,
        },
    )
    def post(self, request: Request) -> Response:
        checked = log_safety_check(
            patient_id=self.patient_id,
            content=self.body(LogSafetyCheck),
            by=self.actor,
            now=self.now,
        )
        return answer(checked.answer, 201 if checked.outcome == "created" else 200)


class ProgressView(RecordView):
    access: ClassVar = {"get": RECORD_HOLDERS}
    audited_as = "progress"

    @operation(
        summary="Look back over the last weeks",
        query=ProgressQuery,
        answers={200: ProgressOut},
        problems=(400,),
        examples={200: examples.PROGRESS},
    )
    def get(self, request: Request) -> Response:
        weeks = self.query(ProgressQuery).weeks
        return answer(progress(who=self.actor, weeks=weeks, now=self.now))


urlpatterns = [
    path("me/plan", PlanView.as_view(), name="me-plan"),
    path("me/sessions", SessionsView.as_view(), name="me-sessions"),
    path("me/sessions/batch", BatchView.as_view(), name="me-sessions-batch"),
    path("me/sessions/<uuid:phone_id>", SessionView.as_view(), name="me-session"),
    path(
        "me/sessions/<uuid:phone_id>/withdraw", WithdrawView.as_view(), name="me-session-withdraw"
    ),
    path("me/safety-checks", SafetyChecksView.as_view(), name="me-safety-checks"),
    path("me/progress", ProgressView.as_view(), name="me-progress"),
]
