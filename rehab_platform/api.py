"""Version 1 of the API: every app's addresses, and the description of them all."""

from __future__ import annotations

from clinics.urls import urlpatterns as clinics_urls
from patients.urls import urlpatterns as patients_urls
from programs.urls import urlpatterns as programs_urls
from rehab_platform.description import urlpatterns as description_urls
from reminders.urls import urlpatterns as reminders_urls
from sessions.urls import urlpatterns as sessions_urls

# Tried one after the other: what every phone asks for daily stands first.
urlpatterns = [
    *sessions_urls,
    *clinics_urls,
    *programs_urls,
    *patients_urls,
    *reminders_urls,
    *description_urls,
]
