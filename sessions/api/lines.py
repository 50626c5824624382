"""Changes of a prescription that may touch what was logged today: revise, end."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import THERAPISTS, StaffView, answer
from clinics.openapi import operation
from patients.api import prescription_examples as examples
from patients.api.assignments import find_assignment
from patients.api.lines import find_line
from patients.bodies.assignments import AssignmentOut
from patients.bodies.lines import LastDate, LineAnswer, LineRevision
from patients.orders import RowOrder
from patients.presenters.assignments import assignment_out, line_answer
from sessions.actions.revise import end_assignment, end_line, revise_line


class ReviseLineView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Change a line's dose, side or schedule from a date on",
        description="The row in force is closed at the date and its successor opened; what has "
        "been is never changed. Where something was logged today, today needs `results_today` "
        "in `confirm`; without a date it is tomorrow. `newest_version` moves the line to the "
        "exercise's newest version, whose contra-indications are then confirmed.",
        body=LineRevision,
        answers={200: LineAnswer},
        problems=(409,),
        examples={"body": examples.REVISION, 200: examples.REVISED_LINE},
    )
    def post(self, request: Request, line_id: UUID) -> Response:
        asked = self.body(LineRevision)
        revise_line(
            line_id=line_id,
            order=RowOrder(
                dose=asked.dose,
                side=asked.side,
                schedule=asked.schedule,
                newest_version=asked.newest_version,
            ),
            starts_on=asked.starts_on,
            confirm=asked.confirm,
            by=self.actor,
            now=self.now,
        )
        return answer(line_answer(find_line(line_id, self.actor), now=self.now))


class EndLineView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Give a line its last date",
        body=LastDate,
        answers={200: LineAnswer},
        problems=(409,),
        examples={"body": examples.LAST_DATE, 200: examples.ENDED_LINE},
    )
    def post(self, request: Request, line_id: UUID) -> Response:
        asked = self.body(LastDate)
        end_line(line_id=line_id, on=asked.on, confirm=asked.confirm, by=self.actor, now=self.now)
        return answer(line_answer(find_line(line_id, self.actor), now=self.now))


class EndAssignmentView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Give an assignment its last date",
        body=LastDate,
        answers={200: AssignmentOut},
        problems=(409,),
        examples={"body": examples.LAST_DATE, 200: examples.ENDED},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        asked = self.body(LastDate)
        end_assignment(
            assignment_id=assignment_id,
            on=asked.on,
            confirm=asked.confirm,
            by=self.actor,
            now=self.now,
        )
        return answer(assignment_out(find_assignment(assignment_id, self.actor), now=self.now))


urlpatterns = [
    path("lines/<uuid:line_id>/revise", ReviseLineView.as_view(), name="line-revise"),
    path("lines/<uuid:line_id>/end", EndLineView.as_view(), name="line-end"),
    path(
        "assignments/<uuid:assignment_id>/end",
        EndAssignmentView.as_view(),
        name="assignment-end",
    ),
]
