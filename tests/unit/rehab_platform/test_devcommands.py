from __future__ import annotations

import io
import json
import os
import re
import signal
import stat
import sys
import threading
from urllib.error import HTTPError

import psutil
import pytest

from rehab_platform import devcommands, devstack
from rehab_platform.devprocesses import (
    DevelopmentError,
    Stopped,
    ignore_signals,
    run_to_its_end,
    signals_held,
)
from rehab_platform.devstack import demo_lock


@pytest.fixture
def demo_data(tmp_path, monkeypatch):
    """A demo's data that are not this checkout's."""
    data = tmp_path / "var" / "demo"
    monkeypatch.setattr(devcommands, "DEMO_DATA", data)
    return data


@pytest.fixture
def managed(monkeypatch):
    """The commands that reached manage.py, with the environment they got."""
    run = []
    monkeypatch.setattr(
        devcommands, "_manage", lambda command, environment: run.append((command, environment)) or 7
    )
    return run


class ToldServers:
    """Stands in for the servers, and remembers whether they were stopped."""

    stopped = 0

    def __init__(self, data, *, durable):
        self.data = data

    def start(self):
        return {"DATABASE_URL": f"of {self.data.name}"}

    def stop(self):
        type(self).stopped += 1


def command_raising(monkeypatch, error):
    def command(arguments):
        raise error

    monkeypatch.setitem(devcommands.COMMANDS, "demo", command)


def test_a_known_trouble_is_told_without_a_traceback(monkeypatch, capsys):
    command_raising(monkeypatch, DevelopmentError("Port 8000 cannot be used."))

    assert devcommands.main(["demo"]) == 1
    assert capsys.readouterr().err == "Port 8000 cannot be used.\n"


def test_an_interrupted_command_is_no_success(monkeypatch):
    command_raising(monkeypatch, Stopped())

    assert devcommands.main(["demo"]) == 130


def test_a_stop_during_a_fork_waits_for_its_end(monkeypatch):
    seen = []

    def command(arguments):
        with signals_held():
            os.kill(os.getpid(), signal.SIGTERM)
            seen.append("remembered")
        seen.append("not reached")

    monkeypatch.setitem(devcommands.COMMANDS, "demo", command)

    assert devcommands.main(["demo"]) == 130
    assert seen == ["remembered"]


def test_a_stop_that_another_thread_takes_waits_for_the_end_too(monkeypatch):
    seen, over = [], threading.Event()
    other = threading.Thread(target=over.wait)  # started before, it does not hold the signals

    def command(arguments):
        with signals_held():
            os.kill(os.getpid(), signal.SIGTERM)
            over.wait(0.05)
            seen.append("remembered")
        seen.append("not reached")

    monkeypatch.setitem(devcommands.COMMANDS, "demo", command)
    other.start()
    try:
        assert devcommands.main(["demo"]) == 130
    finally:
        over.set()
        other.join()

    assert seen == ["remembered"]


def test_a_program_that_is_run_ends_when_we_are_stopped(monkeypatch, tmp_path):
    waits = "import os, signal, sys, time; os.kill(os.getppid(), signal.SIGTERM); time.sleep(60)"

    def command(arguments):
        return run_to_its_end([sys.executable, "-c", waits], cwd=tmp_path, env={})

    monkeypatch.setitem(devcommands.COMMANDS, "demo", command)
    before = set(psutil.Process().children())

    assert devcommands.main(["demo"]) == 130
    assert set(psutil.Process().children()) == before


def test_a_program_that_is_run_gives_its_code(tmp_path):
    three = [sys.executable, "-c", "raise SystemExit(3)"]

    assert run_to_its_end(three, cwd=tmp_path, env={}) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_signals_stop_the_command_and_not_the_cleaning_up(monkeypatch, number):
    cleaned = []

    def command(arguments):
        try:
            os.kill(os.getpid(), number)
        finally:
            ignore_signals()
            os.kill(os.getpid(), number)
            cleaned.append(True)

    monkeypatch.setitem(devcommands.COMMANDS, "demo", command)
    before = signal.getsignal(number)

    assert devcommands.main(["demo"]) == 130
    assert cleaned == [True]
    assert signal.getsignal(number) == before


def test_manage_starts_servers_for_one_command(demo_data, managed, monkeypatch):
    monkeypatch.setattr(devcommands, "Servers", ToldServers)
    monkeypatch.setattr(ToldServers, "stopped", 0)

    assert devcommands.manage(["migrate"]) == 7
    assert managed == [(["migrate"], {"DATABASE_URL": "of demo"})]
    assert ToldServers.stopped == 1


def test_manage_joins_the_demo_that_runs(demo_data, managed):
    with demo_lock(demo_data):
        devcommands._write_running(demo_data, {"DATABASE_URL": "of the running one"})

        assert devcommands.manage(["migrate"]) == 7

    assert managed == [(["migrate"], {"DATABASE_URL": "of the running one"})]


def test_manage_waits_for_no_demo_that_is_still_starting(demo_data, managed):
    with demo_lock(demo_data), pytest.raises(DevelopmentError, match="already runs"):
        devcommands.manage(["migrate"])

    assert managed == []


def test_only_the_owner_may_read_how_to_reach_the_servers(demo_data):
    demo_data.mkdir(parents=True)

    devcommands._write_running(demo_data, {})

    [written] = demo_data.parent.glob("*.json")
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


class Started(Exception):
    """This process became another program."""


