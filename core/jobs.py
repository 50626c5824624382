"""The record of a periodic job's last run, which readiness shows."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.models import JobRun


@contextmanager
def recorded_run(name: str, *, now: dt.datetime) -> Iterator[None]:
    """
    Record that a job runs, and how it ended: a failed run too, in transactions of its own.

    `name` is that of the job in `rehab_platform.schedule`.
    """
    began = time.monotonic()
    JobRun.objects.update_or_create(
        name=name, defaults={"last_started_at": now, "last_outcome": JobRun.Outcome.RUNNING}
    )
    outcome = JobRun.Outcome.FAILED
    try:
        yield
        outcome = JobRun.Outcome.DONE
    finally:
        took = dt.timedelta(seconds=time.monotonic() - began)
        JobRun.objects.filter(name=name).update(last_finished_at=now + took, last_outcome=outcome)
