"""
Sending what is due: claim one delivery, look once more whether it is wanted, send, settle.

Each in a transaction of its own, which holds the row while it is sent: a worker that dies lets go
of it at once, so that nothing is lost, and at most the one that was just sent goes out again, under
the same key.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db import DataError, IntegrityError, ProgrammingError, transaction
from django.template import TemplateSyntaxError
from django.utils import translation

from core.jobs import recorded_run
from core.tenancy import clinic_context, set_clinic
from reminders.actions.settle import (
    put_off,
    settle_sent,
    settle_stopped,
    settle_without_contact,
)
from reminders.channels import open_port
from reminders.channels.port import Outcome, Port
from reminders.claimed import Claimed, claim
from reminders.models import Contact
from reminders.rechecks import stop_of
from reminders.still_due import nothing_left
from reminders.writers import WRITERS, Writer

JOB = "remind"
# Well within the time that a task may take: the rest waits for the next run.
LONGEST_RUN_SECONDS = 45.0
MOST_CONTACTS = 10

# What our own code, or a row that it did not expect, may come to. Where the database itself is away
# the run ends: nothing was sent or written.
FAULTS: Final = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TemplateSyntaxError,
    TypeError, ValueError, DataError, IntegrityError, ProgrammingError,
)  # fmt: skip

log = logging.getLogger(__name__)


class DeliveriesFaulty(RuntimeError):
    """Some deliveries met a fault of ours; they were put off, and all others were looked at."""


@dataclass(kw_only=True)
class _Run:
    """One run, over one connection for each channel. `down`: channels whose provider is away."""

    writers: Mapping[str, Writer]
    open_port: Callable[[str], Port]
    ports: dict[str, Port] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    faults: int = 0

    def port(self, channel: str) -> Port:
        if channel not in self.ports:
            self.ports[channel] = self.open_port(channel)
        return self.ports[channel]

    def close(self) -> None:
        for port in self.ports.values():
            port.close()


def deliver(
    *,
    now: dt.datetime,
    writers: Mapping[str, Writer] = WRITERS,
    open_port: Callable[[str], Port] = open_port,
    longest_seconds: float = LONGEST_RUN_SECONDS,
    is_stopped: Callable[[], bool] = lambda: False,
) -> int:
    """
    Send what is due, of all clinics; return how many deliveries were looked at.

    While a channel's provider is away, a run tries one delivery of it and leaves the others untried;
    other channels go on. `is_stopped` is asked before each.

    :raises DeliveriesFaulty: at the end, where our own code failed on some
    """
    began = time.monotonic()
    looked_at = 0
    run = _Run(writers=writers, open_port=open_port)
    with recorded_run(JOB, now=now):
        try:
            while not is_stopped() and (took := time.monotonic() - began) < longest_seconds:
                if not _deliver_one(run, now=now + dt.timedelta(seconds=took)):
                    break
                looked_at += 1
        finally:
            run.close()
        if run.faults:
            raise DeliveriesFaulty(f"{run.faults} of {looked_at} deliveries")
    return looked_at


def _deliver_one(run: _Run, *, now: dt.datetime) -> bool:
    """
    Deal with one delivery; False where nothing is due.

    One that meets a fault of ours is put off like one that failed, so that it holds up no other.
    """
    it: Claimed | None = None
    try:
        with transaction.atomic():
            it = claim(now=now, without=run.down)
            if it is not None:
                _deal_with(it, run, now=now)
            set_clinic(None)
    except FAULTS as error:
        if it is None:
            raise
        run.faults += 1
        log.error("a delivery met a fault", exc_info=error)
        with clinic_context(it.clinic_id):
            put_off(it, f"fault {type(error).__name__}", now=now)
    return it is not None


def _deal_with(it: Claimed, run: _Run, *, now: dt.datetime) -> None:
    stop = stop_of(it, now=now) or nothing_left(it)
    if stop is not None:
        settle_stopped(it, stop, now=now)
        return
    reached = Contact.objects.filter(
        clinic_id=it.clinic_id, user_id=it.recipient_id, channel=it.channel
    )
    contacts = list(reached.usable().order_by("-confirmed_at", "pk")[:MOST_CONTACTS])
    if not contacts:
        settle_without_contact(it, now=now)
        return
    with translation.override(it.language):
        note = run.writers[it.kind](it, now)
        outcome: Outcome = run.port(it.channel).send(note, contacts)
    if outcome.is_provider_down:
        run.down.add(it.channel)
    settle_sent(it, outcome, now=now)
