"""A broker that takes a connection and never answers, or takes none: no web request waits for it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.architecture.project import ROOT

# A nudge of the outbox, as a request makes it after its commit, three times in one process.
NUDGE = """
import time
import django
django.setup()
import rehab_platform.celery
from django.conf import settings
from django.utils.module_loading import import_string
nudge = import_string(settings.OUTBOX_NUDGE)
for _time in range(3):
    began = time.monotonic()
    nudge()
    print(time.monotonic() - began)
"""


@pytest.fixture(params=["never answers", "takes no connection"])
def broker(request) -> Iterator[str]:
    """Give the address of a broker that is a black hole."""
    with ExitStack() as open_sockets:
        listening = open_sockets.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0 if request.param == "takes no connection" else 50)
        address = listening.getsockname()
        if request.param == "takes no connection":
            # Fill the queue of those who wait to be taken: the next ones hear nothing.
            for _number in range(3):
                waiting = open_sockets.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(address)
        yield f"redis://127.0.0.1:{address[1]}/0"


def test_no_request_waits_for_a_broker(broker):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "rehab_platform.settings.local",
        "SECRET_KEY": "kZ3mYt0cW7rQ1vN8bX5sL2pD9fG6hJ4aUeIoRyTwqMzCxVnB-black-holes",
        "REHAB_PROCESS": "web",
        "REDIS_URL": broker,
        "CACHE_URL": broker,
    }
    done = subprocess.run(
        [sys.executable, "-c", NUDGE], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    waited = [float(line) for line in done.stdout.splitlines()]
    assert len(waited) == 3
    assert max(waited) < 0.5
