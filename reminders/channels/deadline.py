"""Bounds for what a library does in its own time."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, Queue
from threading import Thread
from typing import Any, TypeVar, cast

T = TypeVar("T")
Answer = tuple[Any, Exception | None]


def within(seconds: float, call: Callable[[], T]) -> T:
    """
    Return what a call returns, or raise what it raises, unless it takes longer.

    The call goes on by itself after that; its thread keeps no process from ending.

    :raises TimeoutError: it took longer
    """
    done: Queue[Answer] = Queue(maxsize=1)

    def run() -> None:
        try:
            done.put((call(), None))
        except (OSError, ValueError, TypeError, RuntimeError) as raised:
            done.put((None, raised))

    Thread(target=run, daemon=True, name="bounded").start()
    try:
        answer, raised = done.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if raised is not None:
        raise raised
    return cast("T", answer)
