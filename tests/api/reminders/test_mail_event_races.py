"""What a mail's provider tells while others hold the rows that it is about."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from core.tenancy import clinic_context
from reminders.actions.deliver import deliver
from reminders.channels.port import Note, Outcome, Result
from reminders.models import Contact, Delivery, Receipt
from tests.api.patients.stored import events
from tests.api.reminders.test_mail_events import AT, NOW, POSTMARK, listen, sent, stored, tell
from tests.factories import people, prescribed, reminders
from tests.factories.people import World

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = {"state": "waiting", "attempts": 0, "settled_at": None}


@pytest.fixture
def world(settings: Any, stop_clock: Callable[[str], None]) -> World:
    stop_clock(NOW)
    listen(settings, "postmark")
    made = people.world()
    prescribed.line(made.ana)
    reminders.preferences(made.ana, "09:59", channels=["email", "sms"])
    return made


def told(token: str, address: str, *, lock_timeout: str = "20s") -> int:
    """Tell of a bounce over a connection of its own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [lock_timeout])
    try:
        return tell(POSTMARK.bounce(token, address))
    finally:
        connection.close()


def is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        [[is_waiting]] = cursor.fetchall()
    return bool(is_waiting)


class BouncingAtOnce:
    """A provider that takes a mail and calls back before the chunk that it is of is settled."""

    def __init__(self, pool: ThreadPoolExecutor, token: str) -> None:
        self.pool, self.token = pool, token
        self.answer: Future[int] | None = None

    def send(self, _note: Note, contacts: Sequence[Contact]) -> Outcome:
        answer = self.answer = self.pool.submit(told, self.token, contacts[0].address)
        until = time.monotonic() + 10
        while not (answer.done() or is_somebody_waiting()) and time.monotonic() < until:
            time.sleep(0.01)
        return Outcome(result=Result.TAKEN)

    def close(self) -> None:
        """Nothing is open."""


def test_what_bounces_while_its_chunk_is_being_sent_is_carried_by_the_next_channel(
    world: World,
) -> None:
    _contact, first, token = sent(world, **WAITING)
    with ThreadPoolExecutor(1) as pool:
        port = BouncingAtOnce(pool, token)

        assert deliver(
            now=AT, open_port=lambda _channel: port, is_stopped=lambda: port.answer is not None
        ) == 1  # fmt: skip
        assert port.answer is not None
        assert port.answer.result(timeout=30) == 200

    [[contact], _preferences, [row, instead]] = stored(world)
    assert (contact["disabled_because"], contact["disabled_at"]) == ("bounced", AT)
    assert (row["id"], row["state"], row["last_error"]) == (first.pk, "failed", "bounced")
    assert row["settled_at"] - AT < dt.timedelta(minutes=1)
    assert (instead["channel"], instead["state"], instead["instead_of"]) == (
        "sms", "waiting", first.pk,
    )  # fmt: skip
    assert not Receipt.objects.filter(pk=first.pk).exists()


def test_a_provider_is_asked_to_tell_again_where_the_chunk_takes_longer(world: World) -> None:
    contact, first, token = sent(world, **WAITING)
    before = stored(world)
    with ThreadPoolExecutor(1) as pool, clinic_context(world.clinic.pk):
        Delivery.objects.select_for_update().get(pk=first.pk)
        answer = pool.submit(told, token, contact.address, lock_timeout="100ms")

        assert answer.result(timeout=30) == 503
    assert stored(world) == before
    assert events(world, "contact_bounced") == []
    assert told(token, contact.address) == 200
    assert stored(world)[0][0]["disabled_because"] == "bounced"


def test_it_waits_for_no_planner_who_has_planned_something_of_the_patient(world: World) -> None:
    """Until it commits, a planner's new row holds on to the key of the patient's."""
    contact, _first, token = sent(world)
    with ThreadPoolExecutor(1) as pool, clinic_context(world.clinic.pk):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT FROM patients_patient WHERE id = %s FOR KEY SHARE", [world.ana.pk]
            )
        answer = pool.submit(told, token, contact.address, lock_timeout="1s")

        assert answer.result(timeout=30) == 200
    assert [one["state"] for one in stored(world)[2]] == ["failed", "waiting"]
