"""What runs by the clock. Each task reads the clock and makes one call."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from sessions.actions.telling import escalate as escalate_alerts
from sessions.actions.watch import watch as watch_patients


@shared_task
def escalate() -> None:
    escalate_alerts(now=timezone.now())


@shared_task
def watch() -> None:
    watch_patients(now=timezone.now())
