"""
Reminders through what kills processes and servers: nothing lost, at most one twice for each kill.

Small here; `python3 dev.py drill` runs it in full: 10,000 deliveries, 100 kills.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
import redis

from tests.architecture.project import ROOT
from tests.resilience.reminder_drill import Drill, drill, kill

IS_FULL = "REHAB_DRILL" in os.environ
PATIENTS, KILLS, RESTARTS = (10_000, 100, 5) if IS_FULL else (500, 5, 2)
# A provider's own time for a mail, so that there is something to kill for so long.
MAIL_TAKES_SECONDS = 0.012 if IS_FULL else 0.02
SECONDS = 600 if IS_FULL else 90
# Kills are spread at random; the seed is printed with a failure.
SEED = random.randrange(1_000_000)


@pytest.fixture(scope="module")
def platform(tmp_path_factory) -> Iterator[Drill]:
    with drill(tmp_path_factory.mktemp("drill"), patients=PATIENTS) as made:
        yield made


def told(platform: Drill, what: str, **figures: object) -> None:
    """Say what was measured; seen with `dev.py drill`."""
    said = ", ".join(f"{name} {figure}" for name, figure in figures.items())
    sys.stderr.write(f"\n{what}: {said} (seed {SEED})\n")


def lost_and_doubled(platform: Drill) -> tuple[int, int]:
    """Compare what the rows say with what came by mail."""
    sent = {
        str(key)
        for (key,) in platform.sql("SELECT id FROM reminders_delivery WHERE state = 'sent'")
    }
    came = platform.mailbox.times()
    lost = len(sent - came.keys()) + platform.patients - len(sent)
    return lost, sum(times - 1 for times in came.values())


def test_workers_are_killed(platform):
    chance = random.Random(SEED)
    platform.make_due()
    platform.mailbox.takes = MAIL_TAKES_SECONDS
    with platform.nursery() as make:
        workers = [make(), make()]
        killed = 0
        time.sleep(1)
        while killed < KILLS:
            time.sleep(chance.uniform(0.2, 0.8))
            kill(workers.pop(0))
            workers.append(make())
            killed += 1
            if not platform.states()["waiting"]:
                break
        platform.mailbox.takes = 0.0
        platform.wait_until_done(seconds=SECONDS)

    lost, doubled = lost_and_doubled(platform)
    gaps = [after - before for (before, _), (after, _) in pairwise(platform.mailbox.came)]
    told(
        platform, "workers killed", kills=killed, deliveries=PATIENTS, lost=lost, doubled=doubled,
        longest_silence=f"{max(gaps):.2f} s",
    )  # fmt: skip
    assert lost == 0
    assert doubled <= killed
    assert killed == KILLS
    assert platform.states() == {"sent": PATIENTS}
    assert max(gaps) <= 5


def test_what_a_killed_worker_held_is_taken_over_at_once(platform):
    """The mail server holds the first mail; its worker is killed while it waits."""
    platform.make_due()
    platform.sql(
        "DELETE FROM reminders_delivery WHERE id NOT IN (SELECT id FROM reminders_delivery LIMIT 1)"
    )
    platform.mailbox.hang_once = 1.0
    with platform.nursery() as make:
        holder = make()
        deadline = time.monotonic() + 20
        while not platform.mailbox.came:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        make()
        killed_at = time.monotonic()
        kill(holder)
        platform.wait_until_done(seconds=20)

    took = platform.mailbox.came[-1][0] - killed_at
    told(platform, "taken over", after=f"{took:.2f} s")
    assert list(platform.mailbox.times().values()) == [2]  # the same mail, same key
    assert took <= 5


def test_the_database_is_restarted(platform):
    platform.make_due()
    with platform.nursery() as make:
        make()
        make()
        crashed = 0
        while crashed < RESTARTS and platform.states()["waiting"]:
            time.sleep(0.7)
            process = platform.postgres.process
            assert process is not None
            process.send_signal(signal.SIGQUIT)
            process.wait(20)
            platform.postgres.start()
            crashed += 1
        platform.wait_until_done(seconds=SECONDS)

    lost, doubled = lost_and_doubled(platform)
    told(platform, "database restarted", times=crashed, lost=lost, doubled=doubled)
    assert (lost, crashed) == (0, RESTARTS)
    assert doubled <= 2 * RESTARTS
    assert platform.states() == {"sent": PATIENTS}


def test_the_broker_is_away_the_whole_time(platform):
    platform.valkey.stop()
    try:
        began = platform.make_due()
        with platform.nursery() as make:
            make()
            make()
            platform.wait_until_done(seconds=SECONDS)
    finally:
        platform.valkey.start()

    lost, doubled = lost_and_doubled(platform)
    late = platform.worst_lateness(began)
    told(platform, "no broker", lost=lost, doubled=doubled, worst_lateness=late)
    assert (lost, doubled) == (0, 0)
    assert late <= dt.timedelta(seconds=60)


def test_the_broker_is_flushed_the_whole_time_under_two_beats(platform):
    """Two beats and a worker alone: whatever message is lost or doubled, the next turn looks."""
    began = platform.make_due()
    celery = ("-m", "celery", "--app", "rehab_platform.celery", "--quiet")
    around = {
        "DELIVER_EVERY_SECONDS": "1",
        "REHAB_PROCESS": "worker",
        "REDIS_URL": platform.valkey.url,
    }
    platform.start(
        *celery, "worker", "--concurrency=1", "--without-mingle", "--without-gossip", **around
    )
    for number in (1, 2):
        schedule = str(platform.postgres.data.parent / f"beat-{number}")
        platform.start(*celery, "beat", "--pidfile=", "-s", schedule, **around)
    broker = redis.Redis.from_url(platform.valkey.url)
    try:
        deadline = time.monotonic() + SECONDS
        while platform.states()["waiting"]:
            assert time.monotonic() < deadline, platform.states()
            broker.flushall()
            time.sleep(0.3)
    finally:
        broker.close()
        platform.stop_all()

    lost, doubled = lost_and_doubled(platform)
    late = platform.worst_lateness(began)
    told(platform, "broker flushed", lost=lost, doubled=doubled, worst_lateness=late)
    assert (lost, doubled) == (0, 0)
    assert late <= dt.timedelta(seconds=60)


def test_four_planners_at_once_plan_once(platform):
    platform.forget()
    platform.sql("UPDATE reminders_remindertime SET at = '23:59'")
    command = [sys.executable, "manage.py", "reminders", "plan"]
    planners = [
        subprocess.Popen(
            command, cwd=ROOT, env=platform.environment, stdout=subprocess.PIPE, text=True
        )
        for _number in range(4)
    ]
    shares = [int(planner.communicate()[0].split()[1]) for planner in planners]

    [(number, keys)] = platform.sql(
        "SELECT count(*), count(DISTINCT (patient_id, local_date, slot)) FROM reminders_delivery"
    )
    told(platform, "four planners", shares=shares, planned=number)
    assert sum(shares) == PATIENTS
    assert number == keys == 3 * PATIENTS
