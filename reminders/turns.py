"""
What a process without a broker does beside reminders: mails, alerts that nobody answered, the night.

Celery's clock has the same done. Both may at once: a message is claimed by one, an alert's opening and a
clinic's slice of patients are locked by one, and what was told is told to nobody else.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from core.delivery import Writers, deliver, is_message_due
from reminders.faults import FAULTS
from sessions.actions.telling import escalate
from sessions.actions.watch import watch

EVERY: Final = dt.timedelta(seconds=60)
# However much there is of it, reminders that are due do not wait for longer.
LONGEST_SECONDS: Final = 2.0

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Turn:
    """Work that is done once a minute, and at each look at which `is_due` says so."""

    name: str
    work: Callable[..., int]
    is_due: Callable[..., bool] | None = None
    done_at: dt.datetime | None = field(default=None, init=False)

    def take(self, *, now: dt.datetime) -> None:
        """
        Do it if it is time to. A fault of ours in it holds up nothing else.

        :raises OperationalError, InterfaceError: the database is away; it is made up for later
        """
        rests = self.done_at is not None and now < self.done_at + EVERY
        if rests and (self.is_due is None or not self.is_due(now=now)):
            return
        self.done_at = now
        try:
            self.work(now=now)
        except FAULTS:
            log.exception("a turn met a fault", extra={"turn": self.name})


def turns(writers: Writers) -> list[Turn]:
    """Return every turn; what the first ones tell goes out in the same look, by the last."""
    return [
        Turn(name="escalate", work=escalate),
        Turn(name="watch", work=partial(watch, longest_seconds=LONGEST_SECONDS)),
        Turn(
            name="deliver",
            work=partial(deliver, writers=writers, longest_seconds=LONGEST_SECONDS),
            is_due=is_message_due,
        ),
    ]
