"""The web server as it is deployed, on the test database: gunicorn, two processes, pooled."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode
from urllib.request import urlopen

from django.db import connection


def database_url() -> str:
    """Return the address of this test's database for the application's role."""
    found = connection.settings_dict
    query = urlencode({"host": found["HOST"]}) if found["HOST"].startswith("/") else ""
    host = "" if query else found["HOST"]
    port = f":{found['PORT']}" if found["PORT"] and not query else ""
    user = quote(found["USER"])
    password = f":{quote(found['PASSWORD'])}" if found["PASSWORD"] else ""
    return f"postgresql://{user}{password}@{host}{port}/{found['NAME']}?{query}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def gunicorn() -> Iterator[str]:
    """Run the server for the length of a block and give its address as host:port."""
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", "rehab_platform.wsgi", "--bind", address,
            "--worker-class", "gthread", "--workers", "2", "--threads", "4",
            "--log-level", "warning",
        ],
        env=_environment(),
    )  # fmt: skip
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def _environment() -> dict[str, str]:
    """The server runs as it is deployed, without what measures the tests; a crash says where."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return kept | {
        "DATABASE_URL": database_url(),
        "REHAB_PROCESS": "web",
        "PYTHONFAULTHANDLER": "1",
    }


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended while starting"
        try:
            urlopen(f"http://{address}/healthz", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start")
