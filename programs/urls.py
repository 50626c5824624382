"""The addresses of the catalogue, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from programs.api.exercises import (
    CopyExerciseView,
    ExercisesView,
    ExerciseVersionsView,
    ExerciseView,
    RestoreExerciseView,
    RetireExerciseView,
    ReviewExerciseView,
)
from programs.api.measures import OutcomeMeasuresView
from programs.api.operator import (
    ReviewMeasureView,
    ReviewSharedExerciseView,
    ReviewSharedProgramView,
    SharedView,
)
from programs.api.programs import (
    CopyProgramView,
    ProgramsView,
    ProgramVersionsView,
    ProgramView,
    RestoreProgramView,
    RetireProgramView,
    ReviewProgramView,
)

EXERCISE = "exercises/<uuid:exercise_id>"
PROGRAM = "programs/<uuid:program_id>"

urlpatterns = [
    path("exercises", ExercisesView.as_view(), name="exercises"),
    path(EXERCISE, ExerciseView.as_view(), name="exercise"),
    path(f"{EXERCISE}/versions", ExerciseVersionsView.as_view(), name="exercise-versions"),
    path(f"{EXERCISE}/copy", CopyExerciseView.as_view(), name="exercise-copy"),
    path(f"{EXERCISE}/retire", RetireExerciseView.as_view(), name="exercise-retire"),
    path(f"{EXERCISE}/restore", RestoreExerciseView.as_view(), name="exercise-restore"),
    path(f"{EXERCISE}/review", ReviewExerciseView.as_view(), name="exercise-review"),
    path("programs", ProgramsView.as_view(), name="programs"),
    path(PROGRAM, ProgramView.as_view(), name="program"),
    path(f"{PROGRAM}/versions", ProgramVersionsView.as_view(), name="program-versions"),
    path(f"{PROGRAM}/copy", CopyProgramView.as_view(), name="program-copy"),
    path(f"{PROGRAM}/retire", RetireProgramView.as_view(), name="program-retire"),
    path(f"{PROGRAM}/restore", RestoreProgramView.as_view(), name="program-restore"),
    path(f"{PROGRAM}/review", ReviewProgramView.as_view(), name="program-review"),
    path("operator/catalogue", SharedView.as_view(), name="shared"),
    path(
        f"operator/{EXERCISE}/review",
        ReviewSharedExerciseView.as_view(),
        name="shared-exercise-review",
    ),
    path(
        f"operator/{PROGRAM}/review",
        ReviewSharedProgramView.as_view(),
        name="shared-program-review",
    ),
    path(
        "operator/outcome-measures/<uuid:measure_id>/review",
        ReviewMeasureView.as_view(),
        name="measure-review",
    ),
    path("outcome-measures", OutcomeMeasuresView.as_view(), name="outcome-measures"),
]
