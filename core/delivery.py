"""
Sending what the outbox holds: claim one row, send, settle, each message in its own transaction.

The row stays locked while it is sent, so a worker that dies lets go of it: nothing is lost, and at
most the one mail that was just sent goes out again, under the same Message-ID.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction

from core.jobs import recorded_run
from core.mail import (
    UNDELIVERED,
    Mail,
    OtherWay,
    Unwanted,
    describe,
    is_about_this_mail,
    is_final,
    post,
)
from core.models import Message
from core.tenancy import clinic_context, set_clinic

JOB = "deliver"
BACK_OFF = (dt.timedelta(minutes=1), dt.timedelta(minutes=5), dt.timedelta(minutes=25))
# Well within the time that a task may take: the rest waits for the next run.
LONGEST_RUN_SECONDS = 45.0

# Makes the mail of a message, in its clinic's context, or says why it is no longer wanted. Few
# things go another way, such as a code to a phone's number.
Writer = Callable[[Message, dt.datetime], Mail | OtherWay | Unwanted]
Writers = Mapping[str, Writer]


@dataclass(kw_only=True)
class _Run:
    """One run over one connection. `stopped`: the mail server cannot be reached."""

    writers: Writers
    server: BaseEmailBackend
    stopped: bool = False


def deliver(*, writers: Writers, now: dt.datetime, longest_seconds: float | None = None) -> int:
    """
    Send what is due, and return how many messages were looked at.

    A message that could not be sent is tried again after 1, 5 and 25 minutes, then `failed`. While
    the server cannot be reached, a run tries one message and leaves the others untried.
    """
    began = time.monotonic()
    longest = LONGEST_RUN_SECONDS if longest_seconds is None else longest_seconds
    looked_at = 0
    run = _Run(writers=writers, server=get_connection())
    with recorded_run(JOB, now=now):
        try:
            while not run.stopped and (took := time.monotonic() - began) < longest:
                if not _deliver_one(run, now=now + dt.timedelta(seconds=took)):
                    break
                looked_at += 1
        finally:
            run.server.close()
    return looked_at


def is_message_due(*, now: dt.datetime) -> bool:
    """Say whether any clinic has a message to send that no other worker has in hand."""
    with transaction.atomic():
        is_due = claim(now=now) is not None
        if is_due:
            set_clinic(None)
    return is_due


def claim(*, now: dt.datetime) -> Message | None:
    """
    Lock the message that is due longest, passing over those that another worker has.

    The transaction then sees the rows of the message's clinic, or of none.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT claim_message(%s)", [now])
        row = cursor.fetchone()
    return Message.objects.get(pk=row[0]) if row and row[0] else None


def _deliver_one(run: _Run, *, now: dt.datetime) -> bool:
    """Send or put off one message; False where nothing is due."""
    message = None
    done = False
    try:
        with transaction.atomic():
            message = claim(now=now)
            if message is not None:
                _send(message, run, now=now)
            set_clinic(None)
        done = True
    finally:
        if message is not None and not done:
            # A fault of ours is raised; the message waits its turn, lest it hold up all others.
            with clinic_context(message.clinic_id):
                _put_off(message, "fault", now=now)
    return message is not None


def _send(message: Message, run: _Run, *, now: dt.datetime) -> None:
    try:
        with transaction.atomic():
            mail = run.writers[message.kind](message, now)
            if isinstance(mail, Mail):
                run.server.open()
                post(mail, message_id=message.pk, connection=run.server)
            elif isinstance(mail, OtherWay):
                mail.send()
    except UNDELIVERED as error:
        run.server.close()
        run.stopped = not is_about_this_mail(error)
        _put_off(message, describe(error), now=now, for_good=is_final(error))
    else:
        if isinstance(mail, Unwanted):
            state, why = Message.State.DROPPED, mail.reason[:80]
            _store(message, state, attempts=message.attempts, now=now, error=why)
        else:
            _store(message, Message.State.SENT, attempts=message.attempts + 1, now=now)


def _put_off(message: Message, error: str, *, now: dt.datetime, for_good: bool = False) -> None:
    """Try again later; after the last time, or where it is no use, give up."""
    if for_good or message.attempts >= len(BACK_OFF):
        state = Message.State.FAILED
    else:
        state = Message.State.WAITING
        message.next_at = now + BACK_OFF[message.attempts]
    _store(message, state, attempts=message.attempts + 1, now=now, error=error)


def _store(
    message: Message, state: Message.State, *, attempts: int, now: dt.datetime, error: str = ""
) -> None:
    Message.objects.filter(pk=message.pk).update(
        state=state,
        attempts=attempts,
        next_at=message.next_at,
        settled_at=None if state == Message.State.WAITING else now,
        last_error=error,
    )
