from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from benchmarks.cpu import cpu_model, family_of, parent_in, seconds_of, spent

BUSY = (
    "import time\nwhile time.process_time() < {seconds}: pass\nprint('done', flush=True)\ninput()"
)


@pytest.fixture
def started():
    """Start a Python that runs a program, and end it afterwards."""
    processes = []

    def start(program: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_another_processs_cpu_is_read_while_it_lives(started):
    process = started(BUSY.format(seconds=0.2))
    process.stdout.readline()

    assert 0.2 <= seconds_of([process.pid])[process.pid] < 1.0


def test_waiting_costs_nothing(started):
    process = started("print('ready', flush=True)\ninput()")
    process.stdout.readline()
    before = seconds_of([process.pid])
    time.sleep(0.1)

    assert spent(before, seconds_of([process.pid])) < 0.02


def test_one_that_has_ended_is_left_out(started):
    process = started("")
    process.communicate()

    assert seconds_of([process.pid]) == {}


def test_what_came_in_between_counts_whole():
    before = {1: 5.0, 2: 1.0}
    after = {1: 6.5, 3: 0.25}

    assert spent(before, after) == pytest.approx(1.75)


def test_nothing_was_spent_by_nobody():
    assert spent({}, {}) == 0


def test_a_family_is_a_process_and_all_it_started(started):
    starts_another = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\ninput()\nchild.kill()"
    )
    parent = started(starts_another)
    child = int(parent.stdout.readline())

    assert family_of(parent.pid) == {parent.pid, child}
    assert {parent.pid, child} <= family_of(os.getpid())
    parent.communicate(b"\n")


@pytest.mark.parametrize(
    "stat",
    [
        "17 (postgres) S 5 17 17 0 -1",
        "17 (a ) name) R 5 17 17 0 -1",
        "17 ((sd-pam)) S 5 17 17 0 -1",
        "17 () Z 5 17 17 0 -1",
    ],
)
def test_a_parent_is_found_behind_any_name(stat):
    assert parent_in(stat) == 5


def test_the_processor_is_named_once():
    text = "model name\t: AMD EPYC\nflags : x\nprocessor : 1\nmodel name\t: AMD EPYC\n"

    assert cpu_model(text, 2) == "2 × AMD EPYC"
    assert cpu_model("", 4) == "4 × unknown processor"
