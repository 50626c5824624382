"""
`python3 dev.py benchmark`: servers of its own, then `manage.py benchmark` on them.

PostgreSQL keeps nothing (no fsync, no autovacuum in the middle of a turn) and has some memory; the
data lie in a directory for temporary files and are deleted at the end.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rehab_platform.devprocesses import (
    DevelopmentError,
    Stopped,
    ignore_signals,
    run_to_its_end,
    stoppable,
)
from rehab_platform.devservices import NOT_DURABLE, SUPERUSER, Postgres, Valkey

ROOT = Path(__file__).resolve().parents[1]
TUNED = {
    "autovacuum": "off",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "8GB",
    "shared_buffers": "1GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    try:
        with stoppable(), tempfile.TemporaryDirectory(prefix="rehab-benchmark-") as directory:
            return _run(Path(directory), arguments)
    except DevelopmentError as error:
        print(error, file=sys.stderr)
        return 1
    except Stopped:
        return INTERRUPTED


def _run(directory: Path, arguments: Sequence[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        return _manage(["benchmark", *arguments], nowhere())
    postgres = Postgres(directory / "postgres", settings=NOT_DURABLE | TUNED)
    valkey = Valkey(directory / "valkey", durable=False)
    try:
        postgres.start()
        valkey.start()
        environment = environment_for(postgres, valkey, log=directory / "web.log")
        for command in (["migrate", "-v0"], ["load_catalogue", "-v0"]):
            if _manage(command, environment):
                raise DevelopmentError(f"manage.py {command[0]} failed; the reason is above.")
        return _manage(["benchmark", *arguments], environment)
    finally:
        ignore_signals()
        valkey.stop()
        postgres.stop()


def environment_for(postgres: Postgres, valkey: Valkey, *, log: Path) -> dict[str, str]:
    """Return the environment in which Django and the web servers find everything."""
    return nowhere() | {
        "DATABASE_URL": postgres.url("rehab_app"),
        "DATABASE_OWNER_URL": postgres.url("rehab_owner"),
        "BENCHMARK_SUPERUSER_URL": postgres.url(SUPERUSER),
        "BENCHMARK_WEB_LOG": str(log),
        "REDIS_URL": valkey.url,
    }


def nowhere() -> dict[str, str]:
    """Return an environment in which the settings load, and no server is reached."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "SECRET_KEY": "for benchmarks only: 0123456789 abcdefghijklmnopqrstuvwxyz",
        "DATABASE_URL": "postgresql://rehab_app@127.0.0.1:1/nowhere",
        "DATABASE_OWNER_URL": "postgresql://rehab_owner@127.0.0.1:1/nowhere",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "PYTHONTZPATH": "",
    }


def _manage(arguments: Sequence[str], environment: dict[str, str]) -> int:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments, "--skip-checks"]
    return run_to_its_end(command, cwd=ROOT, env=environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
