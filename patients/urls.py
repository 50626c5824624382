"""The addresses of patients, their care and their prescriptions, below /api/v1/."""

from __future__ import annotations

from patients.api import (
    assessments,
    assignments,
    care_team,
    carers,
    invitations,
    leaving,
    lines,
    me,
    pause_requests,
    pauses,
    people,
    whoami,
)

urlpatterns = [
    *whoami.urlpatterns,
    *people.urlpatterns,
    *care_team.urlpatterns,
    *carers.urlpatterns,
    *leaving.urlpatterns,
    *invitations.urlpatterns,
    *pauses.urlpatterns,
    *pause_requests.urlpatterns,
    *me.urlpatterns,
    *assignments.urlpatterns,
    *lines.urlpatterns,
    *assessments.urlpatterns,
]
