"""
Nudges from a web process: left to a thread of its own, so that no request waits for a broker.

A broker that takes a connection and never answers holds that thread, and nobody else; meanwhile
many nudges count as one, and beat looks on its own.
"""

from __future__ import annotations

import logging
import os
import threading

from kombu.exceptions import OperationalError

from rehab_platform import tasks

log = logging.getLogger(__name__)


class Nudging:
    """One thread for each process, begun with its first nudge: also after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = threading.Event()
        self._thread: threading.Thread | None = None
        self._process = 0

    def ask(self) -> None:
        """Have a worker nudged, soon; returns at once."""
        self._asked.set()
        with self._lock:
            if self._thread is None or not self._thread.is_alive() or self._process != os.getpid():
                self._process = os.getpid()
                self._thread = threading.Thread(target=self._run, name="nudging", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            try:
                tasks.nudge()
            except OperationalError as error:
                log.warning("the broker is away", exc_info=error)


_nudging = Nudging()


def nudge() -> None:
    """As `rehab_platform.tasks.nudge`, without waiting for the broker."""
    _nudging.ask()
