"""The addresses of reminders and of where people are reached, below /api/v1/."""

from __future__ import annotations

from reminders.api import care_team, contacts, preferences, weeks

urlpatterns = [
    *preferences.urlpatterns,
    *contacts.urlpatterns,
    *care_team.urlpatterns,
    *weeks.urlpatterns,
]
