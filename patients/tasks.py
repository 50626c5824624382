"""What runs by the clock. Each task reads the clock and makes one call."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from patients.actions.tidy import tidy as tidy_expired


@shared_task
def tidy() -> None:
    tidy_expired(now=timezone.now())
