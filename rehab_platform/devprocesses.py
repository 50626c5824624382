"""Starting and stopping processes so that none outlives the command that started it."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from types import FrameType
from typing import IO

_PR_SET_PDEATHSIG = 1
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class DevelopmentError(Exception):
    """A development command cannot go on; the message says what to do about it."""


class Stopped(BaseException):
    """Ctrl-C or SIGTERM: not an error, and not to be caught as one."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn the stopping signals into `Stopped`, once: what follows is cleaning up."""

    def stop(number: int, frame: FrameType | None) -> None:
        ignore_signals()
        raise Stopped

    before = {number: signal.signal(number, stop) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """Let nothing interrupt what follows."""
    for number in _STOPPING:
        signal.signal(number, signal.SIG_IGN)


def ends_with_us(number: signal.Signals) -> Callable[[], None] | None:
    """Return what a child runs before its program: on Linux, ask to be signalled if we die."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(number))

    return ask


def server_user() -> str | None:
    """Return the user PostgreSQL runs as: ourselves (None), or another one when we are root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in names:
            return name
    raise DevelopmentError(
        "PostgreSQL refuses to run as root, and there is no user it could run as. "
        "Run this as another user, or make one named postgres."
    )


def stop_process(
    process: subprocess.Popen[bytes], *, with_signal: signal.Signals, seconds: float
) -> None:
    """Ask a process to end, wait, and kill it if it does not."""
    if process.poll() is None:
        process.send_signal(with_signal)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def stop_group(process: subprocess.Popen[bytes], *, seconds: float) -> None:
    """Stop a process that leads a session of its own, and whatever it left behind."""
    stop_process(process, with_signal=signal.SIGTERM, seconds=seconds)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def only_one(path: Path) -> Iterator[IO[str]]:
    """Hold a lock that the kernel releases when this process ends, however it ends."""
    with path.open("a+") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except OSError:
            raise DevelopmentError(
                "The demo already runs in this checkout. Stop it first (Ctrl-C in its window)."
            ) from None
        yield lock
