"""
Looking for what is due without being asked: the clock of a process that needs no broker.

Beat and a worker do the same by messages. Where those do not run, or the broker is away, this one
goes on: the rows are the queue, and whoever claims one first sends it. Its turns (`reminders.turns`) do
so for mails and alerts.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import InterfaceError, OperationalError, connection

from reminders.actions.deliver import DeliveriesFaulty, deliver
from reminders.actions.plan import plan
from reminders.actions.weeks import make_weeks
from reminders.faults import ClinicsFaulty
from reminders.queue import is_something_due
from reminders.turns import Turn

LOOK_EVERY: Final = dt.timedelta(seconds=2)
PLAN_EVERY: Final = dt.timedelta(seconds=60)
# A look that finds nothing is kept as a run no more often, and well before readiness calls it late.
KEEP_IDLE_EVERY: Final = dt.timedelta(seconds=60)
# However much there is to plan, what is due does not wait for longer.
PLAN_FOR_SECONDS: Final = 2.0

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Looking:
    """`clock` gives the time, `is_stopped` ends it after the delivery in hand, `wait` waits."""

    clock: Callable[[], dt.datetime]
    is_stopped: Callable[[], bool]
    wait: Callable[[float], object]
    turns: Sequence[Turn] = ()
    kept_at: dt.datetime | None = field(default=None, init=False)
    rests_until: dt.datetime | None = field(default=None, init=False)

    def run(self) -> int:
        """Look until it is told to stop; return how many deliveries were looked at."""
        looked_at = 0
        while not self.is_stopped():
            looked_at += self._look()
            if not self.is_stopped():
                self.wait(LOOK_EVERY.total_seconds())
        return looked_at

    def _look(self) -> int:
        """Take the turns, send what is due, then plan for a moment. Without the database: next time."""
        try:
            self._take_turns()
            looked_at = self._send()
        except DeliveriesFaulty:
            looked_at = 0  # told when it happened; what is faulty waits its turn
        except (OperationalError, InterfaceError) as error:
            return self._without_database(error)
        try:
            self._work_ahead()
        except (OperationalError, InterfaceError) as error:
            self._without_database(error)
        return looked_at

    def _take_turns(self) -> None:
        for turn in self.turns:
            turn.take(now=self.clock())

    def _send(self) -> int:
        """Send what is due. Where nothing is, one statement: a run is kept at the first look of a minute."""
        now = self.clock()
        is_kept = self.kept_at is not None and now < self.kept_at + KEEP_IDLE_EVERY
        if is_kept and not is_something_due(now=now):
            return 0
        self.kept_at = now
        return deliver(now=now, is_stopped=self.is_stopped)

    def _work_ahead(self) -> None:
        """Go on with plans and weeks until nothing is left of them, then rest for a minute."""
        now = self.clock()
        if self.rests_until is not None and now < self.rests_until:
            return
        done = 0
        for work in (plan, make_weeks):
            try:
                done += work(now=now, longest_seconds=PLAN_FOR_SECONDS)
            except ClinicsFaulty:
                continue  # told when it happened; the other goes on, and this one in a minute
        self.rests_until = None if done else now + PLAN_EVERY

    def _without_database(self, error: Exception) -> int:
        log.warning("the database is away", exc_info=error)
        connection.close()
        self.rests_until = self.kept_at = None
        for turn in self.turns:
            turn.done_at = None
        return 0
