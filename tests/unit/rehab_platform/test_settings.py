"""Each test starts a Python of its own: settings are read once in a process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[3]
SERVER = {
    "DJANGO_SETTINGS_MODULE": "rehab_platform.settings.production",
    "SECRET_KEY": "Zm9yIHRoZSB0ZXN0cyBvbmx5OiAwMTIzNDU2Nzg5IGFiY2RlZmdoaWprbG1ub3A",
    "DATABASE_URL": "postgresql://rehab_app:one@db/rehab",
    "DATABASE_OWNER_URL": "postgresql://rehab_owner:two@db/rehab",
    "REDIS_URL": "redis://broker:6379/0",
    "ALLOWED_HOSTS": "rehab.example.org",
    "EMAIL_URL": "smtp+tls://rehab:s%40fe@mail.example.org",
    "MAIL_FROM": "rehab@example.org",
    "APP_URL": "https://rehab.example.org",
    "PYTHONPATH": str(ROOT),
}
TELL = """
import json
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in %r}, default=str))
"""


def start(*names, **changes):
    """Read the settings in a new process; a change to None takes a variable away."""
    environment = {key: value for key, value in (SERVER | changes).items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", TELL % (names,)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def read(*names, **changes):
    done = start(*names, **changes)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "EMAIL_URL", "MAIL_FROM"],
)
def test_production_does_not_start_without_its_variables(name):
    done = start("DEBUG", **{name: None})

    assert done.returncode == 1
    assert f"SettingUnusable: {name} is not set." in done.stderr


def test_production_does_not_start_with_a_malformed_variable():
    done = start("DEBUG", DATABASE_POOL="many", REHAB_PROCESS="web")

    assert done.returncode == 1
    assert done.stderr.endswith(
        "SettingUnusable: DATABASE_POOL is not a whole number of at least 1. "
        "Connections per web process.\n"
    )


def test_the_application_and_the_owner_are_two_roles():
    app = read("DATABASES")["DATABASES"]["default"]
    owner = read("DATABASES", REHAB_CONNECT_AS="owner")["DATABASES"]["default"]

    assert (app["USER"], owner["USER"]) == ("rehab_app", "rehab_owner")


@pytest.mark.parametrize(
    ("process", "pooled", "statement_timeout", "lock_timeout"),
    [("web", True, 5_000, 2_000), ("worker", False, 60_000, 0), ("command", False, 0, 0)],
)
def test_only_the_web_server_pools_and_none_waits_longer_than_its_kind_may(
    process, pooled, statement_timeout, lock_timeout
):
    options = read("DATABASES", REHAB_PROCESS=process)["DATABASES"]["default"]["OPTIONS"]

    assert ("pool" in options) is pooled
    assert f"statement_timeout={statement_timeout} " in options["options"]
    assert f"lock_timeout={lock_timeout} " in options["options"]
    assert options["connect_timeout"] == 3


def test_the_pool_gives_up_before_a_client_does():
    options = read("DATABASES", REHAB_PROCESS="web")["DATABASES"]["default"]["OPTIONS"]

    assert options["pool"]["timeout"] == 3


def test_what_the_pool_prepared_outlives_a_refusal():
    options = read("DATABASES", REHAB_PROCESS="web")["DATABASES"]["default"]["OPTIONS"]

    assert options["pool"]["connection_class"] == "<class 'core.connections.WebConnection'>"


def test_a_task_must_end_before_its_message_is_given_to_another_worker():
    assert (
        settings.CELERY_TASK_SOFT_TIME_LIMIT
        < settings.CELERY_TASK_TIME_LIMIT
        < settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    )


def test_counters_live_apart_from_the_jobs():
    found = read("REDIS_URL", "CACHE_URL")

    assert found == {"REDIS_URL": "redis://broker:6379/0", "CACHE_URL": "redis://broker:6379/1"}


def test_production_speaks_tls_only():
    names = ["SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "CSRF_COOKIE_SECURE", "DEBUG"]

    assert read(*names) == {
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "CSRF_COOKIE_SECURE": True,
        "DEBUG": False,
    }


def test_mail_goes_through_the_server_that_is_named_and_never_hangs():
    names = [
        "EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD",
        "EMAIL_USE_TLS", "EMAIL_USE_SSL", "EMAIL_TIMEOUT", "DEFAULT_FROM_EMAIL", "APP_URL",
    ]  # fmt: skip

    assert list(read(*names, APP_URL="https://rehab.example.org/").values()) == [
        "django.core.mail.backends.smtp.EmailBackend", "mail.example.org", 587, "rehab", "s@fe",
        True, False, 10, "rehab@example.org", "https://rehab.example.org",
    ]  # fmt: skip


def test_time_zones_come_from_the_package_and_not_from_the_machine():
    code = (
        "import rehab_platform.settings.production, zoneinfo, datetime;"
        "print(zoneinfo.TZPATH, datetime.datetime(2026, 12, 1, 9, "
        "tzinfo=zoneinfo.ZoneInfo('America/Vancouver')).astimezone(datetime.UTC))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=SERVER, capture_output=True, text=True, check=True
    )

    assert done.stdout == "() 2026-12-01 16:00:00+00:00\n"
