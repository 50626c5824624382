from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.module_loading import import_string

from clinics.actors import system
from clinics.models import Clinic
from reminders.actions.deliver import deliver
from reminders.actions.plan import plan
from reminders.actions.retry import retry_failed
from reminders.actions.weeks import make_weeks
from reminders.looking import Looking
from reminders.queue import Queue, read_queue
from reminders.turns import turns


class Command(BaseCommand):
    """The verbs by which an operator does by hand what the clock does otherwise."""

    help = "Plans, sends, shows and retries reminders and weekly mails; `run` keeps looking."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("plan", help="plan every clinic's next two days")
        verbs.add_parser("weeks", help="make the weekly summaries and digests that are due")
        verbs.add_parser("deliver", help="send what is due, once")
        verbs.add_parser("queue", help="show what waits and what became of the last day's")
        verbs.add_parser("retry", help="let what failed and is still of use start over")
        verbs.add_parser(
            "run", help="do by the clock what a worker does, until stopped; needs no broker"
        )

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        verbs: dict[str, Callable[[], str]] = {
            "plan": self._plan,
            "weeks": self._weeks,
            "deliver": self._deliver,
            "queue": self._queue,
            "retry": self._retry,
            "run": self._run,
        }
        said = verbs[verb]()
        if options["verbosity"] > 0:
            self.stdout.write(said)

    def _plan(self) -> str:
        return f"planned: {plan(now=timezone.now())} patients"

    def _weeks(self) -> str:
        return f"made: {make_weeks(now=timezone.now())} weeks"

    def _deliver(self) -> str:
        return f"looked at: {deliver(now=timezone.now())} deliveries"

    def _retry(self) -> str:
        now = timezone.now()
        clinics = Clinic.objects.filter(archived_at=None).order_by("pk")
        number = sum(
            retry_failed(clinic_id=pk, by=system(pk), now=now)
            for pk in clinics.values_list("pk", flat=True)
        )
        return f"start over: {number} deliveries"

    def _queue(self) -> str:
        return "\n".join(_lines_of(read_queue(now=timezone.now())))

    def _run(self) -> str:
        stopped = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopped.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        looking = Looking(
            clock=timezone.now,
            is_stopped=stopped.is_set,
            wait=stopped.wait,
            turns=turns(import_string(settings.MAIL_WRITERS)),
        )
        return f"looked at: {looking.run()} deliveries"


def _lines_of(queue: Queue) -> list[str]:
    lag = f"{queue.lag.total_seconds():.0f} s"
    late = f"{queue.worst_lateness.total_seconds():.0f} s"
    told = [f"oldest due: {lag} ago; sent at most {late} late in a day"]
    for count in queue.counts:
        why = " ".join(part for part in (count.reason, count.error) if part)
        told.append(
            f"{count.number:>8} {count.state:<10} {count.kind} {count.channel} {why}".rstrip()
        )
    return told
