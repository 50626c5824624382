from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import time_machine

from tests.api.caller import Caller


@pytest.fixture
def caller(db: None) -> Caller:
    return Caller()


@pytest.fixture
def stop_clock() -> Iterator[Callable[[str], None]]:
    """Stop the clock that requests read at an instant such as 2026-11-22T10:00:00Z."""
    with ExitStack() as stack:
        yield lambda instant: stack.enter_context(
            time_machine.travel(dt.datetime.fromisoformat(instant), tick=False)
        )
