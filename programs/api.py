"""The catalogue, for those who prescribe from it."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import STAFF, StaffView, answer
from clinics.openapi import operation
from core.pagination import Listing
from programs import examples
from programs.bodies import (
    ExerciseOut,
    ExerciseQuery,
    ExerciseSummary,
    OutcomeMeasureList,
    ProgramOut,
    ProgramQuery,
    ProgramSummary,
)
from programs.presenters import (
    exercise_out,
    exercise_summary,
    outcome_measure_out,
    program_out,
    program_summary,
)
from programs.reading import (
    exercise_found,
    exercises_found,
    measures_offered,
    program_found,
    programs_found,
)


class ExercisesView(StaffView):
    access: ClassVar = {"get": STAFF}

    @operation(
        summary="List and search exercises",
        description="The exercises of the platform and of the clinic that are in use, by name.",
        query=ExerciseQuery,
        answers={200: Listing[ExerciseSummary]},
        examples={200: examples.EXERCISES},
    )
    def get(self, request: Request) -> Response:
        page = exercises_found(self.query(ExerciseQuery), who=self.actor)
        shown = [exercise_summary(version) for version in page.items]
        return answer(Listing[ExerciseSummary](results=shown, next=page.next_cursor))


class ExerciseView(StaffView):
    access: ClassVar = {"get": STAFF}

    @operation(
        summary="Read an exercise",
        description="Its current version, with the dose that a prescription is prefilled with.",
        answers={200: ExerciseOut},
        examples={200: examples.EXERCISE},
    )
    def get(self, request: Request, exercise_id: UUID) -> Response:
        return answer(exercise_out(exercise_found(exercise_id, who=self.actor)))


class ProgramsView(StaffView):
    access: ClassVar = {"get": STAFF}

    @operation(
        summary="List and search programs",
        description="The programs of the platform and of the clinic that are in use, by name.",
        query=ProgramQuery,
        answers={200: Listing[ProgramSummary]},
        examples={200: examples.PROGRAMS},
    )
    def get(self, request: Request) -> Response:
        page = programs_found(self.query(ProgramQuery), who=self.actor)
        shown = [program_summary(program) for program in page.items]
        return answer(Listing[ProgramSummary](results=shown, next=page.next_cursor))


class ProgramView(StaffView):
    access: ClassVar = {"get": STAFF}

    @operation(
        summary="Read a program",
        description="Its current version, with the dose, side and schedule of each exercise.",
        answers={200: ProgramOut},
        examples={200: examples.PROGRAM},
    )
    def get(self, request: Request, program_id: UUID) -> Response:
        return answer(program_out(program_found(program_id, who=self.actor)))


class OutcomeMeasuresView(StaffView):
    access: ClassVar = {"get": STAFF}

    @operation(
        summary="List the outcome measures that are offered",
        description="Instruments with a valid range and a published change whose source is named.",
        answers={200: OutcomeMeasureList},
        examples={200: examples.MEASURES},
    )
    def get(self, request: Request) -> Response:
        shown = [outcome_measure_out(measure) for measure in measures_offered()]
        return answer(OutcomeMeasureList(results=shown))
