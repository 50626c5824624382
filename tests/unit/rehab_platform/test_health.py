from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from django.conf import settings as settings_of_the_project
from django.db import connection
from django.utils import timezone

from core.models import JobRun
from rehab_platform import health, zone_rules

NOWHERE = "redis://127.0.0.1:1/0"


def ran(name, *, ago):
    at = timezone.now() - ago
    return JobRun.objects.create(
        name=name, last_started_at=at, last_finished_at=at, last_outcome="done"
    )


def tidied(*, ago):
    """Let tidying be so long ago (None: never), and every other job just now."""
    for job in settings_of_the_project.PERIODIC_JOBS:
        if job.name != "tidy":
            ran(job.name, ago=dt.timedelta(seconds=1))
    return None if ago is None else ran("tidy", ago=ago)


@pytest.fixture
def long_running(monkeypatch):
    """A server that began yesterday."""
    monkeypatch.setattr(health, "STARTED_AT", timezone.now() - dt.timedelta(days=1))


def names_of(checks, *, ok):
    return sorted(name for name, check in checks.items() if check["ok"] is ok)


def test_alive_needs_nothing(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert answer["Cache-Control"] == "no-store"


def test_neither_probe_can_be_written_to(client):
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405


@pytest.mark.django_db
def test_ready_when_everything_answers_and_the_clock_ticks(client):
    run = tidied(ago=dt.timedelta(minutes=2))

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert names_of(answer.json()["checks"], ok=True) == [
        "broker",
        "database",
        "deliveries",
        "jobs",
        "migrations",
        "time_zones",
    ]
    assert answer.json()["jobs"]["tidy"]["status"] == "on_time"
    assert answer.json()["jobs"]["tidy"]["last_outcome"] == "done"
    assert answer.json()["jobs"]["tidy"]["last_started_at"].startswith(
        run.last_started_at.strftime("%Y-%m-%dT%H:%M:%S")
    )
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_degraded_but_serving_when_the_broker_is_down(client, settings):
    tidied(ago=dt.timedelta(minutes=2))
    settings.REDIS_URL = NOWHERE

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert names_of(answer.json()["checks"], ok=False) == ["broker"]
    assert answer.json()["checks"]["broker"]["detail"] == "ConnectionError"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ago", "job", "status"),
    [
        pytest.param(None, "never", "degraded", id="never ran"),
        pytest.param(dt.timedelta(minutes=16), "late", "degraded", id="three turns missed"),
        pytest.param(dt.timedelta(minutes=14), "on_time", "ready", id="two turns missed"),
    ],
)
def test_a_clock_that_stands_still_degrades(client, long_running, ago, job, status):
    tidied(ago=ago)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert answer.json()["jobs"]["tidy"]["status"] == job
    assert answer.json()["checks"]["jobs"]["detail"] == ("" if status == "ready" else "tidy")


BEGAN = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def jobs_after(monkeypatch, passed):
    """Say how each job is so long after the server began, and what that makes of the whole."""
    monkeypatch.setattr(health, "STARTED_AT", BEGAN)
    checks, jobs = health.look(now=BEGAN + passed)
    told = {name: job["status"] for name, job in jobs.items()}
    [check] = [one for one in checks if one.name == "jobs"]
    return told, check.detail, health._status(checks, jobs)


@pytest.mark.django_db
def test_a_fresh_start_is_starting_until_each_job_has_run_or_its_time_is_over(monkeypatch):
    limits = {job.name: job.late_after_seconds for job in settings_of_the_project.PERIODIC_JOBS}
    names = set(limits)
    for passed in sorted({0, *limits.values(), *(one + 1 for one in limits.values())}):
        over = {name for name in names if passed > limits[name]}

        told, detail, status = jobs_after(monkeypatch, passed * SECOND)

        assert told == {name: "never" if name in over else "starting" for name in names}
        assert (detail, status) == (", ".join(sorted(over)), "degraded" if over else "starting")


@pytest.mark.django_db
def test_starting_ends_with_the_last_job_s_first_run(client, monkeypatch):
    monkeypatch.setattr(health, "STARTED_AT", timezone.now())
    tidied(ago=None)

    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "starting")
    assert answer.json()["jobs"]["tidy"] == {
        "status": "starting", "last_started_at": None, "last_finished_at": None,
    }  # fmt: skip
    assert answer.json()["checks"]["jobs"] == {"ok": True, "detail": ""}

    ran("tidy", ago=dt.timedelta(0))
    assert client.get("/readyz").json()["status"] == "ready"


@pytest.mark.django_db
def test_a_job_that_ran_once_is_late_however_fresh_the_start(client, monkeypatch):
    monkeypatch.setattr(health, "STARTED_AT", timezone.now())
    tidied(ago=dt.timedelta(hours=9))

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["jobs"] == {"ok": False, "detail": "tidy"}


@pytest.mark.django_db
def test_what_ails_a_fresh_start_is_not_hidden(client, settings, monkeypatch):
    monkeypatch.setattr(health, "STARTED_AT", timezone.now())
    settings.REDIS_URL = NOWHERE
    assert client.get("/readyz").json()["status"] == "degraded"

    newer = health.known_migrations() | {("core", "9999_tomorrow")}
    monkeypatch.setattr(health, "known_migrations", lambda: newer)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")


@pytest.mark.django_db(transaction=True)
def test_unavailable_when_the_database_is_down(client, tmp_path):
    host = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = str(tmp_path)
    try:
        answer = client.get("/readyz")
    finally:
        connection.close()
        connection.settings_dict["HOST"] = host

    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert names_of(answer.json()["checks"], ok=False) == ["database"]
    assert answer.json()["jobs"] == {}
    assert answer["Retry-After"] == "5"


@pytest.mark.django_db
def test_unavailable_while_a_migration_is_missing(client, monkeypatch):
    tidied(ago=dt.timedelta(minutes=2))
    newer = health.known_migrations() | {("core", "9999_tomorrow")}
    monkeypatch.setattr(health, "known_migrations", lambda: newer)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"] == {"ok": False, "detail": "core.9999_tomorrow"}


@pytest.mark.parametrize(
    ("instant", "detail"),
    [
        pytest.param(dt.datetime(2026, 12, 1, 17, 0, tzinfo=dt.UTC), "outdated", id="older"),
        pytest.param(zone_rules.PROBE_INSTANT, "", id="ours"),
    ],
)
def test_an_older_zone_database_is_noticed(monkeypatch, instant, detail):
    offset = dt.datetime(*zone_rules.PROBE_CLOCK, tzinfo=dt.UTC) - instant
    monkeypatch.setattr(zoneinfo, "ZoneInfo", lambda name: dt.timezone(offset))

    assert health.time_zones() == health.Check(
        name="time_zones", ok=not detail, essential=True, detail=detail
    )


def test_a_missing_zone_database_is_noticed(monkeypatch):
    monkeypatch.setattr(zone_rules, "PROBE_ZONE", "America/Nowhere")

    assert health.time_zones().detail == "missing"
