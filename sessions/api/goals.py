"""Goals: set by the care team, seen by the patient, moved by what is logged and assessed alone."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import override
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import RECORD_HOLDERS, THERAPISTS, RecordView, StaffView, answer
from clinics.openapi import operation
from core.calendar import local_date
from core.pagination import Listing, PageQuery, paginate
from patients.actions.change import no_such_patient
from patients.actions.goals import change_goal, end_goal, set_goal
from patients.bodies.goals import EndGoal, GoalChange, GoalsQuery, NewGoal
from patients.models import Goal, Patient
from sessions.api.staff import visible_patient
from sessions.goal_answers import goals_for_patient, goals_for_staff
from sessions.goal_bodies import GoalStanding, MyGoal

LATEST_FIRST = ("-set_at", "-id")
DERIVED = (
    "Progress is derived: only what is logged, or assessed, from the date on which the goal was "
    "set moves it, on or off the plan. Held, refused and withdrawn sessions do not."
)
AIM: dict[str, Any] = {
    "kind": "exercise",
    "exercise": "02685850-7dbb-4ce0-824e-e568b1cbfb33",
    "measure": "distance",
    "amount": "best_set",
}
SENT: dict[str, Any] = {
    "aim": AIM,
    "baseline": 150,
    "target": 300,
    "due_on": "2027-01-29",
    "text": "Walk to the bakery and back.",
}
WALK: dict[str, Any] = {
    "id": "019aa9f4-4d22-7c13-8e9f-1a2b3c4d5e72",
    "aim": AIM | {"variant": None, "aid": None, "side": None},
    "name": "Walking with a stick",
    "unit": "m",
    "baseline": 150.0,
    "target": 300.0,
    "now": 220.0,
    "this_period": None,
    "progress": 0.4666666666666667,
    "reached_on": None,
    "starts_on": "2026-11-23",
    "due_on": "2027-01-29",
    "text": "Walk to the bakery and back.",
    "words": "220 of 300 m",
    "status": "active",
    "set_by": "Rui Costa",
    "set_at": "2026-11-23T09:30:00Z",
    "ended_on": None,
    "ended_reason": "",
}
MINE: dict[str, Any] = {
    "id": WALK["id"],
    "text": WALK["text"],
    "words": WALK["words"],
    "when": "in one go",
    "this_period": "",
    "unit": "m",
    "baseline": 150.0,
    "target": 300.0,
    "now": 220.0,
    "reached_on": None,
    "due_on": "2027-01-29",
}


class GoalsView(StaffView):
    access: ClassVar = {"get": THERAPISTS, "post": THERAPISTS}
    audited_as = "goals"

    @operation(
        summary="List a patient's goals, the latest first, with where they stand",
        description=DERIVED,
        query=GoalsQuery,
        answers={200: Listing[GoalStanding]},
        problems=(400, 404),
        examples={200: {"results": [WALK], "next": None}},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        asked = self.query(GoalsQuery)
        patient = visible_patient(self, patient_id)
        goals = _with_names(Goal.objects.filter(patient=patient))
        page = paginate(
            goals.filter(status=asked.status) if asked.status else goals,
            order=LATEST_FIRST,
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"goals:{self.actor.user_id}:{patient.pk}:{asked.status}",
        )
        today = local_date(self.now, patient.time_zone)
        shown = goals_for_staff(page.items, today=today)
        return answer(Listing(results=shown, next=page.next_cursor))

    @operation(
        summary="Set a goal",
        description=DERIVED,
        body=NewGoal,
        answers={201: GoalStanding},
        problems=(400, 404, 409),
        examples={"body": SENT, 201: WALK},
    )
    def post(self, request: Request, patient_id: UUID) -> Response:
        made = set_goal(
            patient_id=patient_id, asked=self.body(NewGoal), by=self.actor, now=self.now
        )
        return answer(_shown(self, made), status=201)


class GoalView(StaffView):
    access: ClassVar = {"patch": THERAPISTS}

    @operation(
        summary="Change a goal that is active",
        description="What is left out stays as it is. What it is about never changes.",
        body=GoalChange,
        answers={200: GoalStanding},
        problems=(400, 404, 409),
        examples={"body": {"target": 250}, 200: WALK | {"target": 250.0}},
    )
    def patch(self, request: Request, patient_id: UUID, goal_id: UUID) -> Response:
        changed = change_goal(
            patient_id=patient_id,
            goal_id=goal_id,
            asked=self.body(GoalChange),
            by=self.actor,
            now=self.now,
        )
        return answer(_shown(self, changed))


class GoalEndView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="End a goal today, reached or not",
        description="It is kept, and what is done later moves it no more. Twice is as once.",
        body=EndGoal,
        answers={200: GoalStanding},
        problems=(400, 404),
        examples={
            "body": {"reason": "Moved house: no bakery near."},
            200: WALK
            | {
                "status": "ended",
                "ended_on": "2026-12-01",
                "ended_reason": "Moved house: no bakery near.",
            },
        },
    )
    def post(self, request: Request, patient_id: UUID, goal_id: UUID) -> Response:
        ended = end_goal(
            patient_id=patient_id,
            goal_id=goal_id,
            reason=self.body(EndGoal).reason,
            by=self.actor,
            now=self.now,
        )
        return answer(_shown(self, ended))


def _shown(view: StaffView, goal: Goal) -> GoalStanding:
    whole = _with_names(Goal.objects.filter(pk=goal.pk)).get()
    today = local_date(view.now, goal.patient.time_zone)
    return goals_for_staff([whole], today=today)[0]


def _with_names(goals: QuerySet[Goal]) -> QuerySet[Goal]:
    return goals.select_related("exercise__current", "set_by")


class MyGoalsView(RecordView):
    access: ClassVar = {"get": RECORD_HOLDERS}
    audited_as = "goals"

    @operation(
        summary="List the goals that are active, the latest first, in plain words",
        query=PageQuery,
        answers={200: Listing[MyGoal]},
        problems=(400,),
        examples={200: {"results": [MINE], "next": None}},
    )
    def get(self, request: Request) -> Response:
        asked = self.query(PageQuery)
        patient = Patient.objects.visible_to(self.actor).first()
        if patient is None:
            raise no_such_patient()
        page = paginate(
            Goal.objects.visible_to(self.actor).filter(status=Goal.Status.ACTIVE),
            order=LATEST_FIRST,
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"me/goals:{self.actor.user_id}:{patient.pk}",
        )
        with override(patient.language):
            today = local_date(self.now, patient.time_zone)
            shown = goals_for_patient(page.items, today=today)
        return answer(Listing(results=shown, next=page.next_cursor))


urlpatterns = [
    path("patients/<uuid:patient_id>/goals", GoalsView.as_view(), name="goals"),
    path("patients/<uuid:patient_id>/goals/<uuid:goal_id>", GoalView.as_view(), name="goal"),
    path(
        "patients/<uuid:patient_id>/goals/<uuid:goal_id>/end",
        GoalEndView.as_view(),
        name="goal-end",
    ),
    path("me/goals", MyGoalsView.as_view(), name="me-goals"),
]
