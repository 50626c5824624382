from __future__ import annotations

import datetime as dt

import pytest

from core.jobs import recorded_run
from core.models import JobRun

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
SOON = dt.timedelta(seconds=5)

pytestmark = pytest.mark.django_db


def test_a_job_that_runs_is_seen_to_run():
    with recorded_run("tidy", now=NOW):
        run = JobRun.objects.get(name="tidy")

        assert (run.last_outcome, run.last_started_at, run.last_finished_at) == (
            "running", NOW, None,
        )  # fmt: skip


def test_a_job_that_is_done_says_when():
    with recorded_run("tidy", now=NOW):
        pass

    run = JobRun.objects.get(name="tidy")
    assert run.last_outcome == "done"
    assert NOW <= run.last_finished_at < NOW + SOON


def test_a_job_that_fails_raises_and_is_recorded():
    with pytest.raises(ZeroDivisionError), recorded_run("tidy", now=NOW):
        raise ZeroDivisionError

    run = JobRun.objects.get(name="tidy")
    assert run.last_outcome == "failed"
    assert NOW <= run.last_finished_at < NOW + SOON


def test_the_last_run_is_kept_alone_and_each_job_has_its_own():
    for name, at in [("tidy", NOW), ("deliver", NOW), ("tidy", NOW + SOON)]:
        with recorded_run(name, now=at):
            pass

    assert list(JobRun.objects.order_by("name").values_list("name", "last_started_at")) == [
        ("deliver", NOW),
        ("tidy", NOW + SOON),
    ]


def test_a_second_run_shows_when_the_first_ended_while_it_runs():
    with recorded_run("tidy", now=NOW):
        pass
    ended = JobRun.objects.get(name="tidy").last_finished_at

    with recorded_run("tidy", now=NOW + SOON):
        run = JobRun.objects.get(name="tidy")

    assert (run.last_outcome, run.last_finished_at) == ("running", ended)
