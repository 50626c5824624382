from __future__ import annotations

import sys

import pytest

from rehab_platform import devchecks
from rehab_platform.devchecks import Check, Outcome

GOOD = Check(name="good", command=[sys.executable, "-c", "print('fine')"])
BAD = Check(name="bad", command=[sys.executable, "-c", "print('why'); raise SystemExit(2)"])


@pytest.fixture
def said():
    return []


@pytest.fixture
def schema(monkeypatch, tmp_path):
    """A committed schema, and what the code makes of it now."""
    committed, fresh = tmp_path / "openapi.yaml", tmp_path / "fresh.yaml"
    committed.write_text("openapi: 3.1.1\npaths: {}\n")
    fresh.write_text("openapi: 3.1.1\npaths: {}\n")
    monkeypatch.setattr(devchecks, "SCHEMA", committed)
    monkeypatch.setattr(devchecks, "_manage", lambda *command: GOOD.command)
    return committed, fresh


def run(monkeypatch, said, *checks):
    fine = Outcome(name="schema", failed=False, seconds=0, output="")
    monkeypatch.setattr(devchecks, "checks", lambda: list(checks))
    monkeypatch.setattr(devchecks, "check_schema", lambda fresh: fine)
    monkeypatch.setattr(devchecks, "check_tests", lambda root: fine)
    return devchecks.run_checks(said.append)


def test_all_checks_run_even_when_the_first_fails(monkeypatch, said):
    assert run(monkeypatch, said, BAD, GOOD) == 1

    lines = [line.split()[:2] for line in said]
    assert lines[0] == ["FAILED", "bad"]
    assert said[1] == "       why"
    assert lines[2] == ["ok", "good"]
    assert said[-1] == "3 of 4 checks passed."


def test_what_a_good_check_prints_is_kept_back(monkeypatch, said):
    assert run(monkeypatch, said, GOOD) == 0

    assert "fine" not in "\n".join(said)


def test_an_unchanged_schema_passes(schema):
    assert devchecks.check_schema(schema[1]).failed is False


def test_a_changed_schema_fails_and_shows_the_change(schema):
    schema[1].write_text("openapi: 3.1.1\npaths: {/me: {}}\n")

    outcome = devchecks.check_schema(schema[1])

    assert outcome.failed is True
    assert "-paths: {}" in outcome.output
    assert "+paths: {/me: {}}" in outcome.output
    assert "dev.py manage spectacular" in outcome.output


def test_a_schema_that_is_not_committed_fails(schema):
    schema[0].unlink()

    assert devchecks.check_schema(schema[1]).failed is True


def test_a_schema_that_cannot_be_made_fails(schema, monkeypatch):
    monkeypatch.setattr(devchecks, "_manage", lambda *command: BAD.command)

    assert devchecks.check_schema(schema[1]).output == "why"


def test_the_deploy_check_reads_productions_settings():
    [deploy] = [check for check in devchecks.checks() if check.name == "deploy check"]

    assert deploy.environment["DJANGO_SETTINGS_MODULE"] == "rehab_platform.settings.production"
    assert deploy.command[-4:] == ["check", "--deploy", "--fail-level", "WARNING"]


@pytest.fixture
def project(tmp_path):
    """A project with ten lines of code: one in a package, seven in another, two beside them."""
    files = {
        "core/calendar.py": "one\n",
        "patients/actions/lines.py": "line\n" * 7 + "\n   \n\t\n",
        "patients/migrations/0001_initial.py": "line\n" * 500,
        "patients/sql/days.sql": "line\n" * 500,
        "dev.py": "line\n",
        "manage.py": "line",
    }
    for name, text in files.items():
        write(tmp_path / name, text)
    return tmp_path


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("lines", "failed", "name"),
    [
        (0, True, "tests : code 0.00"),
        (11, True, "tests : code 1.10"),
        (12, False, "tests : code 1.20"),
        (30, False, "tests : code 3.00"),
    ],
)
def test_there_are_twelve_lines_of_tests_for_ten_of_code(project, lines, failed, name):
    write(project / "tests" / "unit" / "test_lines.py", "\nline" * lines)
    write(project / "tests" / "unit" / "rows.json", "line\n" * 500)

    outcome = devchecks.check_tests(project)

    assert (outcome.failed, outcome.name) == (failed, name)
    assert outcome.output.startswith(f"{lines} lines of tests, 10 of code")


def test_blank_lines_are_no_tests(project):
    write(project / "tests" / "test_lines.py", "line\n" * 11 + " \n\n\t\n" * 50)

    assert devchecks.check_tests(project).failed is True


def test_every_package_of_ours_is_typed_and_measured():
    ours = {
        path.parent.name
        for path in devchecks.ROOT.glob("*/apps.py")
        if not path.parent.name.startswith(".")
    }

    assert set(devchecks.SOURCES) == ours
