"""How the web server runs: `gunicorn --config python:rehab_platform.gunicorn_settings …`."""

from __future__ import annotations

import gc
import os

from rehab_platform.logs import logging_settings

wsgi_app = "rehab_platform.wsgi:application"
bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
timeout = 30
graceful_timeout = 25
keepalive = 5
# The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108
control_socket_disable = True
# The access log is ours (rehab_platform.middleware): gunicorn's would hold query strings.
accesslog = None
logconfig_dict = logging_settings(level="INFO") | {
    "loggers": {"gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True}}
}


def post_worker_init(_worker: object) -> None:
    """
    Take what is loaded by now, which stays for good, out of what Python's collector looks through.

    It looked through all of it every hundred requests or so: 60 ms, in which nobody was answered.
    """
    gc.collect()
    gc.freeze()
