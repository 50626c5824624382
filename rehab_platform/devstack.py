"""The whole platform on one machine: servers, web, worker and beat, started and stopped as one."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg
from celery import Celery

from rehab_platform.devprocesses import (
    DevelopmentError,
    as_our_child,
    only_one,
    signals_held,
    stop_group,
)
from rehab_platform.devservices import (
    NOT_DURABLE,
    ROLES,
    Postgres,
    Valkey,
    missing_services,
)
from rehab_platform.schedule import DELIVER, ESCALATE, PLAN, REMIND, TIDY, WATCH, WEEKS

ROOT = Path(__file__).resolve().parents[1]
DEMO_DATA = ROOT / "var" / "demo"
TIDY_EVERY_SECONDS = 60
_HEALTHY_SECONDS = 60
# Each job of the clock once, rather than wait for its minute; the last one is waited for.
FIRST_WORK = (ESCALATE, WATCH, PLAN, WEEKS, REMIND, DELIVER, TIDY)

Say = Callable[[str], None]


class Servers:
    """PostgreSQL and Valkey: ours, or those that DATABASE_URL and REDIS_URL name."""

    def __init__(self, data: Path, *, durable: bool) -> None:
        self.data = data
        self.durable = durable
        self.started: list[Postgres | Valkey] = []

    def start(self) -> dict[str, str]:
        """Start what is missing, and return the environment in which Django finds everything."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        environment = {
            "DJANGO_SETTINGS_MODULE": "rehab_platform.settings.local",
            "SECRET_KEY": _secret_key(self.data / "secret-key"),
            "PYTHONTZPATH": "",
            "EMAIL_URL": f"file://{self.data / 'mail'}",
            **os.environ,
        }
        needs_postgres, needs_valkey = missing_services()
        if needs_postgres:
            postgres = Postgres(
                self.data / "postgres", settings={} if self.durable else NOT_DURABLE
            )
            self._start(postgres)
            environment["DATABASE_URL"] = postgres.url("rehab_app")
            environment["DATABASE_OWNER_URL"] = postgres.url("rehab_owner")
        else:
            _require_roles(environment)
        if needs_valkey:
            valkey = Valkey(self.data / "valkey", durable=self.durable)
            self._start(valkey)
            environment["REDIS_URL"] = valkey.url
        return environment

    def stop(self) -> None:
        """Stop the servers we started. May be called twice."""
        while self.started:
            self.started.pop().stop()

    def _start(self, server: Postgres | Valkey) -> None:
        self.started.append(server)
        server.start()


