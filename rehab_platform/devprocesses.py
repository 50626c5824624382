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
    """Turn the stopping signals into `Stopped`."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped

    before = {number: signal.signal(number, stop) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """Let nothing interrupt what follows: the cleaning up."""
    for number in _STOPPING:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def signals_held() -> Iterator[None]:
    """
    Let no stopping signal arrive in the block; one that comes is delivered at its end.

    A process is started and remembered in such a block: `Stopped` halfway through a fork would be
    lost, or would leave a child that nobody knows. The mask keeps a signal from this thread; one
    that another thread takes is remembered instead.
    """
    came: list[int] = []
    handlers = {
        number: signal.signal(number, lambda number, _frame: came.append(number))
        for number in _STOPPING
    }
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def as_our_child(number: signal.Signals) -> Callable[[], None]:
    """Return what a child runs before its program; on Linux it is then signalled if we die."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
        if libc:
            libc.prctl(_PR_SET_PDEATHSIG, int(number))

    return prepare


def run_to_its_end(command: list[str], *, cwd: Path, env: dict[str, str]) -> int:
    """Run a program on our terminal and return its code; if we are stopped, so is it."""
    process = None
    try:
        with signals_held():
            process = subprocess.Popen(
                command, cwd=cwd, env=env, preexec_fn=as_our_child(signal.SIGTERM)
            )
        return process.wait()
    finally:
        if process:
            stop_process(process, with_signal=signal.SIGTERM, seconds=10)


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
