"""
A pytest plugin, loaded by `-p` before anything reads the settings: it starts the servers once.

pytest-xdist's workers inherit the environment and start none.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from rehab_platform.devservices import NOT_DURABLE, Postgres, Valkey, missing_services

_started: list[Postgres | Valkey] = []


def _start() -> None:
    needs_postgres, needs_valkey = missing_services()
    if not (needs_postgres or needs_valkey):
        return
    directory = Path(tempfile.mkdtemp(prefix="rehab-tests-"))
    os.environ["REHAB_TEST_SERVICES"] = str(directory)
    atexit.register(_stop)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if needs_postgres:
        # Without autovacuum nothing is ever analysed: a statement is planned alike in each run.
        settings = NOT_DURABLE | {"max_connections": "200", "autovacuum": "off"}
        postgres = Postgres(directory / "postgres", settings=settings)
        _started.append(postgres)
        postgres.start()
        os.environ["DATABASE_URL"] = postgres.url("rehab_app")
        os.environ["DATABASE_OWNER_URL"] = postgres.url("rehab_owner")
    if needs_valkey:
        valkey = Valkey(directory / "valkey", durable=False)
        _started.append(valkey)
        valkey.start()
        os.environ["REDIS_URL"] = valkey.url


def _stop() -> None:
    while _started:
        _started.pop().stop()
    shutil.rmtree(os.environ["REHAB_TEST_SERVICES"], ignore_errors=True)


if "PYTEST_XDIST_WORKER" not in os.environ:
    _start()
