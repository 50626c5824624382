"""Version 1 of the API: each app's own addresses, below /api/v1/."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("patients.urls")),
]