def test_a_part_of_the_suite_is_pytest_s(monkeypatch):
    def become(program, command):
        raise Started(*command[1:])

    monkeypatch.setattr(devcommands.os, "execv", become)

    with pytest.raises(Started) as started:
        devcommands.test(["tests/unit", "-k", "plan"])

    assert started.value.args == ("-m", "pytest", "tests/unit", "-k", "plan")


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        pytest.param([0, 0], 0, id="all is well"),
        pytest.param([1], 1, id="a test fails"),
        pytest.param([0, 2], 2, id="too little is covered"),
    ],
)
def test_the_whole_suite_has_a_coverage_floor(monkeypatch, codes, code):
    run, left = [], list(codes)

    def run_to_its_end(command, *, cwd, env):
        assert "PYTHONDONTWRITEBYTECODE" not in env  # what they import is compiled once for all
        run.append(" ".join(command[1:]))
        return left.pop(0)

    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(devcommands, "run_to_its_end", run_to_its_end)
    monkeypatch.setattr(devcommands.os, "cpu_count", lambda: 2)

    assert devcommands.test([]) == code

    assert left == []
    assert re.fullmatch(r"-m slipcover --format json --out \S+ -m pytest -n 2", run[0])
    if len(run) > 1:
        measured = run[0].split()[5]
        assert run[1] == f"-m slipcover --fail-under 90 --merge {measured} --out {measured}"


@pytest.mark.parametrize("code", [0, 1, 3])
@pytest.mark.parametrize(
    ("command", "module", "proxies"), [("tour", "tests.tour", "0"), ("fuzz", "tests.fuzzing", "1")]
)
def test_the_code_is_that_of_what_ran_and_its_stack_is_always_stopped(
    monkeypatch, command, module, proxies, code
):
    monkeypatch.setenv("TRUSTED_PROXIES", "0")
    events = []

    class ToldStack:
        url = "http://127.0.0.1:1"
        environment = {"DATABASE_URL": "of this run"}

        def __init__(self, data, *, port, durable, say):
            events.append(("durable", durable, os.environ["TRUSTED_PROXIES"]))

        def start(self):
            events.append("start")

        def stop(self):
            events.append("stop")

    def run(command, *, cwd, env):
        events.append((command[1:], env["DATABASE_URL"]))
        return code

    monkeypatch.setattr(devcommands, "Stack", ToldStack)
    monkeypatch.setattr(devcommands, "run_to_its_end", run)

    assert devcommands.COMMANDS[command](["--quiet"]) == code
    assert events == [
        ("durable", False, proxies),
        "start",
        (["-m", module, "http://127.0.0.1:1", "--quiet"], "of this run"),
        "stop",
    ]


def test_readiness_is_told_be_it_good_or_bad(monkeypatch):
    def answering(body):
        monkeypatch.setattr(devstack, "urlopen", lambda url, timeout: body())

    def refused():
        raise HTTPError("http://127.0.0.1/readyz", 503, "", None, io.BytesIO(b'{"status": "no"}'))

    def silent():
        raise ConnectionRefusedError

    answering(lambda: io.BytesIO(json.dumps({"status": "ready"}).encode()))
    assert devstack.readiness("http://127.0.0.1") == {"status": "ready"}
    answering(refused)
    assert devstack.readiness("http://127.0.0.1") == {
        "status": "HTTP 503",
        "body": '{"status": "no"}',
    }
    answering(silent)
    assert devstack.readiness("http://127.0.0.1") == {}


def test_a_secret_key_is_made_once_and_for_its_owner_only(tmp_path):
    path = tmp_path / "secret-key"

    first, second = (devstack._secret_key(path) for _ in range(2))

    assert first == second
    assert len(first) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("file:///home/rui/var/demo/mail", "http://127.0.0.1:8000/demo/mail/"),
        ("smtp+tls://rehab:secret@mail.example.org", "sent, by EMAIL_URL"),
        ("console:", "sent, by EMAIL_URL"),
    ],
)
def test_the_demo_says_where_mails_go_and_no_password(url, told):
    assert devcommands._mails({"EMAIL_URL": url}, "http://127.0.0.1:8000") == told


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "file:///home/rui/var/demo/mail",
            [
                "  Mails now     http://x:1/demo/now/ sends a reminder, or last week's mails, at once"
            ],
        ),
        ("smtp+tls://rehab:secret@mail.example.org", []),
    ],
)
def test_the_buttons_are_named_where_there_are_some(url, said):
    assert devcommands._buttons({"EMAIL_URL": url}, "http://x:1") == said


def test_mails_are_written_with_links_and_without_a_platform(monkeypatch):
    run = []

    def run_to_its_end(command, *, cwd, env):
        run.append((command[1:], env["APP_URL"], env["DJANGO_SETTINGS_MODULE"]))
        return 0

    monkeypatch.setattr(devcommands, "run_to_its_end", run_to_its_end)

    assert devcommands.main(["mails", "--to", "elsewhere"]) == 0

    command = ["-m", "tests.browser.mails", "--to", "elsewhere"]
    assert run == [(command, "https://app.harbour.example", "rehab_platform.settings.test")]


def test_at_the_start_every_job_of_the_clock_works_once_so_that_nobody_waits_a_minute(settings):
    assert sorted(devstack.FIRST_WORK) == sorted(job.task for job in settings.PERIODIC_JOBS)
    assert devstack.FIRST_WORK[-1] == "patients.tasks.tidy"
