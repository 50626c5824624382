"""
The processes of docker-compose.yml with the production settings, on servers of our own.

No container engine is asked for: the commands and variables are those of the Compose file, the
addresses those of an embedded PostgreSQL and Valkey. The tables are made by their owner; what
serves connects as the plain role.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg
import pytest
from celery import Celery

from rehab_platform.devservices import NOT_DURABLE, Postgres, Valkey, free_port
from rehab_platform.schedule import ESCALATE, PLAN, WATCH, WEEKS
from tests.architecture import deployment
from tests.architecture.project import ROOT

HOST = "rehab.example.org"
PASSWORD = "a long and quiet evening"
FOR_EVER = "max-age=315360000, public, immutable"
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """The folder of the image: what the Dockerfile copies, and nothing else."""
    place = tmp_path_factory.mktemp("image") / "app"
    place.mkdir()
    for name, argument in deployment.dockerfile_steps():
        source = argument.split()[0]
        if name == "COPY" and source != "--from=build" and not source.startswith("requirements/"):
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
            copy(ROOT / source, place / source)
    return place


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    data = tmp_path_factory.mktemp("servers")
    postgres = Postgres(data / "postgres", settings=NOT_DURABLE)
    valkey = Valkey(data / "valkey", durable=False)
    try:
        postgres.start()
        valkey.start()
        yield postgres, valkey
    finally:
        valkey.stop()
        postgres.stop()


@pytest.fixture(scope="module")
def environment(servers):
    """What the Compose file gives to a process, with our servers' addresses for its own."""
    postgres, valkey = servers
    given = deployment.with_defaults(deployment.compose()["services"]["web"]["environment"])
    known = {
        "DJANGO_SETTINGS_MODULE": "rehab_platform.settings.production",
        "SECRET_KEY": "Zm9yIHRoZSB0ZXN0cyBvbmx5OiAwMTIzNDU2Nzg5IGFiY2RlZmdoaWprbG1ub3A",
        "ALLOWED_HOSTS": HOST,
        "DATABASE_URL": postgres.url("rehab_app"),
        "REDIS_URL": valkey.url,
        "CACHE_URL": valkey.url.replace("/0", "/1"),
        "MAIL_FROM": "rehab@example.org",
        "APP_URL": f"https://{HOST}",
        "TRUSTED_PROXIES": "1",
        "TIDY_EVERY_SECONDS": "1",
        "DELIVER_EVERY_SECONDS": "1",
        "BIND": f"127.0.0.1:{free_port()}",
    }
    assert known.keys() <= given.keys()
    around = {"PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONTZPATH": "", "LANG": "C.UTF-8"}
    return given | known | around


@pytest.fixture(scope="module")
def tables(checkout, environment, servers):
    """The service `migrate`: as the owner, once before anything serves."""
    owner = environment | {"DATABASE_OWNER_URL": servers[0].url("rehab_owner")}
    shell, flag, script = deployment.compose()["services"]["migrate"]["command"]
    done = run([shell, flag, script], checkout, owner)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(command, place, environment, **options):
    return subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False, **options
    )


