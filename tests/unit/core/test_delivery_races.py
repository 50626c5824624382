"""Two workers at once, and one that dies: rows are locked, and a lock ends with its holder."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction

from core.delivery import claim, deliver
from core.models import Message
from core.tenancy import clinic_context
from rehab_platform.mails import WRITERS
from tests.factories import people
from tests.mail_server import mail_server

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
MANY = 24


def hold_one_and_die(held: threading.Event, die: threading.Event) -> None:
    """Claim a message, and lose the connection before anything is stored."""
    try:
        with transaction.atomic():
            assert claim(now=NOW) is not None
            held.set()
            die.wait(10)
            connection.close()
    except DatabaseError:
        pass  # its transaction is gone, and with it the lock
    finally:
        connection.close()


def work() -> int:
    try:
        return deliver(writers=WRITERS, now=NOW)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_everything_once_and_a_dead_one_s_claim_dies_with_it():
    clinics = [people.clinic(), people.clinic("Fjord Clinic", "Europe/Oslo", "NO")]
    for number in range(MANY):
        people.message(
            clinics[number % 2], people.user(f"User{number}", f"user{number}@example.org")
        )
    held, die = threading.Event(), threading.Event()

    with mail_server() as server, ThreadPoolExecutor(3) as pool:
        dying = pool.submit(hold_one_and_die, held, die)
        assert held.wait(10)
        shares = [worker.result() for worker in [pool.submit(work), pool.submit(work)]]
        while_held = Counter(server.to())
        die.set()
        dying.result()
        left = deliver(writers=WRITERS, now=NOW)

    assert (sum(shares), left, sum(while_held.values())) == (MANY - 1, 1, MANY - 1)
    assert Counter(server.to()) == {f"user{number}@example.org": 1 for number in range(MANY)}
    for clinic in clinics:
        with clinic_context(clinic.pk):
            assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}
