"""The lines of an assignment. Revising and ending one are in `sessions.api.lines`."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actors import Actor
from clinics.http import THERAPISTS, StaffView, answer
from clinics.openapi import operation
from patients.actions.line_places import change_line, order_lines
from patients.actions.lines import add_line, delete_draft_line
from patients.actions.prescribing import no_such_line
from patients.api import prescription_examples as examples
from patients.api.assignments import find_assignment
from patients.bodies.assignments import AssignmentOut
from patients.bodies.lines import LineAnswer, LineChange, LineOrdering, NewLine
from patients.models import Line
from patients.presenters.assignments import assignment_out, line_answer, with_review


class NewLineView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Add an exercise to an assignment from a date",
        description="Where the assignment is in force and the exercise was not screened with it, "
        "409 `contraindications` says what to confirm.",
        body=NewLine,
        answers={201: LineAnswer},
        problems=(409,),
        examples={"body": examples.NEW_LINE, 201: examples.LINE_ANSWER},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        asked = self.body(NewLine)
        line = add_line(
            assignment_id=assignment_id,
            order=asked,
            starts_on=asked.starts_on,
            confirm=asked.confirm,
            by=self.actor,
            now=self.now,
        )
        return answer(line_answer(find_line(line.pk, self.actor), now=self.now), status=201)


class LineOrderView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Put the lines of an assignment in another order, in place",
        body=LineOrdering,
        answers={200: AssignmentOut},
        problems=(409,),
        examples={"body": {"lines": [examples.LINE]}, 200: examples.ACTIVE},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        asked = self.body(LineOrdering)
        order_lines(assignment_id=assignment_id, lines=asked.lines, by=self.actor, now=self.now)
        return answer(assignment_out(find_assignment(assignment_id, self.actor), now=self.now))


class LineView(StaffView):
    access: ClassVar = {"get": THERAPISTS, "patch": THERAPISTS, "delete": THERAPISTS}
    audited_as = "line"

    @operation(
        summary="Read a line with all its rows",
        answers={200: LineAnswer},
        examples={200: examples.LINE_ANSWER},
    )
    def get(self, request: Request, line_id: UUID) -> Response:
        line = find_line(line_id, self.actor)
        self.reads([line.patient_id])
        return answer(line_answer(line, now=self.now))

    @operation(
        summary="Change a line's note or place, in place",
        body=LineChange,
        answers={200: LineAnswer},
        problems=(409,),
        examples={
            "body": {"note": "Hold on to the kitchen worktop."},
            200: examples.LINE_ANSWER,
        },
    )
    def patch(self, request: Request, line_id: UUID) -> Response:
        asked = self.body(LineChange)
        change_line(
            line_id=line_id,
            note=asked.note,
            position=asked.position,
            by=self.actor,
            now=self.now,
        )
        return answer(line_answer(find_line(line_id, self.actor), now=self.now))

    @operation(summary="Take a line out of a draft", answers={204: None}, problems=(409,))
    def delete(self, request: Request, line_id: UUID) -> Response:
        delete_draft_line(line_id=line_id, by=self.actor, now=self.now)
        return Response(status=204)


def find_line(line_id: UUID, who: Actor) -> Line:
    """
    Return a line with what its presenter needs.

    :raises NotFound: unknown, or of a patient who is not theirs to see
    """
    found = (
        with_review(Line.objects.visible_to(who))
        .select_related("assignment__patient", "patient")
        .filter(pk=line_id)
        .first()
    )
    if found is None:
        raise no_such_line()
    return found


urlpatterns = [
    path("assignments/<uuid:assignment_id>/lines", NewLineView.as_view(), name="line-add"),
    path("assignments/<uuid:assignment_id>/order", LineOrderView.as_view(), name="line-order"),
    path("lines/<uuid:line_id>", LineView.as_view(), name="line"),
]
