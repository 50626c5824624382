"""What is sent and generated is what the page about performance says."""

from __future__ import annotations

import datetime as dt
import json

import msgspec
import pytest

from benchmarks import over_http, summaries, weekly
from benchmarks.__main__ import environment_for, nowhere
from benchmarks.figures import Sample, Side
from benchmarks.floors import FloorSession
from benchmarks.inserts import id_of
from benchmarks.management.commands.benchmark import in_database
from core.bodies import decode
from patients.models import Line
from sessions.bodies import LogSession

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)


def side(name, milliseconds, elapsed=1.0):
    sample = Sample(calls=1, application=milliseconds / 1000, database=0.0, elapsed=elapsed)
    return Side(name=name, samples=(sample,))


def test_a_session_has_six_results_and_eighteen_sets_in_less_than_two_kilobytes():
    body = over_http.session(3, at=NOW, sent_at=NOW)
    sent = decode(json.loads(body), LogSession)

    assert [each.line for each in sent.results] == [id_of(Line, 18 + n) for n in range(6)]
    assert sum(len(each.sets) for each in sent.results) == 18
    assert 1_500 <= len(body) <= 2_000


def test_the_floor_reads_the_same_body():
    body = over_http.session(3, at=NOW, sent_at=NOW)
    sent = msgspec.json.decode(body, type=FloorSession)

    assert len(sent.results) == 6
    assert sent.performed_at == NOW


def test_uploads_lie_in_the_last_four_weeks_at_times_of_their_own():
    uploads = over_http.Uploads(NOW)
    calls = [uploads.to_the_product(1 + n % over_http.PATIENTS) for n in range(300)]
    bodies = [json.loads(call.body) for call in calls]
    times = [dt.datetime.fromisoformat(each["performed_at"]) for each in bodies]

    assert min(times) > NOW - dt.timedelta(days=30)
    assert max(times) < NOW
    assert len({each["id"] for each in bodies}) == 300
    assert len({when.date() for when in times}) >= over_http.DAYS_BACK


@pytest.mark.parametrize("size", [over_http.FULL, over_http.QUICK])
def test_a_long_history_has_the_sets_that_it_says(size):
    fresh, long = over_http.crowds(size, NOW.date())
    a_patient = long.results * over_http.SETS // long.patients

    assert fresh.results == 0
    assert size.sets <= a_patient < size.sets * 1.1
    assert fresh.starts_on < NOW.date() - dt.timedelta(days=30)
    assert {fresh.first, long.first} == {0, fresh.patients}


@pytest.mark.parametrize(
    ("size", "results"),
    [
        (weekly.Size(1_000, 12), 72_000),
        (weekly.Size(10_000, 52), 3_120_000),
        (weekly.Size(100_000, 12), 7_200_000),
    ],
)
def test_a_weekly_crowd_logs_two_lines_three_times_a_week(size, results):
    assert size.crowd.results == results
    assert size.crowd.clinics == 20


def test_the_weekly_findings_compare_with_the_floor_and_with_twelve_weeks():
    groups = (
        (weekly.Size(1_000, 12), weekly.Size(1_000, 52)),
        (weekly.Size(100_000, 12),),
    )
    sides = {
        each.name: each
        for each in (
            side("1,000 patients, 12 weeks", 20),
            side("1,000 patients, 12 weeks, anew", 70),
            side("1,000 patients, 12 weeks: floor", 10),
            side("1,000 patients, 52 weeks", 30),
            side("1,000 patients, 52 weeks, anew", 80),
            side("1,000 patients, 52 weeks: floor", 10),
            side("100,000 patients, 12 weeks", 50, elapsed=9.5),
            side("100,000 patients, 12 weeks, anew", 150, elapsed=12.0),
            side("100,000 patients, 12 weeks: floor", 25),
        )
    }
    found = {
        each.what: (round(each.value, 2), each.holds) for each in weekly.findings(groups, sides)
    }

    assert found == {
        "1,000 patients, 12 weeks ÷ floor": (2.0, True),
        "1,000 patients, 52 weeks ÷ floor": (3.0, True),
        "1,000 patients, 12 weeks, anew ÷ floor": (7.0, None),
        "1,000 patients, 52 weeks, anew ÷ floor": (8.0, None),
        "1,000 patients, 52 weeks ÷ 12 weeks": (1.5, False),
        "1,000 patients, 52 weeks, anew ÷ 12 weeks": (1.14, True),
        "100,000 patients, 12 weeks ÷ floor": (2.0, True),
        "100,000 patients, 12 weeks, anew ÷ floor": (6.0, None),
        "100,000 patients, 12 weeks, elapsed": (9.5, True),
        "100,000 patients, 12 weeks, anew, elapsed": (12.0, False),
    }