class Stack:
    """The platform. `say` is told what happens while it happens."""

    def __init__(self, data: Path, *, port: int, durable: bool, say: Say) -> None:
        self.data = data
        self.port = port
        self.say = say
        self.servers = Servers(data, durable=durable)
        self.environment: dict[str, str] = {}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.sign_ins = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return when everything runs and has done its first piece of work."""
        require_free(self.port)
        self.say("Starting PostgreSQL and Valkey …")
        self.environment = {"APP_URL": self.url} | self.servers.start()
        self.environment["TIDY_EVERY_SECONDS"] = str(TIDY_EVERY_SECONDS)
        self.say("Migrating the database …")
        self.manage("migrate")
        self.say("Starting the web server, the worker and beat …")
        self._start_processes()
        self.say("Loading the catalogue of exercises and programs …")
        self.manage("load_catalogue")
        self.say("Seeding the demo clinics …")
        self.sign_ins = self.manage("seed_demo")
        self.say("Waiting until everything is healthy …")
        self._wait_until_healthy()

    def stop(self) -> None:
        """Stop everything, the web server first. May be called twice."""
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            stop_group(process, seconds=30)
        self.processes.clear()
        self.servers.stop()

    def manage(self, command: str) -> str:
        """Run one of Django's commands and return what it printed."""
        with signals_held():
            process = self.processes[command] = subprocess.Popen(
                [sys.executable, ROOT / "manage.py", command, "--skip-checks"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=as_our_child(signal.SIGTERM),
            )
        printed = process.communicate()[0].decode()
        del self.processes[command]
        if process.returncode:
            ending = "\n".join(printed.splitlines()[-15:])
            raise DevelopmentError(f"manage.py {command} failed:\n{ending}")
        return printed

    def ended(self) -> str | None:
        """Return what a process that should run said at its end; None while all run."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                return (
                    f"The {name} ended by itself (code {process.returncode}).\n{self._tail(name)}"
                )
        return None

    def _start_processes(self) -> None:
        gunicorn = ["gunicorn", "--config", "python:rehab_platform.gunicorn_settings"]
        celery = ["celery", "--app", "rehab_platform.celery", "--quiet"]
        schedule = str(self.data / "beat-schedule")
        self._start_process(
            "web server", [*gunicorn, "--preload", "--bind", f"127.0.0.1:{self.port}"], "web"
        )
        alone = ["--concurrency=1", "--without-mingle", "--without-gossip"]
        self._start_process("worker", [*celery, "worker", "-l", "INFO", *alone], "worker")
        self._start_process(
            "beat", [*celery, "beat", "-l", "INFO", "--pidfile=", "-s", schedule], "worker"
        )

    def _start_process(self, name: str, command: list[str], kind: str) -> None:
        with self._log(name).open("wb") as log, signals_held():
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=self.environment | {"REHAB_PROCESS": kind},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=as_our_child(signal.SIGTERM),
            )

    def _wait_until_healthy(self) -> None:
        """Wait for the web server, then for the worker to have answered one message."""
        before = _last_tidied(self._wait_for(bool, "The web server does not answer."))
        broker = Celery(broker=self.environment["REDIS_URL"], set_as_current=False)
        for job in FIRST_WORK:
            broker.send_task(job, ignore_result=True, retry=False)
        broker.close()

        def has_worked(answer: dict[str, Any]) -> bool:
            return answer.get("status") == "ready" and _last_tidied(answer) != before

        self._wait_for(has_worked, "The worker has not done its first task.")

    def _wait_for(
        self, healthy: Callable[[dict[str, Any]], bool], otherwise: str
    ) -> dict[str, Any]:
        deadline = time.monotonic() + _HEALTHY_SECONDS
        while not healthy(answer := readiness(self.url)):
            if ended := self.ended():
                raise DevelopmentError(ended)
            if time.monotonic() > deadline:
                logs = self._tail("web server"), self._tail("worker")
                raise DevelopmentError("\n".join([otherwise, json.dumps(answer), *logs]))
            time.sleep(0.1)
        return answer

    def _log(self, name: str) -> Path:
        directory = self.data / "logs"
        directory.mkdir(exist_ok=True)
        return directory / f"{name.replace(' ', '-')}.log"

    def _tail(self, name: str) -> str:
        log = self._log(name)
        return f"The end of {log}:\n" + "\n".join(
            log.read_text(errors="replace").splitlines()[-12:]
        )


@contextmanager
def demo_lock(data: Path) -> Iterator[IO[str]]:
    """Hold a demo's data: two at once would spoil them. Released when the process ends."""
    data.parent.mkdir(parents=True, exist_ok=True)
    with only_one(data.parent / f"{data.name}.lock") as lock:
        yield lock


def readiness(url: str) -> dict[str, Any]:
    """Return what /readyz says, be it good or bad; nothing while nothing answers."""
    try:
        with urlopen(f"{url}/readyz", timeout=5) as answer:  # noqa: S310
            return dict(json.load(answer))
    except HTTPError as error:
        return {"status": f"HTTP {error.code}", "body": error.read(500).decode(errors="replace")}
    except OSError:
        return {}


def require_free(port: int) -> None:
    """Raise when something listens on the port, or when we may not use it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DevelopmentError(
                f"Port {port} cannot be used ({error.strerror}). "
                f"Choose another one: python3 dev.py demo --port {port + 1}"
            ) from None


def remove_data(data: Path) -> None:
    """Delete a demo's data."""
    shutil.rmtree(data, ignore_errors=True)


def _last_tidied(answer: dict[str, Any]) -> str | None:
    last: str | None = answer.get("jobs", {}).get("tidy", {}).get("last_finished_at")
    return last


def _secret_key(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text()


def _require_roles(environment: dict[str, str]) -> None:
    """With a server of the user's own: its roles must be there, and we may not make them."""
    name = "DATABASE_OWNER_URL"
    try:
        psycopg.connect(environment[name], connect_timeout=3).close()
        name = "DATABASE_URL"
        psycopg.connect(environment[name], connect_timeout=3).close()
    except (KeyError, psycopg.Error) as error:
        raise DevelopmentError(
            f"DATABASE_URL is set, so no PostgreSQL is started here; but with {name} this "
            f"happened: {error}\nSet DATABASE_URL (role rehab_app) and DATABASE_OWNER_URL (role "
            "rehab_owner). To make the roles and the database, run as a superuser:\n"
            f"    psql --file={ROLES} postgres\n"
            "    createdb --owner=rehab_owner rehab\n"
            f"The script is:\n\n{ROLES.read_text()}"
        ) from None
