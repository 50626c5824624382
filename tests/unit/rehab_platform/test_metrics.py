"""What a monitor reads, and that nobody else does."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from core.models import JobRun
from tests.factories import people
from tests.factories.reminders import delivery

TOKEN = "quiet-harbour-monitor"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def monitored(db, settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def read(client) -> dict[str, float]:
    answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines}


def test_it_says_how_deliveries_and_jobs_fare(client, monitored, time_machine):
    now = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
    time_machine.move_to(now, tick=False)
    world = people.world()
    delivery(world.ana, now - 3 * MINUTE)
    delivery(
        world.far_patient, now - 9 * MINUTE, state="failed", attempts=4,
        settled_at=now - MINUTE, last_error="SMTPDataError 554",
    )  # fmt: skip
    delivery(world.far_patient, now - 9 * MINUTE, slot=2, state="sent", settled_at=now - MINUTE)
    JobRun.objects.create(name="remind", last_started_at=now, last_outcome="done")

    said = read(client)

    assert said == {
        "rehab_deliveries_lag_seconds": 180.0,
        "rehab_deliveries_worst_lateness_seconds": 480.0,
        'rehab_deliveries{channel="email",error="",kind="reminder",reason="",state="sent"}': 1.0,
        'rehab_deliveries{channel="email",error="",kind="reminder",reason="",state="waiting"}': 1.0,
        'rehab_deliveries{channel="email",error="SMTPDataError 554",kind="reminder",reason="",'
        'state="failed"}': 1.0,
        'rehab_job_last_started_seconds{job="remind",outcome="done"}': now.timestamp(),
    }


def test_where_nothing_waits_nothing_lags(client, monitored):
    assert read(client)["rehab_deliveries_lag_seconds"] == 0


@pytest.mark.parametrize(
    "said",
    ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"bearer {TOKEN}", f"Basic {TOKEN}", "Bearer é"],
)
def test_without_the_token_there_is_no_such_page(client, monitored, said):
    assert client.get("/metrics", headers={"Authorization": said}).status_code == 404


def test_where_none_is_set_no_token_is_right(client, db, settings):
    settings.METRICS_TOKEN = ""

    for said in ("", "Bearer ", "Bearer x"):
        assert client.get("/metrics", headers={"Authorization": said}).status_code == 404


def test_it_is_read_and_never_kept(client, monitored):
    assert client.post("/metrics", headers=BEARER).status_code == 405
    assert client.get("/metrics", headers=BEARER)["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("minutes", "ok"), [(1, True), (3, False)])
def test_deliveries_that_lag_degrade_readiness(client, db, minutes, ok):
    world = people.world()
    delivery(world.ana, timezone.now() - minutes * MINUTE)

    check = client.get("/readyz").json()["checks"]["deliveries"]

    assert check["ok"] is ok
    assert check["detail"].startswith("" if ok else "180 s")