def test_the_weeks_told_are_compared_with_two_floors_and_with_twelve_weeks():
    groups = ((weekly.Size(1_000, 12), weekly.Size(1_000, 52)),)
    costs = {
        "12 weeks": 30, "12 weeks: floor": 3, "12 weeks: storing floor": 10,
        "52 weeks": 36, "52 weeks: floor": 3, "52 weeks: storing floor": 10,
    }  # fmt: skip
    name = "weeks told: 1,000 patients,"
    sides = {f"{name} {what}": side(f"{name} {what}", cost) for what, cost in costs.items()}
    found = {
        each.what: (round(each.value, 2), each.holds) for each in summaries.findings(groups, sides)
    }

    assert found == {
        f"{name} 12 weeks ÷ floor": (10.0, False),
        f"{name} 12 weeks ÷ storing floor": (3.0, True),
        f"{name} 52 weeks ÷ floor": (12.0, False),
        f"{name} 52 weeks ÷ storing floor": (3.6, False),
        f"{name} 52 weeks ÷ 12 weeks": (1.2, True),
    }


def test_the_week_that_is_told_is_the_last_one_before_the_crowds_today():
    assert dt.date(2026, 11, 16) == summaries.MONDAY
    assert dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC) == summaries.DUE
    assert weekly.Size(1_000, 12).crowd.logs_on(summaries.MONDAY)


def test_the_findings_over_http_name_every_target():
    costs = {
        "upload: floor": 1.0, "upload: no history": 3.9, "upload: history": 4.2,
        "plan: floor": 4.0, "plan: no history": 6.4, "plan: history": 6.5,
        "plan: 304": 2.0, "plan: 304, history": 2.1,
        "token: nobody asked": 1.0, "token: checked": 1.7,
    }  # fmt: skip
    found = over_http.findings({name: side(name, cost) for name, cost in costs.items()})

    assert {each.what: each.holds for each in found} == {
        "upload ÷ floor": True,
        "upload with history ÷ without": True,
        "plan ÷ floor": False,
        "plan with history ÷ without": True,
        "plan not changed (304) ÷ plan": None,
        "304 with history ÷ without": True,
        "token check": True,
    }


def test_another_database_of_the_same_server():
    url = "postgresql://postgres@/rehab?host=/tmp/rehab-pg-x"

    assert in_database(url, "weekly_1") == "postgresql://postgres@/weekly_1?host=/tmp/rehab-pg-x"


class Server:
    """A server as far as its addresses go."""

    def url(self, role: str) -> str:
        return f"postgresql://{role}@/rehab"


class Cache:
    url = "redis://127.0.0.1:6379/0"


def test_django_and_the_web_servers_find_the_benchmarks_own_servers(tmp_path):
    made = environment_for(Server(), Cache(), log=tmp_path / "web.log")

    assert made["DATABASE_URL"] == "postgresql://rehab_app@/rehab"
    assert made["BENCHMARK_SUPERUSER_URL"] == "postgresql://postgres@/rehab"
    assert made["REDIS_URL"] == Cache.url
    assert made["DJANGO_SETTINGS_MODULE"] == nowhere()["DJANGO_SETTINGS_MODULE"]
