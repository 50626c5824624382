"""A web server as it is deployed, the calls that are sent to it, and what they cost."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.cpu import family_of, seconds_of, spent
from benchmarks.figures import Sample, Side
from rehab_platform.devservices import free_port, wait_for

AT_ONCE = 4
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


class UnexpectedAnswer(Exception):
    """A call was not answered as it should be, so nothing was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    method: str
    path: str
    status: int
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """One web server, known to PostgreSQL by its name."""

    name: str
    address: str
    pid: int

    def send(self, calls: Sequence[Call]) -> list[bytes]:
        """Send the calls over a few connections that stay open, and return the answers' bodies."""
        shares = [calls[place::AT_ONCE] for place in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return [body for bodies in pool.map(self._send_in_turn, shares) for body in bodies]

    def _send_in_turn(self, calls: Sequence[Call]) -> list[bytes]:
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            return [_ask(connection, call)[1] for call in calls]
        finally:
            connection.close()

    def tag(self, call: Call) -> str:
        """Send one call and return its answer's ETag."""
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            return _ask(connection, call)[0]["ETag"]
        finally:
            connection.close()

    def turn(self, calls: Sequence[Call], server: psycopg.Connection[Any]) -> Sample:
        """Send the calls and return what they cost, here and in PostgreSQL's backends."""
        application = seconds_of(family_of(self.pid))
        database = seconds_of(self._backends(server))
        started = time.perf_counter()
        self.send(calls)
        elapsed = time.perf_counter() - started
        return Sample(
            calls=len(calls),
            application=spent(application, seconds_of(family_of(self.pid))),
            database=spent(database, seconds_of(self._backends(server))),
            elapsed=elapsed,
        )

    def _backends(self, server: psycopg.Connection[Any]) -> list[int]:
        found = server.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = %s", [self.name]
        )
        return [pid for (pid,) in found]


@contextmanager
def web_server(name: str, *, settings: str, database_url: str, log: Path) -> Iterator[Web]:
    """Run gunicorn with the product's own configuration for the length of a block."""
    address = f"127.0.0.1:{free_port()}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": settings,
        "DATABASE_URL": database_url,
        "REHAB_PROCESS": "web",
        "PGAPPNAME": name,
        "LOG_LEVEL": "WARNING" if name == "floor" else "INFO",
    }
    with log.open("ab") as written:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn",
                "--config", "python:rehab_platform.gunicorn_settings", "--bind", address,
            ],
            env=environment, stdout=written, stderr=written,
        )  # fmt: skip
    try:
        wait_for(lambda: _answers(address), of=process, what="The web server", log=str(log))
        yield Web(name=name, address=address, pid=process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _ask(
    connection: http.client.HTTPConnection, call: Call
) -> tuple[http.client.HTTPMessage, bytes]:
    headers = HEADERS | dict(call.headers)
    try:
        connection.request(call.method, call.path, call.body, headers)
        response = connection.getresponse()
    except (ConnectionError, http.client.RemoteDisconnected):
        connection.close()  # it was kept open until the server closed it: on a busy machine
        connection.request(call.method, call.path, call.body, headers)
        response = connection.getresponse()
    body = response.read()
    if response.status != call.status:
        raise UnexpectedAnswer(f"{call.path} answered {response.status}: {body[:500]!r}")
    return response.headers, body


def _answers(address: str) -> bool:
    connection = http.client.HTTPConnection(address, timeout=5)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One side of a comparison: where it is sent, and the calls of its nth turn."""

    name: str
    web: Web
    calls: Callable[[int], list[Call]]


def in_turns(
    contenders: Sequence[Contender], *, turns: int, server: psycopg.Connection[Any]
) -> dict[str, Side]:
    """Let each side have its turn, again and again; what the first turn cost is warming up."""
    samples: dict[str, list[Sample]] = {each.name: [] for each in contenders}
    for number in range(turns + 1):
        # Autovacuum is off, so as not to come within a turn: each adds as many results as would call it.
        server.execute("VACUUM rehab_sessions_exerciseresult")
        for each in contenders:
            sample = each.web.turn(each.calls(number), server)
            if number:
                samples[each.name].append(sample)
    return {name: Side(name=name, samples=tuple(found)) for name, found in samples.items()}
