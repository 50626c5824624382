"""Reminders that go out, against a bare loop that sends as many mails over one connection."""

from __future__ import annotations

import datetime as dt
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection
from django.template.loader import render_to_string
from django.test import override_settings
from django.utils import timezone
from psycopg import sql

from benchmarks import rows
from benchmarks.cpu import seconds_of
from benchmarks.crowd import Crowd
from benchmarks.figures import Finding, Sample, Side, ratio
from benchmarks.generate import NotAsPlanned
from benchmarks.reminded import make_due, remind_everybody
from core.ids import uuid7
from rehab_platform.devservices import free_port
from reminders.actions.deliver import deliver

CLINICS = 20
FULL, QUICK = 100_000, 200
MOST_TIMES_THE_FLOOR = 2.0
NAME = "{:,} reminders"


def measure(
    patients: int, *, turns: int, url_of: Callable[[str], str], say: Callable[[str], None]
) -> tuple[list[Side], list[Finding]]:
    """Send to every patient, and as many mails by a bare loop, in turns."""
    say(f"Generating {patients:,} patients with a reminder each …")
    name = NAME.format(patients)
    samples: dict[str, list[Sample]] = {f"{name}: bare loop": [], name: []}
    with _database(patients, url_of) as server, _sink() as port, _mailing_to(port):
        for _turn in range(turns):
            say(f"Sending {patients:,} mails twice …")
            samples[f"{name}: bare loop"].append(
                _cost(lambda: bare_loop(patients), None, calls=patients)
            )
            make_due(server, timezone.now())
            samples[name].append(_cost(product, connection, calls=patients))
            _compare(server, patients)
    sides = {key: Side(name=key, samples=tuple(found)) for key, found in samples.items()}
    value = ratio(sides[name], sides[f"{name}: bare loop"])
    found = Finding(what=f"{name} ÷ bare loop", value=value, unit="×", most=MOST_TIMES_THE_FLOOR)
    return list(sides.values()), [found]


def bare_loop(number: int) -> None:
    """Send as many mails of the same size and parts over one connection: text and HTML made once."""
    said = {
        "text": "You have something planned for today. Open your plan when you are ready.",
        "is_own": True, "clinic": "Clinic 1", "clinic_phone": "+351 210 000 000",
        "app_url": "https://rehab.example.org",
        "stop_url": "https://rehab.example.org/stop/" + "x" * 110,
    }  # fmt: skip
    text = render_to_string("emails/reminder.txt", said)
    html = render_to_string("emails/reminder.html", said)
    server = get_connection()
    server.open()
    for place in range(number):
        mail = EmailMultiAlternatives(
            subject="Your plan for today is waiting", body=text, to=[f"patient{place}@example.org"],
            headers={
                "Message-ID": f"<{uuid7()}@example.org>",
                "List-Unsubscribe": f"<{said['stop_url']}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )  # fmt: skip
        mail.attach_alternative(html, "text/html")
        server.send_messages([mail])
    server.close()


def product() -> None:
    """Send what is due, in as many runs as it takes."""
    while deliver(now=timezone.now()):
        pass


def _compare(server: psycopg.Connection[Any], patients: int) -> None:
    """Refuse to report on deliveries that did not go out."""
    counted = "SELECT state, count(*) FROM reminders_delivery GROUP BY state"
    found = server.execute(counted).fetchall()
    if found != [("sent", patients)]:
        raise NotAsPlanned(f"{found} instead of {patients} sent")


def _cost(work: Callable[[], None], database: Any, *, calls: int) -> Sample:
    backend = None
    if database is not None:
        database.ensure_connection()
        backend = database.connection.info.backend_pid
    before = seconds_of([backend])[backend] if backend else 0.0
    application, started = time.process_time(), time.perf_counter()
    work()
    return Sample(
        calls=calls,
        elapsed=time.perf_counter() - started,
        application=time.process_time() - application,
        database=seconds_of([backend])[backend] - before if backend else 0.0,
    )


@contextmanager
def _database(patients: int, url_of: Callable[[str], str]) -> Iterator[psycopg.Connection[Any]]:
    """Make a database with that many patients, the product connected to it, for a block."""
    today = timezone.now().date()
    crowd = Crowd(
        patients=patients, clinics=CLINICS, lines=2, days=0, per_day=1, today=today,
        starts_on=today - dt.timedelta(days=30), quota=False, only_mon_wed_fri=False,
    )  # fmt: skip
    name = sql.Identifier("deliveries")
    before = connection.settings_dict["NAME"]
    with psycopg.connect(url_of("template1"), autocommit=True) as maker:
        make = sql.SQL("CREATE DATABASE {} TEMPLATE catalogue OWNER rehab_owner")
        maker.execute(make.format(name))
        try:
            with psycopg.connect(url_of("deliveries"), autocommit=True) as server:
                with server.transaction():
                    server.execute("SET LOCAL session_replication_role = replica")
                    for statement in rows.people(crowd):
                        server.execute(statement)
                    remind_everybody(server)
                server.execute("VACUUM (FREEZE, ANALYZE)")
                connection.close()
                connection.settings_dict["NAME"] = "deliveries"
                yield server
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before
            maker.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@contextmanager
def _sink() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.sink", str(port)])
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _mailing_to(port: int) -> Any:
    return override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port, EMAIL_USE_TLS=False, EMAIL_USE_SSL=False, EMAIL_HOST_USER="",
        APP_URL="https://rehab.example.org",
    )  # fmt: skip
