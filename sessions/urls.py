"""The addresses of plans, sessions, adherence and alerts, below /api/v1/."""

from __future__ import annotations

from sessions.api import me

urlpatterns = [*me.urlpatterns]
