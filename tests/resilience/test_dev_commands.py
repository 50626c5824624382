"""The demo as a person runs it: a process of its own, on a free port, with data of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.request import urlopen

import psutil
import pytest

from rehab_platform.devservices import free_port
from rehab_platform.devstack import ROOT

OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "CACHE_URL", "SECRET_KEY")
DEMO = [sys.executable, "-m", "rehab_platform.devcommands", "demo"]
READY = "Ctrl-C stops everything."


class Demo:
    """`dev.py demo`, and what it started."""

    def __init__(self, data, *options):
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in OURS and not name.startswith(("DJANGO_", "PYTEST_", "REHAB_"))
        }
        self.port = free_port()
        self.process = subprocess.Popen(
            [*DEMO, "--port", str(self.port), "--data", str(data), *options],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = []

    def wait_until_ready(self):
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith(READY):
                return psutil.Process(self.process.pid).children(recursive=True)
        pytest.fail("the demo did not become ready:\n" + "".join(self.said))

    def stop(self, number):
        self.process.send_signal(number)
        self.said += self.process.communicate(timeout=60)[0].splitlines(keepends=True)
        return self.process.returncode

    def readiness(self):
        with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
            return json.load(answer)


@pytest.fixture
def demo():
    """Start demos; none outlives the test."""
    started = []

    def start(data, *options):
        started.append(Demo(data, *options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop(signal.SIGKILL)


def survivors(processes, *, seconds):
    """Return those that still run after a while; a zombie waits for init only."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(map(runs, processes)):
        time.sleep(0.05)
    return [process for process in processes if runs(process)]


def runs(process):
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def names(processes):
    told = " ".join(" ".join(process.cmdline()) for process in processes)
    return {name for name in ("postgres", "valkey", "gunicorn", "worker", "beat") if name in told}


def test_the_demo_survives_a_kill_keeps_its_data_and_stops_as_a_whole(demo, tmp_path):
    data = tmp_path / "demo"
    killed = demo(data)
    children = killed.wait_until_ready()
    assert names(children) == {"postgres", "valkey", "gunicorn", "worker", "beat"}
    made_at = (data / "postgres" / "PG_VERSION").stat().st_mtime_ns
    killed.stop(signal.SIGKILL)
    assert survivors(children, seconds=40) == []

    again = demo(data)
    children = again.wait_until_ready()

    assert again.readiness()["status"] == "ready"
    assert again.readiness()["jobs"]["tidy"]["last_outcome"] == "done"
    assert (data / "postgres" / "PG_VERSION").stat().st_mtime_ns == made_at
    assert again.stop(signal.SIGTERM) == 0
    assert again.said[-2:] == ["Stopping …\n", "Everything is stopped.\n"]
    assert survivors(children, seconds=5) == []


def test_a_stop_while_starting_afresh_leaves_nothing_behind(demo, tmp_path):
    data = tmp_path / "demo"
    data.mkdir()
    (data / "old").touch()
    starting = demo(data, "--fresh")
    assert starting.process.stdout.readline() == "Starting PostgreSQL and Valkey …\n"
    assert starting.process.stdout.readline() == "Migrating the database …\n"
    assert not (data / "old").exists()
    children = psutil.Process(starting.process.pid).children(recursive=True)

    assert starting.stop(signal.SIGINT) == 0

    assert survivors(children, seconds=5) == []


def test_a_taken_port_is_named_and_another_one_proposed(demo, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = demo(tmp_path / "demo", "--port", str(port))
        said = refused.process.communicate(timeout=60)[0]

    assert refused.process.returncode == 1
    assert f"Port {port} cannot be used (Address already in use)." in said
    assert f"python3 dev.py demo --port {port + 1}" in said
    assert "Traceback" not in said
    assert not (tmp_path / "demo" / "postgres").exists()


def test_two_demos_do_not_share_their_data(demo, tmp_path):
    first = demo(tmp_path / "demo")
    assert first.process.stdout.readline() == "Starting PostgreSQL and Valkey …\n"

    second = demo(tmp_path / "demo")
    said = second.process.communicate(timeout=60)[0]

    assert second.process.returncode == 1
    assert "The demo already runs" in said
    assert first.process.poll() is None


def test_a_server_of_ones_own_without_our_roles_is_explained(tmp_path):
    environment = os.environ | {
        "DATABASE_URL": "postgresql://rehab_app@127.0.0.1:1/rehab",
        "DATABASE_OWNER_URL": "postgresql://rehab_owner@127.0.0.1:1/rehab",
    }

    done = subprocess.run(
        [*DEMO, "--port", str(free_port()), "--data", str(tmp_path / "demo")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "psql --file=" in done.stderr
    assert "CREATE ROLE rehab_identify" in done.stderr
    assert "Traceback" not in done.stderr
