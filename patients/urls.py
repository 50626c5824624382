"""The addresses of patients, their care and their prescriptions, below /api/v1/."""

from __future__ import annotations

from patients.api import care_team, carers, pauses, people, whoami

urlpatterns = [
    *whoami.urlpatterns,
    *people.urlpatterns,
    *care_team.urlpatterns,
    *carers.urlpatterns,
    *pauses.urlpatterns,
]
