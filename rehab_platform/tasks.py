"""What spans all apps by the clock. Each task reads the clock and makes one call."""

from __future__ import annotations

from celery import current_app, shared_task
from django.utils import timezone

from core.delivery import deliver as deliver_mails
from rehab_platform.mails import WRITERS
from rehab_platform.schedule import DELIVER

NUDGE_EXPIRES_SECONDS = 60


@shared_task
def deliver() -> None:
    deliver_mails(writers=WRITERS, now=timezone.now())


def nudge() -> None:
    """Ask a worker to deliver now; beat asks too, so one that gets lost costs half a minute."""
    current_app.send_task(DELIVER, ignore_result=True, retry=False, expires=NUDGE_EXPIRES_SECONDS)
