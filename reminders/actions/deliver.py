"""
Sending what is due: claim a chunk of one clinic, look once more what is wanted, send, settle.

The rows of a chunk are locked by its transaction until it is settled: a worker that dies lets go of
them at once, so that nothing is lost or stuck. What a provider has taken is kept as a receipt right
after, by a connection of its own, so that at most the one delivery that was just being sent goes
out again, under the same key.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils import translation

from core.jobs import recorded_run
from core.tenancy import clinic_context, set_clinic
from reminders.actions.settle import Settling
from reminders.channels import open_port
from reminders.channels.port import Port, Result
from reminders.claimed import Claimed, claim
from reminders.faults import FAULTS
from reminders.receipts import Receipts
from reminders.rechecks import REMINDER, Stop, stop_of
from reminders.still_due import nothing_left
from reminders.writers import WRITERS, Writer

JOB = "remind"
# Well within the time that a task may take: the rest waits for the next run.
LONGEST_RUN_SECONDS = 45.0
AT_ONCE = 200
# A provider that is slow keeps no more than this locked from other workers.
LONGEST_CHUNK_SECONDS = 5.0

log = logging.getLogger(__name__)


class DeliveriesFaulty(RuntimeError):
    """Some deliveries met a fault of ours; they were put off, and all others were looked at."""


@dataclass(kw_only=True)
class _Run:
    """
    One run, over one connection for each channel.

    `down`: channels whose provider is away. `began_at`: the clock at the monotonic time `began`.
    """

    writers: Mapping[str, Writer]
    open_port: Callable[[str], Port]
    is_stopped: Callable[[], bool]
    began_at: dt.datetime
    began: float = field(default_factory=time.monotonic)
    receipts: Receipts = field(default_factory=Receipts)
    ports: dict[str, Port] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    at_once: int = AT_ONCE
    faults: int = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def now(self) -> dt.datetime:
        return self.began_at + dt.timedelta(seconds=self.seconds)

    def port(self, channel: str) -> Port:
        if channel not in self.ports:
            self.ports[channel] = self.open_port(channel)
        return self.ports[channel]

    def close(self) -> None:
        self.receipts.close()
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
    Send what is due, of all clinics; return how many deliveries were dealt with.

    While a channel's provider is away, a run tries one delivery of it and leaves the others untried;
    other channels go on. `is_stopped` is asked before each.

    :raises DeliveriesFaulty: at the end, where our own code failed on some
    """
    dealt_with = 0
    run = _Run(writers=writers, open_port=open_port, is_stopped=is_stopped, began_at=now)
    with recorded_run(JOB, now=now):
        try:
            while not is_stopped() and run.seconds < longest_seconds:
                number = _deliver_chunk(run)
                if not number:
                    break
                dealt_with += number
        finally:
            run.close()
        set_clinic(None)  # a transaction around this one must not inherit its clinic
        if run.faults:
            raise DeliveriesFaulty(f"{run.faults} of {dealt_with} deliveries")
    return dealt_with


def _deliver_chunk(run: _Run) -> int:
    """Deal with what is due longest of one clinic; return with how many, 0 where nothing is due."""
    chunk: list[Claimed] = []
    try:
        with transaction.atomic():
            chunk = claim(now=run.now(), most=run.at_once, without=run.down)
            settling = Settling()
            dealt_with = _deal_with_all(chunk, run, settling)
            settling.write()
    except FAULTS as error:
        if not chunk:
            raise
        return _after_fault(chunk, error, run)
    return dealt_with


def _after_fault(chunk: Sequence[Claimed], error: BaseException, run: _Run) -> int:
    """
    Go on one by one, where a chunk met a fault that is not of one delivery's sending.

    The one that meets it again is put off. What was sent meanwhile has its receipt.
    """
    log.error("a chunk met a fault", exc_info=error)
    if len(chunk) == 1:
        run.faults += 1
        settling = Settling()
        with clinic_context(chunk[0].clinic_id):
            settling.put_off(chunk[0], f"fault {type(error).__name__}", now=run.now())
            settling.write()
    run.at_once = 1
    return 1


def _deal_with_all(chunk: Sequence[Claimed], run: _Run, settling: Settling) -> int:
    """
    Deal with one after the other, for so long. The rest is let go of, as it was.

    What an earlier worker sent and could not settle is settled as sent.
    """
    dealt_with, until = 0, run.seconds + LONGEST_CHUNK_SECONDS
    stops = _stops(chunk, now=run.now())
    for it in chunk:
        if dealt_with and (run.is_stopped() or run.seconds > until):
            break
        if it.received_at is not None:
            settling.sent(it, now=it.received_at)
        elif it.id in stops:
            settling.stop(it, stops[it.id], now=run.now())
        elif it.channel in run.down:
            continue
        else:
            _send(it, run, settling)
        dealt_with += 1
    return dealt_with


def _stops(chunk: Sequence[Claimed], *, now: dt.datetime) -> dict[UUID, Stop]:
    """Return why some do not go out now: by what is known of them, then by what is left to do."""
    stops = {it.id: stop for it in chunk if (stop := stop_of(it, now=now))}
    return stops | nothing_left(it for it in chunk if it.id not in stops)


def _send(it: Claimed, run: _Run, settling: Settling) -> None:
    """Send one. One that meets a fault of ours is put off, so that it holds up no other."""
    contacts = it.contacts()
    if not contacts:
        settling.without_contact(it, now=run.now())
        return
    try:
        # What a writer reads may fail: the transaction that holds the chunk goes on.
        with translation.override(it.language), _guarded(it):
            note = run.writers[it.kind](it, run.now())
            outcome = run.port(it.channel).send(note, contacts)
    except FAULTS as error:
        run.faults += 1
        log.error("a delivery met a fault", exc_info=error)
        settling.put_off(it, f"fault {type(error).__name__}", now=run.now())
        return
    if outcome.is_provider_down:
        run.down.add(it.channel)
    settling.dead(outcome, now=run.now())
    if outcome.result is Result.TAKEN:
        run.receipts.keep(it.id, now=run.now())
        settling.sent(it, now=run.now())
    else:
        settling.not_sent(it, outcome, now=run.now())


def _guarded(it: Claimed) -> AbstractContextManager[None]:
    """A savepoint for what reads rows to be written; a reminder reads none."""
    return nullcontext() if it.kind == REMINDER else transaction.atomic()
