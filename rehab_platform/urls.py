"""Every address of the platform. The API's own are in `rehab_platform.api`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from rehab_platform import health
from rehab_platform.metrics import metrics
from rehab_platform.operating.urls import site
from reminders.api.mail_events import mail_events

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("api/v1/", include("rehab_platform.api")),
    path("operator/", site.urls),
    path("hooks/mail", mail_events, name="mail-events"),
    path("", include("rehab_platform.web.urls")),
]

# What is raised before or outside a view; under /api/ it answers as problem details.
handler400 = "rehab_platform.problems.handler400"
handler403 = "rehab_platform.problems.handler403"
handler404 = "rehab_platform.problems.handler404"
handler500 = "rehab_platform.problems.handler500"
