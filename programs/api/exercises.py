"""Exercises: found and read by staff, made and changed by the clinic's therapists."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actors import Actor
from clinics.http import STAFF, THERAPISTS, StaffView, answer
from clinics.openapi import operation
from core.pagination import Listing
from programs import examples, own_examples
from programs.actions.own_exercises import (
    copy_exercise,
    create_exercise,
    publish_exercise_version,
    restore_exercise,
    retire_exercise,
)
from programs.actions.reviews import review_exercise
from programs.bodies import (
    CopyOrder,
    ExerciseOut,
    ExerciseQuery,
    ExerciseSummary,
    NewExercise,
    NextExercise,
    ReviewOrder,
)
from programs.presenters import exercise_out, exercise_summary
from programs.reading import exercise_found, exercises_found, variants_of


class ExercisesView(StaffView):
    access: ClassVar = {"get": STAFF, "post": THERAPISTS}

    @operation(
        summary="List and search exercises",
        description="The exercises of the platform and of the clinic, by name; those in use, unless "
        "`retired` says otherwise.",
        query=ExerciseQuery,
        answers={200: Listing[ExerciseSummary]},
        examples={200: examples.EXERCISES},
    )
    def get(self, request: Request) -> Response:
        page = exercises_found(self.query(ExerciseQuery), who=self.actor)
        shown = [exercise_summary(version) for version in page.items]
        return answer(Listing[ExerciseSummary](results=shown, next=page.next_cursor))

    @operation(
        summary="Make an exercise of the clinic's own",
        description="The same body with the same `key` again answers 200 with what it made. Where "
        "the patient's texts are hard to read, 409 `reads_hard` says where; `confirm` it to go on.",
        body=NewExercise,
        answers={201: ExerciseOut, 200: ExerciseOut},
        problems=(409,),
        examples={"body": own_examples.NEW_EXERCISE, 201: own_examples.OWN, 200: own_examples.OWN},
    )
    def post(self, request: Request) -> Response:
        asked = self.body(NewExercise)
        exercise, is_new = create_exercise(
            key=asked.key, order=asked, confirm=asked.confirm, by=self.actor, now=self.now
        )
        return answer(shown_exercise(exercise.pk, self.actor), status=201 if is_new else 200)


class ExerciseView(StaffView):
    access: ClassVar = {"get": STAFF}

    @operation(
        summary="Read an exercise",
        description="Its current version, with the dose that a prescription is prefilled with.",
        answers={200: ExerciseOut},
        examples={200: examples.EXERCISE},
    )
    def get(self, request: Request, exercise_id: UUID) -> Response:
        return answer(shown_exercise(exercise_id, self.actor))


class ExerciseVersionsView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Publish the next version of an exercise of the clinic's own",
        description="The whole exercise as it is from now on. What was prescribed stays on its "
        "version. `replaces` is the version that was read: 409 `stale` where there is a newer one. "
        "A check's `id` keeps its right answer for good.",
        body=NextExercise,
        answers={200: ExerciseOut},
        problems=(409,),
        examples={"body": own_examples.NEXT_EXERCISE, 200: own_examples.OWN_SECOND},
    )
    def post(self, request: Request, exercise_id: UUID) -> Response:
        asked = self.body(NextExercise)
        publish_exercise_version(
            exercise_id=exercise_id,
            replaces=asked.replaces,
            order=asked,
            confirm=asked.confirm,
            by=self.actor,
            now=self.now,
        )
        return answer(shown_exercise(exercise_id, self.actor))


class CopyExerciseView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Copy an exercise into one of the clinic's own",
        description="Shared or own, its current version. The copy is a draft and says which "
        "version it was copied from. The same `key` again answers 200 with what it made.",
        body=CopyOrder,
        answers={201: ExerciseOut, 200: ExerciseOut},
        problems=(409,),
        examples={"body": own_examples.COPY, 201: own_examples.COPIED, 200: own_examples.COPIED},
    )
    def post(self, request: Request, exercise_id: UUID) -> Response:
        asked = self.body(CopyOrder)
        exercise, is_new = copy_exercise(
            exercise_id=exercise_id,
            key=asked.key,
            name=asked.name or "",
            by=self.actor,
            now=self.now,
        )
        return answer(shown_exercise(exercise.pk, self.actor), status=201 if is_new else 200)


class RetireExerciseView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Retire an exercise of the clinic's own",
        description="It is offered and prescribed no longer; what is prescribed of it stays.",
        answers={200: ExerciseOut},
        examples={200: own_examples.RETIRED},
    )
    def post(self, request: Request, exercise_id: UUID) -> Response:
        retire_exercise(exercise_id=exercise_id, by=self.actor, now=self.now)
        return answer(shown_exercise(exercise_id, self.actor))


class RestoreExerciseView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Take a retired exercise of the clinic's own back into use",
        answers={200: ExerciseOut},
        examples={200: own_examples.OWN},
    )
    def post(self, request: Request, exercise_id: UUID) -> Response:
        restore_exercise(exercise_id=exercise_id, by=self.actor, now=self.now)
        return answer(shown_exercise(exercise_id, self.actor))


class ReviewExerciseView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Say that you reviewed the current version of an exercise of the clinic's own",
        description="A new version is a draft again. 409 `stale` where `version` is not current.",
        body=ReviewOrder,
        answers={200: ExerciseOut},
        problems=(409,),
        examples={"body": own_examples.REVIEW, 200: own_examples.REVIEWED},
    )
    def post(self, request: Request, exercise_id: UUID) -> Response:
        asked = self.body(ReviewOrder)
        review_exercise(
            exercise_id=exercise_id,
            version=asked.version,
            status=asked.status,
            note=asked.note,
            by=self.actor,
            now=self.now,
        )
        return answer(shown_exercise(exercise_id, self.actor))


def shown_exercise(exercise_id: UUID, who: Actor) -> ExerciseOut:
    """
    Return an exercise as it is now.

    :raises NotFound: there is none that this actor may see
    """
    version = exercise_found(exercise_id, who=who)
    return exercise_out(version, variants_of(version, who=who))
