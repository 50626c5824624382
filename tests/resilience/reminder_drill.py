"""
A platform of the drill's own: PostgreSQL, Valkey, a mail server that remembers, thousands of
patients each with a reminder due, and workers to kill.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import psycopg
from aiosmtpd.controller import Controller

from benchmarks import rows
from benchmarks.crowd import Crowd
from benchmarks.reminded import make_due, remind_everybody
from rehab_platform.devservices import NOT_DURABLE, SUPERUSER, Postgres, Valkey, free_port
from tests.architecture.project import ROOT

# Of the process: what is committed is with the operating system.
SURVIVES_A_CRASH = {"synchronous_commit": "on", "full_page_writes": "on", "max_connections": "60"}


class Mailbox:
    """
    Takes every mail, and remembers its Message-ID and when it came.

    `hang_once` holds the first for so many seconds, `takes` each one.
    """

    def __init__(self) -> None:
        self.came: list[tuple[float, str]] = []
        self.hang_once = 0.0
        self.takes = 0.0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message_id = str(message_from_bytes(envelope.content)["Message-ID"]).strip("<>")
        self.came.append((time.monotonic(), message_id.split("@")[0]))
        if self.hang_once:
            wait, self.hang_once = self.hang_once, 0.0
            time.sleep(wait)  # noqa: ASYNC251 (the one connection that is served now)
        await asyncio.sleep(self.takes)
        return "250 OK"

    def times(self) -> Counter[str]:
        return Counter(key for _at, key in self.came)


@dataclass(kw_only=True)
class Drill:
    """`patients` have one reminder each. Its database belongs to it alone."""

    postgres: Postgres
    valkey: Valkey
    mailbox: Mailbox
    environment: dict[str, str]
    patients: int
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.postgres.url(SUPERUSER), autocommit=True) as server:
            cursor = server.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def forget(self) -> None:
        """Begin anew: nothing planned, nothing sent."""
        self.sql("TRUNCATE reminders_delivery; UPDATE reminders_reminderpreferences "
                 "SET planned_with = '', planned_through = NULL")  # fmt: skip
        self.mailbox.came.clear()

    def make_due(self) -> dt.datetime:
        """Let everybody's time be this minute, and have it planned; return the time of now."""
        began = dt.datetime.now(dt.UTC)
        self.forget()
        with psycopg.connect(self.postgres.url(SUPERUSER), autocommit=True) as server:
            make_due(server, began)
        return began

    def states(self) -> Counter[str]:
        """Count what was due today by state; the planner adds the days to come."""
        rows = self.sql(
            "SELECT state, count(*) FROM reminders_delivery WHERE due_at <= now() GROUP BY state"
        )
        return Counter(dict(rows))

    def wait_until_done(self, *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.states()["waiting"]:
            assert time.monotonic() < deadline, self.states()
            time.sleep(0.2)

    def worst_lateness(self, since: dt.datetime) -> dt.timedelta:
        """How long after it was left the last one went out."""
        [(last,)] = self.sql("SELECT max(settled_at) FROM reminders_delivery WHERE state = 'sent'")
        return last - since

    def start(self, *command: str, **around: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=self.environment | around, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def stop_all(self) -> None:
        while self.processes:
            process = self.processes.pop()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    @contextmanager
    def nursery(self) -> Iterator[Callable[[], int]]:
        """Give a function that makes a worker and returns its pid."""
        process = self.start("-m", "tests.resilience.worker_nursery")
        assert process.stdin is not None
        assert process.stdout is not None
        ask, answer = process.stdin, process.stdout

        def make() -> int:
            ask.write("\n")
            ask.flush()
            return int(answer.readline())

        try:
            yield make
        finally:
            self.stop_all()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


# Nobody of the crowd logs anything: the nightly check would tell of each, and its mails are not counted.
WATCHED = """
INSERT INTO rehab_sessions_clinicwatch (id, created_at, updated_at, clinic_id, night, is_done)
SELECT gen_random_uuid(), now(), now(), id, DATE '2100-01-01', true FROM clinics_clinic
"""


@contextmanager
def drill(place: Path, *, patients: int) -> Iterator[Drill]:
    """Run a platform with that many patients for the length of a block."""
    postgres = Postgres(place / "postgres", settings=NOT_DURABLE | SURVIVES_A_CRASH)
    valkey = Valkey(place / "valkey", durable=False)
    mailbox = Mailbox()
    port = free_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    made: Drill | None = None
    try:
        postgres.start()
        valkey.start()
        server.start()
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "rehab_platform.settings.local",
            "SECRET_KEY": "the drill's own, and of no use to anybody else in the whole world",
            "DATABASE_URL": postgres.url("rehab_app"),
            "DATABASE_OWNER_URL": postgres.url("rehab_owner"),
            "REDIS_URL": valkey.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{port}",
            "PYTHONTZPATH": "",
            "LOG_LEVEL": "ERROR",
        }
        for key in ("REHAB_PROCESS", "CACHE_URL"):
            environment.pop(key, None)
        for command in ("migrate", "load_catalogue"):
            subprocess.run(
                [sys.executable, "manage.py", command, "-v0"], cwd=ROOT, env=environment, check=True
            )
        made = Drill(
            postgres=postgres, valkey=valkey, mailbox=mailbox, environment=environment,
            patients=patients,
        )  # fmt: skip
        _fill(made)
        yield made
    finally:
        if made is not None:
            made.stop_all()
        server.stop()
        valkey.stop()
        postgres.stop()


def _fill(made: Drill) -> None:
    today = dt.datetime.now(dt.UTC).date()
    crowd = Crowd(
        patients=made.patients, clinics=5, lines=2, days=0, per_day=1, today=today,
        starts_on=today - dt.timedelta(days=30), quota=False, only_mon_wed_fri=False,
    )  # fmt: skip
    with psycopg.connect(made.postgres.url(SUPERUSER)) as server:
        server.execute("SET LOCAL session_replication_role = replica")
        for statement in rows.people(crowd):
            server.execute(statement)
        remind_everybody(server)
        server.execute(WATCHED)
    made.sql("ANALYZE")
