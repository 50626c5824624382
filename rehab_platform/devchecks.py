"""What `python3 dev.py check` looks at: fast, side by side, and all of it even when one fails."""

from __future__ import annotations

import difflib
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "docs" / "openapi.yaml"
SOURCES = ("core", "clinics", "programs", "patients", "sessions", "reminders", "rehab_platform")
TYPED = (*SOURCES, "benchmarks", "tests/tour", "dev.py", "manage.py")
# Non-blank lines of tests for each of the product's: less, and something goes untested.
LEAST_TESTS = Fraction(6, 5)
_DIFF_LINES = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One program that must succeed."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of a check; `output` explains a failure."""

    name: str
    failed: bool
    seconds: float
    output: str


def run_checks(say: Callable[[str], None]) -> int:
    """Run all checks, say one line for each, and return 1 if any failed."""
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(os.cpu_count()) as pool:
        schema = Path(scratch) / "openapi.yaml"
        running = [pool.submit(_run, one) for one in checks()]
        running.append(pool.submit(check_schema, schema))
        running.append(pool.submit(check_tests, ROOT))
        outcomes = [told(future.result(), say) for future in running]
    failed = [outcome.name for outcome in outcomes if outcome.failed]
    say(f"{len(outcomes) - len(failed)} of {len(outcomes)} checks passed.")
    return 1 if failed else 0


def checks() -> list[Check]:
    """Return the checks, the slowest first."""
    templates = sorted(str(path) for path in ROOT.glob("*/templates/**/*.html"))
    templates += sorted(str(path) for path in ROOT.glob("templates/**/*.html"))
    found = [
        Check(name="types (mypy)", command=[*_module("mypy"), *TYPED]),
        Check(
            name="deploy check",
            command=_manage("check", "--deploy", "--fail-level", "WARNING"),
            environment=production_environment(),
        ),
        Check(
            name="migrations",
            command=_manage("makemigrations", "--check", "--dry-run"),
            environment=_TOOLS,
        ),
        Check(name="imports (import-linter)", command=[_program("lint-imports")]),
        Check(name="lint (ruff)", command=[*_module("ruff"), "check", "."]),
        Check(name="format (ruff)", command=[*_module("ruff"), "format", "--check", "."]),
    ]
    if templates:
        djade = [_program("djade"), "--check", "--target-version", "5.2", *templates]
        found.append(Check(name="templates (djade)", command=djade))
    return found


def check_schema(fresh: Path) -> Outcome:
    """Make the API's schema, and compare it with the committed one."""
    command = _manage("spectacular", "--validate", "--fail-on-warn", "--file", str(fresh))
    made = _run(Check(name="schema", command=command, environment=_TOOLS))
    if made.failed:
        return made
    committed = SCHEMA.read_text().splitlines() if SCHEMA.exists() else []
    changes = list(
        difflib.unified_diff(
            committed, fresh.read_text().splitlines(), "committed", "made now", lineterm="", n=1
        )
    )
    if not changes:
        return made
    hint = (
        "docs/openapi.yaml is not what the code says. If the change is meant:\n"
        "    python3 dev.py manage spectacular --validate --fail-on-warn --file docs/openapi.yaml"
    )
    output = "\n".join([hint, *changes[:_DIFF_LINES]])
    return Outcome(name=made.name, failed=True, seconds=made.seconds, output=output)


def check_tests(root: Path) -> Outcome:
    """Hold the tests' length to the code's: a figure that only ever sinks by not testing."""
    started = time.monotonic()
    code = [*(path for app in SOURCES for path in (root / app).rglob("*.py"))]
    code += [root / "dev.py", root / "manage.py"]
    of_code = written_lines(path for path in code if "migrations" not in path.parts)
    of_tests = written_lines((root / "tests").rglob("*.py"))
    ratio = Fraction(of_tests, max(of_code, 1))
    return Outcome(
        name=f"tests : code {float(ratio):.2f}",
        failed=ratio < LEAST_TESTS,
        seconds=time.monotonic() - started,
        output=f"{of_tests} lines of tests, {of_code} of code: at least "
        f"{float(LEAST_TESTS)} to one. Test what was added last.",
    )


def written_lines(files: Iterable[Path]) -> int:
    """Count the lines that are not blank."""
    return sum(1 for path in files for line in path.read_text().splitlines() if line.strip())


def production_environment() -> dict[str, str]:
    """Return what a production server would be given; nothing of it is used beyond the checks."""
    return {
        "DJANGO_SETTINGS_MODULE": "rehab_platform.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DATABASE_URL": "postgresql://rehab_app@127.0.0.1:1/rehab",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "ALLOWED_HOSTS": "rehab.example.org",
        "EMAIL_URL": "smtp+tls://127.0.0.1:1",
        "MAIL_FROM": "rehab@example.org",
        "REHAB_PROCESS": "web",
        "APP_URL": "https://rehab.example.org",
    }


def told(outcome: Outcome, say: Callable[[str], None]) -> Outcome:
    """Say how a check went; what it printed matters only when it failed."""
    mark = "FAILED" if outcome.failed else "ok"
    say(f"{mark:7}{outcome.name:26}{outcome.seconds:6.1f} s")
    if outcome.failed:
        say("\n".join(f"       {line}" for line in outcome.output.splitlines()))
    return outcome


_TOOLS = {"DJANGO_SETTINGS_MODULE": "rehab_platform.settings.test"}


def _run(check: Check) -> Outcome:
    started = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env=os.environ | check.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(
        name=check.name,
        failed=done.returncode != 0,
        seconds=time.monotonic() - started,
        output=done.stdout.strip(),
    )


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]


def _manage(*command: str) -> list[str]:
    # There is no database here: Django's warning about that is no finding.
    return [sys.executable, "-W", "ignore::RuntimeWarning", "manage.py", *command]


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))
