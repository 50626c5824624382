"""What `python3 dev.py …` does once it is inside .venv."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rehab_platform.devchecks import run_checks
from rehab_platform.devprocesses import (
    DevelopmentError,
    Stopped,
    ignore_signals,
    run_to_its_end,
    stoppable,
)
from rehab_platform.devservices import free_port
from rehab_platform.devstack import DEMO_DATA, ROOT, Servers, Stack, demo_lock, remove_data

INTERRUPTED = 130
COVERAGE_FLOOR = "90"  # per cent of lines and branches


def main(arguments: Sequence[str]) -> int:
    command, *rest = arguments
    try:
        with stoppable():
            return COMMANDS[command](rest)
    except DevelopmentError as error:
        print(error, file=sys.stderr)
        return 1
    except Stopped:
        return INTERRUPTED


def demo(arguments: Sequence[str]) -> int:
    """Run everything until Ctrl-C or SIGTERM; the data stay."""
    parser = argparse.ArgumentParser(prog="dev.py demo")
    parser.add_argument("--port", type=int, default=8000, help="the web server's port")
    parser.add_argument("--fresh", action="store_true", help="delete the demo's data first")
    parser.add_argument("--data", type=Path, default=DEMO_DATA, help="where the data are kept")
    options = parser.parse_args(arguments)
    data = options.data.resolve()
    started = time.monotonic()
    with demo_lock(data):
        if options.fresh:
            remove_data(data)
        stack = Stack(data, port=options.port, durable=True, say=_say)
        try:
            stack.start()
            _write_running(data, stack.environment)
            _say(_ready(stack, time.monotonic() - started))
            return _watch(stack)
        except Stopped:
            _say("Stopping …")
            return 0
        finally:
            ignore_signals()
            _running(data).unlink(missing_ok=True)
            stack.stop()
            _say("Everything is stopped.")


def tour(arguments: Sequence[str]) -> int:
    """Play the story against a platform of its own; the exit code is the story's."""
    return _against_a_platform("tests.tour", arguments)


def fuzz(arguments: Sequence[str]) -> int:
    """Send drawn requests to a platform of its own; the exit code says whether all was right."""
    # They name where they come from, so that limits by address do not take them for one caller.
    os.environ["TRUSTED_PROXIES"] = "1"
    return _against_a_platform("tests.fuzzing", arguments)


def drill(arguments: Sequence[str]) -> int:
    """Kill what carries reminders, in full, and print what was lost and doubled."""
    os.environ["REHAB_DRILL"] = "full"
    whole = ["-q", "-s", "-p", "no:randomly", "tests/resilience/test_reminder_outages.py"]
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *whole, *arguments])


def mails(arguments: Sequence[str]) -> int:
    """Write every mail of the platform to files, and pictures of them where there is a browser."""
    environment = dict(os.environ) | {
        "DJANGO_SETTINGS_MODULE": "rehab_platform.settings.test",
        "APP_URL": "https://app.harbour.example",
    }
    command = [sys.executable, "-m", "tests.browser.mails", *arguments]
    return run_to_its_end(command, cwd=ROOT, env=environment)


def manage(arguments: Sequence[str]) -> int:
    """Run a command of Django's on the demo's data, whether the demo runs or not."""
    try:
        with demo_lock(DEMO_DATA):
            servers = Servers(DEMO_DATA, durable=True)
            try:
                return _manage(arguments, servers.start())
            finally:
                ignore_signals()
                servers.stop()
    except DevelopmentError:
        if not _running(DEMO_DATA).exists():
            raise
    return _manage(arguments, json.loads(_running(DEMO_DATA).read_text()))


def test(arguments: Sequence[str]) -> int:
    """Run the whole suite with its coverage floor; with arguments, what they choose."""
    # Images ask for no bytecode, to be smaller. Here dozens of processes would compile the same again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if arguments:
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])
    processes = str(max(2, min(4, os.cpu_count() or 2)))
    with tempfile.TemporaryDirectory(prefix="rehab-coverage-") as directory:
        measured = str(Path(directory) / "coverage.json")
        for command in (
            ["--format", "json", "--out", measured, "-m", "pytest", "-n", processes],
            ["--fail-under", COVERAGE_FLOOR, "--merge", measured, "--out", measured],
        ):
            run = [sys.executable, "-m", "slipcover", *command]
            if code := run_to_its_end(run, cwd=ROOT, env=dict(os.environ)):
                return code
    return 0


def check(arguments: Sequence[str]) -> int:
    """Run every check, even when one fails."""
    argparse.ArgumentParser(prog="dev.py check").parse_args(arguments)
    return run_checks(_say)


def benchmark(arguments: Sequence[str]) -> int:
    """Measure against the floors, on servers of its own; arguments choose what."""
    os.execv(sys.executable, [sys.executable, "-m", "benchmarks", *arguments])


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "demo": demo,
    "tour": tour,
    "fuzz": fuzz,
    "drill": drill,
    "mails": mails,
    "manage": manage,
    "test": test,
    "check": check,
    "benchmark": benchmark,
}


def _against_a_platform(module: str, arguments: Sequence[str]) -> int:
    """Start a whole platform on free ports and throw-away data, and run a module against it."""
    with tempfile.TemporaryDirectory(prefix="rehab-dev-") as directory:
        stack = Stack(Path(directory) / "data", port=free_port(), durable=False, say=_say)
        try:
            stack.start()
            command = [sys.executable, "-m", module, stack.url, *arguments]
            return run_to_its_end(command, cwd=ROOT, env=stack.environment)
        finally:
            ignore_signals()
            stack.stop()


def _manage(arguments: Sequence[str], environment: dict[str, str]) -> int:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return run_to_its_end(command, cwd=ROOT, env=environment)


def _watch(stack: Stack) -> int:
    while (ended := stack.ended()) is None:
        time.sleep(0.2)
    _say(ended)
    return 1


def _running(data: Path) -> Path:
    return data.parent / f"{data.name}.running.json"


def _write_running(data: Path, environment: dict[str, str]) -> None:
    """Tell `dev.py manage` how to reach the servers of the demo that runs."""
    path = _running(data)
    path.touch(mode=0o600)
    path.write_text(json.dumps(environment))


def _ready(stack: Stack, seconds: float) -> str:
    lines = [
        "",
        f"Ready after {seconds:.1f} s.",
        "",
        f"  API           {stack.url}/api/v1/",
        f"  API's manual  {stack.url}/api/v1/docs/",
        f"  Health        {stack.url}/readyz",
        f"  Logs          {stack.data / 'logs'}",
        f"  Web side      {stack.url}/",
        f"  Mails         {_mails(stack.environment, stack.url)}",
        *_buttons(stack.environment, stack.url),
        "",
        stack.sign_ins.rstrip(),
        "",
        "Ctrl-C stops everything. The data stay for the next time; --fresh starts over.",
    ]
    return "\n".join(lines)


def _mails(environment: dict[str, str], url: str) -> str:
    """Say where mails are read: on a page, unless EMAIL_URL names a server."""
    return f"{url}/demo/mail/" if _are_mails_kept(environment) else "sent, by EMAIL_URL"


def _buttons(environment: dict[str, str], url: str) -> list[str]:
    """Say where mails are had at once."""
    where = f"  Mails now     {url}/demo/now/ sends a reminder, or last week's mails, at once"
    return [where] if _are_mails_kept(environment) else []


def _are_mails_kept(environment: dict[str, str]) -> bool:
    return environment["EMAIL_URL"].startswith("file://")


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
