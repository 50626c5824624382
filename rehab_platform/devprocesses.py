"""Starting and stopping processes so that none outlives the command that started it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


class DevelopmentError(Exception):
    """A development command cannot go on; the message says what to do about it."""


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
    if os.name == "nt" or os.geteuid() != 0:
        return None
    import pwd

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
