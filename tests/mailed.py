"""What the outbox sends, as the one who gets it would read it."""

from __future__ import annotations

import datetime as dt

from django.core import mail as outgoing

from core.delivery import deliver
from rehab_platform.mails import WRITERS

CODE_LENGTHS = {43, 65}


def mailed_code(*, now: dt.datetime) -> str:
    """Deliver what waits, and read the code in the last mail."""
    deliver(writers=WRITERS, now=now)
    text = str(outgoing.outbox[-1].body)
    return next(line for line in text.splitlines() if len(line) in CODE_LENGTHS and " " not in line)
