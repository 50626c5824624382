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
    return devchecks.run_checks(said.append)


def test_all_checks_run_even_when_the_first_fails(monkeypatch, said):
    assert run(monkeypatch, said, BAD, GOOD) == 1

    lines = [line.split()[:2] for line in said]
    assert lines[0] == ["FAILED", "bad"]
    assert said[1] == "       why"
    assert lines[2] == ["ok", "good"]
    assert said[-1] == "2 of 3 checks passed."


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


def test_every_package_of_ours_is_typed_and_measured():
    ours = {
        path.parent.name
        for path in devchecks.ROOT.glob("*/apps.py")
        if not path.parent.name.startswith(".")
    }

    assert set(devchecks.SOURCES) == ours
