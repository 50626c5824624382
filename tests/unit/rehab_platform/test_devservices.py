from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from rehab_platform import devprocesses, devservices
from rehab_platform.devprocesses import DevelopmentError, only_one, server_user, stop_process
from rehab_platform.devservices import Postgres, Valkey, free_port, missing_services, wait_for


def program(directory, name):
    """Put an empty program where PATH would find it."""
    path = directory / name
    path.touch()
    path.chmod(0o755)
    return path


@pytest.fixture
def without_wheels(monkeypatch, tmp_path):
    """A platform without wheels of servers, whose PATH is one directory."""
    monkeypatch.setattr(devservices, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.fixture
def scratch():
    with tempfile.TemporaryDirectory(prefix="rehab-test-") as directory:
        yield Path(directory)


def test_the_wheels_servers_are_preferred():
    assert devservices.postgres_binaries().parts[-2:] == ("pginstall", "bin")
    assert devservices.valkey_binary().name == "valkey-server"


def test_servers_on_path_are_used_where_there_is_no_wheel(without_wheels):
    program(without_wheels, "initdb")
    program(without_wheels, "postgres")
    redis_server = program(without_wheels, "redis-server")

    assert devservices.postgres_binaries() == without_wheels
    assert devservices.valkey_binary() == redis_server

    valkey_server = program(without_wheels, "valkey-server")
    assert devservices.valkey_binary() == valkey_server


def test_without_any_server_one_is_told_what_to_set(without_wheels):
    with pytest.raises(DevelopmentError, match=r"DATABASE_URL \(role rehab_app\) and"):
        devservices.postgres_binaries()
    with pytest.raises(DevelopmentError, match="set REDIS_URL"):
        devservices.valkey_binary()


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({}, (True, True)),
        ({"DATABASE_URL": "postgresql://…"}, (False, True)),
        ({"REDIS_URL": "redis://…"}, (True, False)),
        ({"DATABASE_URL": "postgresql://…", "REDIS_URL": "redis://…"}, (False, False)),
    ],
)
def test_only_servers_without_an_address_are_started(environment, missing):
    assert missing_services(environment) == missing


def test_postgresql_starts_with_our_roles_and_keeps_them(scratch):
    server = Postgres(scratch / "data", settings=devservices.NOT_DURABLE)
    roles = (
        "SELECT rolname, rolcanlogin, rolcreatedb, rolbypassrls, rolsuper FROM pg_roles "
        "WHERE rolname LIKE 'rehab%' ORDER BY rolname"
    )
    try:
        for _first_and_second_start in range(2):
            server.start()
            with psycopg.connect(server.url("rehab_owner")) as connection:
                assert connection.execute(roles).fetchall() == [
                    ("rehab_app", True, False, False, False),
                    ("rehab_identify", False, False, True, False),
                    ("rehab_owner", True, True, False, False),
                ]
                assert connection.execute("SHOW fsync").fetchone() == ("off",)
                assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
                connection.execute("SET ROLE rehab_identify")
            server.process.send_signal(signal.SIGINT)
            server.process.wait(15)
    finally:
        server.stop()
    server.stop()

    assert stat.S_IMODE((scratch / "data").stat().st_mode) == 0o700
    assert not server.sockets.exists()


def test_the_owner_has_none_of_the_powers_it_may_hand_out(scratch):
    server = Postgres(scratch / "data", settings=devservices.NOT_DURABLE)
    try:
        server.start()
        with psycopg.connect(server.url("rehab_owner")) as connection:
            inherits = "SELECT pg_has_role('rehab_identify', 'USAGE')"
            assert connection.execute(inherits).fetchone() == (False,)
        with (
            psycopg.connect(server.url("rehab_app")) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("SET ROLE rehab_identify")
    finally:
        server.stop()


def test_valkey_needs_its_password_and_remembers(scratch):
    first = Valkey(scratch / "data", durable=True)
    try:
        first.start()
        with redis.Redis.from_url(first.url) as client:
            client.set("left", "behind")
        with (
            redis.Redis(port=first.port, retry=None) as stranger,
            pytest.raises(redis.exceptions.AuthenticationError),
        ):
            stranger.ping()
        assert first.password not in str(psutil.Process(first.process.pid).cmdline())
    finally:
        first.stop()

    second = Valkey(scratch / "data", durable=True)
    try:
        second.start()
        with redis.Redis.from_url(second.url) as client:
            assert client.get("left") == b"behind"
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    finally:
        second.stop()


def test_a_server_that_ends_at_once_is_reported_with_the_end_of_its_log(tmp_path):
    log = tmp_path / "server.log"
    log.write_text("FATAL: no room\n")
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"])
    process.wait()

    with pytest.raises(DevelopmentError, match=r"(?s)Server did not start.*FATAL: no room"):
        wait_for(lambda: False, of=process, what="Server", log=str(log))


def test_a_cluster_that_cannot_be_made_is_reported(scratch):
    data = scratch / "data"
    data.mkdir()
    (data / "something").touch()
    server = Postgres(data, settings={})
    try:
        with pytest.raises(DevelopmentError, match=r"(?s)could not make its files.*not empty"):
            server.start()
    finally:
        server.stop()


def test_a_free_port_can_be_listened_on():
    assert 1024 <= free_port() <= 65535


def test_root_lets_another_user_run_postgresql(monkeypatch):
    monkeypatch.setattr(devprocesses.os, "geteuid", lambda: 0)
    assert server_user() in {"postgres", "nobody"}

    monkeypatch.setattr(devprocesses.pwd, "getpwall", list)
    with pytest.raises(DevelopmentError, match="refuses to run as root"):
        server_user()


def test_everyone_else_runs_it_themselves(monkeypatch):
    monkeypatch.setattr(devprocesses.os, "geteuid", lambda: 1000)

    assert server_user() is None


def test_a_process_that_will_not_end_is_killed():
    deaf = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    with process.stdout as said:
        said.readline()

    stop_process(process, with_signal=signal.SIGTERM, seconds=0.2)

    assert process.returncode == -signal.SIGKILL


def test_a_lock_is_held_by_one_and_free_afterwards(tmp_path):
    path = tmp_path / "demo.lock"

    with (
        only_one(path),
        pytest.raises(DevelopmentError, match="already runs"),
        only_one(path),
    ):
        pass
    with only_one(path) as lock:
        assert not os.get_inheritable(lock.fileno())
