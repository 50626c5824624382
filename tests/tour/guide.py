"""Sets the stage, plays the story and says how it went."""

from __future__ import annotations

import datetime as dt
import time

from tests.tour.clock import StoryClock
from tests.tour.ledger import Ledger, Say
from tests.tour.play import play
from tests.tour.stage import end_the_week, prescribe_earlier, remind, set_the_stage


def guide(*, url: str, now: dt.datetime, say: Say, quiet: bool = False) -> int:
    """Return 0 only if every figure is right. `now` is an aware instant, which the server shares."""
    started = time.monotonic()
    ledger = Ledger(say, quiet=quiet)
    clock = StoryClock.at_noon(now)
    logins = set_the_stage(zone_name=clock.zone_name, now=clock.now)
    play(
        url=url, logins=logins, stage=prescribe_earlier, jobs=end_the_week, remind=remind,
        clock=clock, ledger=ledger,
    )  # fmt: skip
    say(f"\n{ledger.last_line(time.monotonic() - started)}")
    return 1 if ledger.wrong else 0
