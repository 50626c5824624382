"""The addresses of plans, sessions, adherence and alerts, below /api/v1/."""

from __future__ import annotations

from sessions.api import adherence, alerts, lines, me, staff

urlpatterns = [
    *me.urlpatterns,
    *lines.urlpatterns,
    *staff.urlpatterns,
    *adherence.urlpatterns,
    *alerts.urlpatterns,
]
