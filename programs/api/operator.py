"""Whether a clinician has reviewed what ships, said by the platform's operators."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import OPERATORS, OperatorView, answer
from clinics.openapi import operation
from core.pagination import Listing
from programs import own_examples
from programs.actions.reviews import review_measure, set_review_status
from programs.bodies import SharedOut, SharedQuery, SharedReviewOrder
from programs.presenters import shared_out
from programs.reading import current_measures, exercise_found, program_found, shared_found

DESCRIPTION = "It counts in every clinic. 409 `stale` where `version` is not current."


class SharedView(OperatorView):
    access: ClassVar = {"get": OPERATORS}

    @operation(
        summary="List what ships, and whether it is reviewed",
        query=SharedQuery,
        answers={200: Listing[SharedOut]},
        examples={200: {"results": [own_examples.SHARED], "next": None}},
    )
    def get(self, request: Request) -> Response:
        page = shared_found(self.query(SharedQuery), who=self.actor)
        shown = [shared_out(version) for version in page.items]
        return answer(Listing[SharedOut](results=shown, next=page.next_cursor))


class ReviewSharedExerciseView(OperatorView):
    access: ClassVar = {"post": OPERATORS}

    @operation(
        summary="Say that a clinician reviewed an exercise that ships",
        description=DESCRIPTION,
        body=SharedReviewOrder,
        answers={200: SharedOut},
        problems=(409,),
        examples={"body": own_examples.SHARED_REVIEW, 200: own_examples.SHARED},
    )
    def post(self, request: Request, exercise_id: UUID) -> Response:
        asked = self.body(SharedReviewOrder)
        set_review_status(
            exercise_id=exercise_id,
            version=asked.version,
            status=asked.status,
            reviewer_name=asked.reviewer_name,
            note=asked.note,
            by=self.actor,
            now=self.now,
        )
        return answer(shared_out(exercise_found(exercise_id, who=self.actor)))


class ReviewMeasureView(OperatorView):
    access: ClassVar = {"post": OPERATORS}

    @operation(
        summary="Say that a clinician reviewed an outcome measure",
        description=DESCRIPTION,
        body=SharedReviewOrder,
        answers={200: SharedOut},
        problems=(409,),
        examples={"body": own_examples.SHARED_REVIEW, 200: own_examples.SHARED_MEASURE},
    )
    def post(self, request: Request, measure_id: UUID) -> Response:
        asked = self.body(SharedReviewOrder)
        review_measure(
            measure_id=measure_id,
            version=asked.version,
            status=asked.status,
            reviewer_name=asked.reviewer_name,
            note=asked.note,
            by=self.actor,
            now=self.now,
        )
        return answer(shared_out(current_measures().get(pk=measure_id)))


class ReviewSharedProgramView(OperatorView):
    access: ClassVar = {"post": OPERATORS}

    @operation(
        summary="Say that a clinician reviewed a program that ships",
        description=DESCRIPTION,
        body=SharedReviewOrder,
        answers={200: SharedOut},
        problems=(409,),
        examples={"body": own_examples.SHARED_REVIEW, 200: own_examples.SHARED},
    )
    def post(self, request: Request, program_id: UUID) -> Response:
        asked = self.body(SharedReviewOrder)
        set_review_status(
            program_id=program_id,
            version=asked.version,
            status=asked.status,
            reviewer_name=asked.reviewer_name,
            note=asked.note,
            by=self.actor,
            now=self.now,
        )
        return answer(shared_out(program_found(program_id, who=self.actor).version))
