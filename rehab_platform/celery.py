"""The jobs' entry point, for worker and beat. Its settings are Django's, prefixed `CELERY_`."""

from __future__ import annotations

import os

from celery import Celery
from django.conf import settings

if not settings.configured:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rehab_platform.settings.production")
    os.environ.setdefault("REHAB_PROCESS", "worker")

app = Celery("rehab_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
