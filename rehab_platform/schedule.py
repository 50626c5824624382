"""What runs by the clock. The schedule is code: a deployment cannot forget a row of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TIDY = "patients.tasks.tidy"
DELIVER = "rehab_platform.tasks.deliver"
ESCALATE = "sessions.tasks.escalate"
WATCH = "sessions.tasks.watch"
PLAN = "reminders.tasks.plan"
REMIND = "reminders.tasks.remind"
WEEKS = "reminders.tasks.weeks"
EVERY_MINUTE = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class PeriodicJob:
    """One periodic task. `late_after_seconds`: without a run for so long, its clock stands still."""

    name: str
    task: str
    every_seconds: int

    @property
    def late_after_seconds(self) -> int:
        return max(3 * self.every_seconds, self.every_seconds + 120)


def periodic_jobs(
    *, tidy_every_seconds: int, deliver_every_seconds: int
) -> tuple[PeriodicJob, ...]:
    """Return every job that runs by the clock; its name is the name of its JobRun row."""
    return (
        PeriodicJob(name="tidy", task=TIDY, every_seconds=tidy_every_seconds),
        PeriodicJob(name="deliver", task=DELIVER, every_seconds=deliver_every_seconds),
        PeriodicJob(name="escalate", task=ESCALATE, every_seconds=EVERY_MINUTE),
        PeriodicJob(name="watch", task=WATCH, every_seconds=EVERY_MINUTE),
        PeriodicJob(name="plan", task=PLAN, every_seconds=EVERY_MINUTE),
        PeriodicJob(name="remind", task=REMIND, every_seconds=deliver_every_seconds),
        PeriodicJob(name="weeks", task=WEEKS, every_seconds=EVERY_MINUTE),
    )


def beat_schedule(jobs: tuple[PeriodicJob, ...]) -> dict[str, dict[str, Any]]:
    """Return Celery's form of the jobs. A run that could not start in its turn is dropped."""
    return {
        job.name: {
            "task": job.task,
            "schedule": float(job.every_seconds),
            "options": {"expires": job.every_seconds},
        }
        for job in jobs
    }