@contextmanager
def running(name, place, environment):
    """Run a service of the Compose file for the length of a block; it ends by SIGTERM, in order."""
    command = deployment.compose()["services"][name]["command"]
    command = [part.replace("/tmp/", f"{place}/") for part in command]
    process = subprocess.Popen(
        command, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            said = process.communicate(timeout=30)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode in (0, -signal.SIGTERM), said


def ask(environment, path, *, secure=True, data=None, host=HOST):
    headers = {"Host": host, "Content-Type": "application/json"}
    if secure:
        headers |= {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    body = json.dumps(data).encode() if data is not None else None
    request = Request(f"http://{environment['BIND']}{path}", data=body, headers=headers)
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        return error.code, error.headers, error.read()


def wait_for(ready, process, *, seconds=40):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[0]
        try:
            if ready():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("it did not become ready")


def probe(environment, checkout, *arguments):
    command = [sys.executable, "-m", "rehab_platform.probe", *arguments]
    return run(command, checkout, environment).returncode


def test_django_has_no_doubts_about_the_deployment(checkout, environment):
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = run([*command, "--database", "default"], checkout, environment)

    assert done.returncode == 0, done.stderr


def test_tables_are_the_owners_and_the_one_that_serves_cannot_migrate(
    tables, checkout, environment, servers
):
    refused = run([sys.executable, "manage.py", "migrate"], checkout, environment)

    with psycopg.connect(servers[0].url("postgres")) as connection:
        query = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(query).fetchall() == [("rehab_owner",)]
    assert "Applying patients.0001_initial... OK" in tables
    assert "DATABASE_OWNER_URL is not set" in refused.stderr
    assert refused.returncode == 1


def test_the_platform_serves_works_and_stops_in_order(tables, checkout, environment):
    command, given = image_build()
    collect = run([sys.executable, *command], checkout, given)
    assert collect.returncode == 0, collect.stderr
    founded = run(
        [
            sys.executable, "manage.py", "found_clinic", "--name", "Harbour Clinic",
            "--time-zone", "Europe/Lisbon", "--country", "PT", "--phone", "+351 210 000 000",
            "--admin-name", "Helena Prata", "--admin-email", "helena@harbour.example",
        ],
        checkout, environment, input=f"{PASSWORD}\n",
    )  # fmt: skip
    assert founded.returncode == 0, founded.stderr

    with running("web", checkout, environment) as web:
        wait_for(lambda: ask(environment, "/healthz", secure=False)[0] == 200, web)
        assert probe(environment, checkout, "web") == 0
        serves_over_tls_alone(environment)
        shows_its_manual(environment)
        signs_in(environment)
        with (
            running("worker", checkout, environment) as worker,
            running("beat", checkout, environment),
        ):
            url = f"http://{environment['BIND']}"
            ask_for(environment, ESCALATE, WATCH, PLAN, WEEKS)  # beat asks for these once a minute
            wait_for(lambda: probe(environment, checkout, "jobs", url) == 0, worker)
            status, _headers, body = ask(environment, "/readyz", secure=False)
            assert (status, json.loads(body)["status"]) == (200, "ready")
            pong = run(
                [
                    "celery", "--app", "rehab_platform.celery", "inspect", "ping",
                    "--timeout", "5", "--destination", f"celery@{socket.gethostname()}",
                ],
                checkout, environment,
            )  # fmt: skip
            assert "pong" in pong.stdout, pong.stderr


def ask_for(environment, *tasks):
    broker = Celery(broker=environment["REDIS_URL"], set_as_current=False)
    for task in tasks:
        broker.send_task(task, ignore_result=True)
    broker.close()


def image_build():
    """Return what the image's build runs to collect the static files, and with which variables."""
    step = next(
        argument for _name, argument in deployment.dockerfile_steps() if "collect" in argument
    )
    variables, _python, rest = step.partition("/venv/bin/python ")
    given = dict(one.split("=", 1) for one in variables.split())
    return rest.partition(" &&")[0].split(), given | {"PATH": os.environ["PATH"]}


def serves_over_tls_alone(environment):
    sign_in = {"email": "helena@harbour.example", "password": PASSWORD, "device_name": "desk"}
    status, _headers, body = ask(environment, "/api/v1/auth/sign-in", secure=False, data=sign_in)
    assert (status, json.loads(body)["code"]) == (403, "https_required")
    assert ask(environment, "/healthz", secure=False)[0] == 200
    assert ask(environment, "/healthz", host="elsewhere.example.org")[0] == 400


def shows_its_manual(environment):
    status, headers, body = ask(environment, "/api/v1/docs/")
    assert status == 200
    assert "max-age=31536000" in headers["Strict-Transport-Security"]
    assert "'unsafe-" not in headers["Content-Security-Policy"]
    script = body.decode().partition('src="/static/')[2].partition('"')[0]
    status, headers, _body = ask(environment, f"/static/{script}")
    assert (status, headers["Cache-Control"]) == (200, FOR_EVER)
    name, _hash, ending = script.rsplit(".", 2)
    assert ask(environment, f"/static/{name}.{ending}")[0] == 404


def signs_in(environment):
    wrong = {"email": "helena@harbour.example", "password": "wrong", "device_name": "desk"}
    right = wrong | {"password": PASSWORD}
    path = "/api/v1/auth/sign-in"
    assert ask(environment, path, data=wrong)[0] in (400, 401)
    status, _headers, body = ask(environment, path, data=right)
    assert status in (200, 201), body
    assert json.loads(body)["token"]
