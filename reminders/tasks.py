"""What runs by the clock. Each task reads the clock and makes one call."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from reminders.actions.deliver import deliver
from reminders.actions.plan import plan as plan_deliveries
from reminders.actions.weeks import make_weeks


@shared_task
def plan() -> None:
    plan_deliveries(now=timezone.now())


@shared_task
def remind() -> None:
    deliver(now=timezone.now())


@shared_task
def weeks() -> None:
    make_weeks(now=timezone.now())
