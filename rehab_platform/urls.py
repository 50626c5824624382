"""Every address of the platform. The API's own are in `rehab_platform.api`."""

from __future__ import annotations

from django.urls import include, path

from rehab_platform import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/", include("rehab_platform.api")),
]
