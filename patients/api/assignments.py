"""Programs prescribed to a patient. Ending one is in `sessions.api.lines`: it counts results anew."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import path
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actors import Actor
from clinics.http import THERAPISTS, StaffView, answer
from clinics.openapi import operation
from core.calendar import local_date
from core.errors import NotFound
from core.pagination import Listing, paginate
from patients.actions.activation import activate_assignment
from patients.actions.assignments import (
    change_draft,
    delete_draft,
    draft_assignment,
)
from patients.actions.change import no_such_patient
from patients.api import prescription_examples as examples
from patients.bodies.assignments import (
    Activation,
    AssignmentOut,
    AssignmentQuery,
    AssignmentSummary,
    DraftAssignment,
    DraftChange,
)
from patients.models import Assignment, Patient
from patients.presenters.assignments import assignment_out, assignment_summary


class AssignmentsView(StaffView):
    access: ClassVar = {"get": THERAPISTS, "post": THERAPISTS}
    audited_as = "assignments"

    @operation(
        summary="List a patient's assignments, newest first",
        query=AssignmentQuery,
        answers={200: Listing[AssignmentSummary]},
        examples={200: {"results": [examples.SUMMARY], "next": None}},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        asked = self.query(AssignmentQuery)
        patient = Patient.objects.visible_to(self.actor).filter(pk=patient_id).first()
        if patient is None:
            raise no_such_patient()
        today = local_date(self.now, patient.time_zone)
        own = patient.assignments.visible_to(self.actor)
        page = paginate(
            _with_status(own, asked.status, today).select_related(
                "therapist__user", "program_version"
            ),
            order=("-drafted_at", "-id"),
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"assignments:{self.actor.user_id}:{patient_id}:{asked.status}",
        )
        shown = [assignment_summary(one, today=today) for one in page.items]
        return answer(Listing[AssignmentSummary](results=shown, next=page.next_cursor))

    @operation(
        summary="Draft an assignment, whole, from a program or from exercises",
        description="A draft expects nothing. An exercise in force already on the same side "
        "(`already_prescribed`) and a dose outside the exercise's usual range "
        "(`outside_usual_range`) answer 409 with what `confirm` must name.",
        body=DraftAssignment,
        answers={201: AssignmentOut},
        problems=(409,),
        examples={"body": examples.DRAFT_FROM_PROGRAM, 201: examples.DRAFT},
    )
    def post(self, request: Request, patient_id: UUID) -> Response:
        asked = self.body(DraftAssignment)
        assignment = draft_assignment(
            patient_id=patient_id,
            title=asked.title or "",
            program_id=asked.program,
            changes=asked.changes,
            items=asked.items,
            starts_on=asked.starts_on,
            ends_on=asked.ends_on,
            confirm=asked.confirm,
            by=self.actor,
            now=self.now,
        )
        return answer(assignment_out(assignment, now=self.now), status=201)


class AssignmentView(StaffView):
    access: ClassVar = {"get": THERAPISTS, "patch": THERAPISTS, "delete": THERAPISTS}
    audited_as = "assignment"

    @operation(
        summary="Read an assignment with all its lines and rows",
        answers={200: AssignmentOut},
        examples={200: examples.ACTIVE},
    )
    def get(self, request: Request, assignment_id: UUID) -> Response:
        assignment = find_assignment(assignment_id, self.actor)
        self.reads([assignment.patient_id])
        return answer(assignment_out(assignment, now=self.now))

    @operation(
        summary="Change a draft's title or dates",
        body=DraftChange,
        answers={200: AssignmentOut},
        problems=(409,),
        examples={"body": {"starts_on": "2026-11-30"}, 200: examples.DRAFT},
    )
    def patch(self, request: Request, assignment_id: UUID) -> Response:
        asked = self.body(DraftChange)
        assignment = change_draft(
            assignment_id=assignment_id,
            title=asked.title,
            starts_on=asked.starts_on,
            ends_on=asked.ends_on,
            by=self.actor,
            now=self.now,
        )
        return answer(assignment_out(assignment, now=self.now))

    @operation(summary="Delete a draft", answers={204: None}, problems=(409,))
    def delete(self, request: Request, assignment_id: UUID) -> Response:
        delete_draft(assignment_id=assignment_id, by=self.actor, now=self.now)
        return Response(status=204)


class ActivateAssignmentView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Put a draft in force, its screening confirmed",
        description="Every point of `screening.asked` of the draft must be confirmed, else 400 "
        "`screening_incomplete` names each. A start that has passed moves to today.",
        body=Activation,
        answers={200: AssignmentOut},
        problems=(409,),
        examples={"body": examples.ACTIVATION, 200: examples.ACTIVE},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        asked = self.body(Activation)
        assignment = activate_assignment(
            assignment_id=assignment_id,
            answers=asked.screening,
            confirm=asked.confirm,
            by=self.actor,
            now=self.now,
        )
        return answer(assignment_out(assignment, now=self.now))


def find_assignment(assignment_id: UUID, who: Actor) -> Assignment:
    """
    Return an assignment with what its presenter needs.

    :raises NotFound: unknown, or of a patient who is not theirs to see
    """
    found = (
        Assignment.objects.visible_to(who)
        .select_related("patient", "therapist__user", "program_version", "screened_by")
        .filter(pk=assignment_id)
        .first()
    )
    if found is None:
        raise NotFound(gettext_lazy("There is no such assignment."))
    return found


def _with_status(
    assignments: QuerySet[Assignment], status: str | None, today: object
) -> QuerySet[Assignment]:
    """Restrict to a status as of the date: what `status_on` says of each."""
    is_draft, is_over = Q(status=Assignment.Status.DRAFT), Q(ends_on__lt=today)
    has_no_end = Q(ends_on=None) | Q(ends_on__gte=today)
    wanted = {"draft": is_draft, "ended": ~is_draft & is_over, "active": ~is_draft & has_no_end}
    return assignments.filter(wanted[status]) if status else assignments


urlpatterns = [
    path("patients/<uuid:patient_id>/assignments", AssignmentsView.as_view(), name="assignments"),
    path("assignments/<uuid:assignment_id>", AssignmentView.as_view(), name="assignment"),
    path(
        "assignments/<uuid:assignment_id>/activate",
        ActivateAssignmentView.as_view(),
        name="assignment-activate",
    ),
]
