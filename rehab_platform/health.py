"""Is the server alive, and can it do its work? Plain views: a probe carries no token."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache as remember
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.models import JobRun
from rehab_platform.schedule import PeriodicJob
from rehab_platform.zone_rules import fault_of_rules
from reminders.queue import LAGS_AFTER, read_lag

# When this server began: until a job is overdue since then, that it never ran says nothing.
STARTED_AT = timezone.now()
WELL = {"on_time", "starting"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing looked at. Without an essential one nothing can be served."""

    name: str
    ok: bool
    essential: bool
    detail: str = ""


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process runs. Touches nothing else."""
    return _uncached(JsonResponse({"status": "alive"}))


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while requests can be served (`ready`, `starting`, `degraded`), else 503."""
    checks, jobs = look(now=timezone.now())
    status = _status(checks, jobs)
    body = {
        "status": status,
        "checks": {check.name: _told(check) for check in checks},
        "jobs": jobs,
    }
    response = JsonResponse(body, status=503 if status == "unavailable" else 200)
    if response.status_code == 503:
        response["Retry-After"] = "5"
    return _uncached(response)


def look(*, now: datetime) -> tuple[list[Check], dict[str, Any]]:
    """Look at everything the server needs; a periodic job that stands still degrades it."""
    checks = [time_zones(), broker()]
    try:
        checks = [database(), migrations(), *checks]
        jobs = job_runs(now=now)
        checks.append(deliveries(now=now))
    except DatabaseError as error:
        detail = type(error).__name__
        return [Check(name="database", ok=False, essential=True, detail=detail), *checks], {}
    late = sorted(name for name, job in jobs.items() if job["status"] not in WELL)
    return [
        *checks,
        Check(name="jobs", ok=not late, essential=False, detail=", ".join(late)),
    ], jobs


def database() -> Check:
    """Ask the database for something; raises DatabaseError when it is down."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Check(name="database", ok=True, essential=True)


def migrations() -> Check:
    """Compare the migrations in the code with those the database has."""
    missing = known_migrations() - MigrationRecorder(connection).applied_migrations().keys()
    names = ", ".join(sorted(f"{app}.{name}" for app, name in missing))
    return Check(name="migrations", ok=not missing, essential=True, detail=names)


@remember
def known_migrations() -> frozenset[tuple[str, str]]:
    """Return every migration of the code, read from disk once."""
    return frozenset(MigrationLoader(None).disk_migrations)


def broker() -> Check:
    """Ask the jobs' broker for a sign of life. Without it pages and uploads still work."""
    server = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1, retry=None
    )
    try:
        server.ping()
    except redis.RedisError as error:
        return Check(name="broker", ok=False, essential=False, detail=type(error).__name__)
    finally:
        server.close()
    return Check(name="broker", ok=True, essential=False)


def deliveries(*, now: datetime) -> Check:
    """Say whether reminders and weekly mails go out when they are due."""
    lag = read_lag(now=now)
    ok = lag <= LAGS_AFTER
    detail = "" if ok else f"{lag.total_seconds():.0f} s"
    return Check(name="deliveries", ok=ok, essential=False, detail=detail)


def time_zones() -> Check:
    """Prove that the zone database is the one we ship: a wrong one remembers people wrongly."""
    fault = fault_of_rules()
    return Check(name="time_zones", ok=not fault, essential=True, detail=fault)


def job_runs(*, now: datetime) -> dict[str, dict[str, Any]]:
    """Say for each periodic job when it last ran, and whether that is too long ago."""
    runs = {run.name: run for run in JobRun.objects.order_by("name")}
    jobs: tuple[PeriodicJob, ...] = settings.PERIODIC_JOBS
    return {job.name: _run(job, runs.get(job.name), now=now) for job in jobs}


def _run(job: PeriodicJob, run: JobRun | None, *, now: datetime) -> dict[str, Any]:
    if run is None:
        status = "never" if _is_overdue(job, STARTED_AT, now=now) else "starting"
        return {"status": status, "last_started_at": None, "last_finished_at": None}
    return {
        "status": "late" if _is_overdue(job, run.last_started_at, now=now) else "on_time",
        "last_started_at": run.last_started_at,
        "last_finished_at": run.last_finished_at,
        "last_outcome": run.last_outcome,
    }


def _is_overdue(job: PeriodicJob, since: datetime, *, now: datetime) -> bool:
    return (now - since).total_seconds() > job.late_after_seconds


def _status(checks: list[Check], jobs: dict[str, Any]) -> str:
    if any(check.essential and not check.ok for check in checks):
        return "unavailable"
    if not all(check.ok for check in checks):
        return "degraded"
    return "starting" if any(job["status"] == "starting" for job in jobs.values()) else "ready"


def _told(check: Check) -> dict[str, Any]:
    return {key: value for key, value in asdict(check).items() if key in {"ok", "detail"}}


def _uncached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
