"""The addresses of the catalogue, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from programs.api import (
    ExercisesView,
    ExerciseView,
    OutcomeMeasuresView,
    ProgramsView,
    ProgramView,
)

urlpatterns = [
    path("exercises", ExercisesView.as_view(), name="exercises"),
    path("exercises/<uuid:exercise_id>", ExerciseView.as_view(), name="exercise"),
    path("programs", ProgramsView.as_view(), name="programs"),
    path("programs/<uuid:program_id>", ProgramView.as_view(), name="program"),
    path("outcome-measures", OutcomeMeasuresView.as_view(), name="outcome-measures"),
]
