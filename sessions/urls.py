"""The addresses of plans, sessions, adherence and alerts, below /api/v1/."""

from __future__ import annotations

from sessions.api import (
    adherence,
    alerts,
    caseload,
    changes,
    discharge,
    form_checks,
    goals,
    lines,
    me,
    staff,
    thresholds,
)

urlpatterns = [
    *me.urlpatterns,
    *changes.urlpatterns,
    *lines.urlpatterns,
    *staff.urlpatterns,
    *form_checks.urlpatterns,
    *adherence.urlpatterns,
    *alerts.urlpatterns,
    *thresholds.urlpatterns,
    *caseload.urlpatterns,
    *discharge.urlpatterns,
    *goals.urlpatterns,
]
