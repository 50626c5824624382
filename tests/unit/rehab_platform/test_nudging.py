"""Nudges of a web process: made by a thread, many as one, and again after the broker was away."""

from __future__ import annotations

import threading

import pytest
from kombu.exceptions import OperationalError

from rehab_platform import nudging, tasks
from rehab_platform.nudging import Nudging

SOON = 5


class Broker:
    """Counts nudges; while `let` is not set it answers nobody."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.let.set()
        self.entered = threading.Event()
        self.nudged = threading.Semaphore(0)
        self.threads: set[str] = set()
        self.is_away = False

    def nudge(self) -> None:
        self.threads.add(threading.current_thread().name)
        self.entered.set()
        self.let.wait(SOON)
        self.nudged.release()
        if self.is_away:
            raise OperationalError


@pytest.fixture
def broker(monkeypatch) -> Broker:
    made = Broker()
    monkeypatch.setattr(tasks, "nudge", made.nudge)
    return made


def test_a_nudge_is_made_by_another_thread(broker):
    Nudging().ask()

    assert broker.nudged.acquire(timeout=SOON)
    assert broker.threads == {"nudging"}


def test_while_the_broker_hangs_nobody_waits_and_many_are_one(broker):
    broker.let.clear()
    asking = Nudging()
    asking.ask()
    assert broker.entered.wait(SOON)
    for _number in range(20):
        asking.ask()

    broker.let.set()
    assert broker.nudged.acquire(timeout=SOON)
    assert broker.nudged.acquire(timeout=SOON)
    assert not broker.nudged.acquire(timeout=0.1)


def test_after_the_broker_was_away_it_is_asked_again(broker, caplog):
    asking = Nudging()
    broker.is_away = True
    asking.ask()
    assert broker.nudged.acquire(timeout=SOON)
    broker.is_away = False
    asking.ask()

    assert broker.nudged.acquire(timeout=SOON)
    assert [record.message for record in caplog.records] == ["the broker is away"]


def test_a_process_that_was_forked_has_a_thread_of_its_own(broker, monkeypatch):
    asking = Nudging()
    asking.ask()
    assert broker.nudged.acquire(timeout=SOON)
    first = asking._thread
    monkeypatch.setattr("rehab_platform.nudging.os.getpid", lambda: -1)
    asking.ask()

    assert asking._thread is not first


def test_the_outbox_of_a_web_process_asks_so(broker):
    nudging.nudge()

    assert broker.nudged.acquire(timeout=SOON)
