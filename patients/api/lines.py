"""The lines of an assignment. Revising and ending one are in `sessions.api.lines`."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actors import Actor
from clinics.http import THERAPISTS, StaffView, answer
from patients.actions.lines import add_line, change_line, delete_draft_line, order_lines
from patients.actions.prescribing import no_such_line
from patients.api.assignments import find_assignment
from patients.bodies.lines import LineChange, LineOrdering, NewLine
from patients.models import Line
from patients.presenters.assignments import assignment_out, line_answer


class NewLineView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

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

    def post(self, request: Request, assignment_id: UUID) -> Response:
        asked = self.body(LineOrdering)
        order_lines(assignment_id=assignment_id, lines=asked.lines, by=self.actor, now=self.now)
        return answer(assignment_out(find_assignment(assignment_id, self.actor), now=self.now))


class LineView(StaffView):
    access: ClassVar = {"get": THERAPISTS, "patch": THERAPISTS, "delete": THERAPISTS}
    audited_as = "line"

    def get(self, request: Request, line_id: UUID) -> Response:
        line = find_line(line_id, self.actor)
        self.reads([line.patient_id])
        return answer(line_answer(line, now=self.now))

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

    def delete(self, request: Request, line_id: UUID) -> Response:
        delete_draft_line(line_id=line_id, by=self.actor, now=self.now)
        return Response(status=204)


def find_line(line_id: UUID, who: Actor) -> Line:
    """
    Return a line with what its presenter needs.

    :raises NotFound: unknown, or of a patient who is not theirs to see
    """
    found = (
        Line.objects.visible_to(who)
        .select_related("exercise__current", "assignment__patient", "patient")
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
