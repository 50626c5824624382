"""
Makes workers that keep looking, quickly: a warm process forks one for each line that it reads, and
answers with its pid. What it makes may be killed like any other process.
"""

from __future__ import annotations

import os
import signal
import sys

import django


def main() -> None:
    os.environ.setdefault("REHAB_PROCESS", "worker")
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from reminders import looking  # imported before the fork, so that a worker starts at once

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _line in sys.stdin:
        connections.close_all()
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            assert looking.LOOK_EVERY.total_seconds() == 2
            call_command("reminders", "run", verbosity=0)
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
