"""Which message is next, and what becomes of it whatever the mail server answers."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from core import outbox
from core.delivery import BACK_OFF, claim, deliver
from core.models import Message
from core.tenancy import clinic_context, current_clinic, set_clinic
from rehab_platform.mails import WRITERS
from tests.factories import people
from tests.mail_server import mail_server

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
MINUTE = dt.timedelta(minutes=1)


def claimed(*, now: dt.datetime = NOW) -> str | None:
    """Claim as a worker does, and put back what was claimed; return its key."""
    with transaction.atomic():
        message = claim(now=now)
        transaction.set_rollback(True)
    return message.key if message else None


@pytest.fixture
def rui(db: None):
    return people.therapist(people.clinic())


def leave(rui, key: str, **fields: object) -> Message:
    return people.message(rui.clinic, rui.user, key=key, **fields)


@pytest.mark.parametrize(
    ("due_in", "found"), [(-SECOND, "alert"), (0 * SECOND, "alert"), (SECOND, None)]
)
def test_a_message_is_claimed_from_when_it_is_due(rui, due_in, found):
    leave(rui, "alert", due_at=NOW + due_in)

    assert claimed() == found


def test_the_one_that_is_due_longest_comes_first_whatever_was_left_first(rui):
    for key, ago in [("second", 2), ("first", 3), ("third", 1)]:
        leave(rui, key, due_at=NOW - ago * MINUTE)

    assert claimed() == "first"
    with clinic_context(rui.clinic_id):
        Message.objects.filter(key="first").update(state="sent", settled_at=NOW)
    assert claimed() == "second"


def test_of_those_due_at_once_the_one_left_first_comes_first(rui):
    for key in ("one", "two", "three"):
        leave(rui, key, due_at=NOW)

    assert claimed() == "one"


@pytest.mark.parametrize("state", ["sent", "failed", "dropped"])
def test_what_is_settled_is_never_claimed_again(rui, state):
    leave(rui, "alert")
    with clinic_context(rui.clinic_id):
        Message.objects.update(state=state, settled_at=NOW)

    assert claimed(now=NOW + dt.timedelta(days=365)) is None


def test_one_that_was_put_off_gives_way_to_those_that_were_not(rui):
    leave(rui, "put off", due_at=NOW - MINUTE)
    leave(rui, "fresh", due_at=NOW)
    with clinic_context(rui.clinic_id):
        Message.objects.filter(key="put off").update(next_at=NOW + MINUTE, attempts=1)

    assert claimed() == "fresh"


def test_a_claim_sees_one_clinic_and_notes_when(rui):
    far = people.therapist(people.clinic("Fjord Clinic", "Europe/Oslo", "NO"), "Ingrid Holm")
    people.message(far.clinic, far.user, due_at=NOW - MINUTE)
    leave(rui, "alert", due_at=NOW)

    with transaction.atomic():
        message = claim(now=NOW)
        assert message is not None
        assert (message.clinic_id, message.claimed_at) == (far.clinic_id, NOW)
        assert current_clinic() == far.clinic_id
        assert Message.objects.count() == 1
        set_clinic(None)


def test_a_claim_of_no_clinic_s_message_sees_no_clinic_s_rows(rui):
    people.message(None, rui.user, kind="password_changed", due_at=NOW - MINUTE)
    leave(rui, "alert", due_at=NOW)

    with transaction.atomic():
        message = claim(now=NOW)
        assert message is not None
        assert (message.clinic_id, current_clinic()) == (None, None)
        assert list(Message.objects.values_list("kind", flat=True)) == ["password_changed"]


# Answers of the server, one for each try, and what becomes of the message.
LATER, NEVER, TAKEN = "451 later", "550 no", "250 OK"
STORIES = [
    ([TAKEN], "sent", 1),
    ([LATER, TAKEN], "sent", 2),
    ([LATER, LATER, TAKEN], "sent", 3),
    ([LATER, LATER, LATER, TAKEN], "sent", 4),
    ([LATER, LATER, LATER, LATER], "failed", 4),
    ([NEVER], "failed", 1),
    ([LATER, NEVER], "failed", 2),
    ([LATER, LATER, LATER, NEVER], "failed", 4),
]


@pytest.mark.parametrize(("answers", "state", "attempts"), STORIES)
def test_what_becomes_of_a_message(rui, answers, state, attempts):
    message = leave(rui, "alert", due_at=NOW)
    moment = NOW
    with mail_server() as server:
        for number, answer in enumerate(answers):
            server.answers[rui.user.email] = answer
            assert deliver(writers=WRITERS, now=moment) == 1
            if number < len(BACK_OFF):
                moment += BACK_OFF[number] + 5 * SECOND
        assert deliver(writers=WRITERS, now=moment + dt.timedelta(days=1)) == 0

    with clinic_context(rui.clinic_id):
        message.refresh_from_db()
    assert (message.state, message.attempts) == (state, attempts)
    assert len(server.mails) == (1 if state == "sent" else 0)
    assert (message.last_error == "") is (state == "sent")


@pytest.mark.django_db(transaction=True)
def test_one_key_that_is_left_eight_times_at_once_is_one_message():
    rui = people.therapist(people.clinic())
    barrier = threading.Barrier(8)

    def leave_it(_number: int) -> None:
        barrier.wait(timeout=30)
        try:
            with clinic_context(rui.clinic_id):
                outbox.leave(
                    kind=Message.Kind.ALERT, clinic_id=rui.clinic_id, key="alert:7:raised",
                    recipient_id=rui.user_id, due_at=NOW,
                )  # fmt: skip
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(leave_it, range(8)))

    with clinic_context(rui.clinic_id):
        assert Message.objects.count() == 1
