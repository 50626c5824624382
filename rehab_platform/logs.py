"""
Log lines as JSON, from an allow-list of fields.

Never a body, a query string or the arguments of a message: PostgreSQL's and a library's messages
quote people's data. Messages keep their template (`"Not Found: %s"`), exceptions their class,
their SQLSTATE and where they were raised.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

FIELDS = ("request_id", "route", "method", "status", "ms", "user_id", "clinic_id")
_FRAMES = 12


class JSONFormatter(logging.Formatter):
    """One JSON object a line; newlines inside values are escaped by JSON itself."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": _event(record),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        line |= _celery_task(record)
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe_error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=lambda value: type(value).__name__)


def describe_error(error: BaseException) -> dict[str, Any]:
    """Say what was raised, and where, without its message."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return {
        "class": f"{type(error).__module__}.{type(error).__qualname__}",
        "sqlstate": getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None),
        "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def logging_settings(*, level: str) -> dict[str, Any]:
    """Return Django's LOGGING: everything through one handler, to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "rehab_platform.logs.JSONFormatter"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "json"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django adds handlers of its own to these; a request is logged once, by us.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"handlers": [], "level": "ERROR", "propagate": True},
            # What a gateway answered may quote a number.
            "apprise": {"handlers": ["nowhere"], "level": "CRITICAL", "propagate": False},
            "django.server": {"handlers": ["nowhere"], "level": "CRITICAL", "propagate": False},
        },
    }


def _celery_task(record: logging.LogRecord) -> dict[str, str]:
    """Celery's records name their task in `data`; its arguments and its result stay out."""
    data = getattr(record, "data", None)
    if not (record.name.startswith("celery.") and isinstance(data, dict)):
        return {}
    return {f"task_{key}": str(data[key]) for key in ("name", "id") if key in data}


def _event(record: logging.LogRecord) -> str:
    return record.msg if isinstance(record.msg, str) else type(record.msg).__name__
