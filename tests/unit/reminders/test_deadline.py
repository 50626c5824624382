from __future__ import annotations

import threading

import pytest

from reminders.channels.deadline import within


def test_what_is_in_time_is_returned_or_raised() -> None:
    assert within(1, lambda: 7) == 7
    with pytest.raises(ValueError, match="seven"):
        within(1, lambda: _raising(ValueError("seven")))
    with pytest.raises(OSError, match="eight"):
        within(1, lambda: _raising(OSError("eight")))


def test_what_takes_longer_is_left() -> None:
    may_end, ended = threading.Event(), threading.Event()

    def slow() -> None:
        may_end.wait(30)
        ended.set()

    with pytest.raises(TimeoutError):
        within(0.05, slow)

    assert not ended.is_set()
    may_end.set()
    assert ended.wait(30)


def _raising(error: Exception) -> int:
    raise error
