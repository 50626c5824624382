"""Bodies of uploads, as phones send them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from core.bodies import decode
from patients.models import Line
from sessions.bodies import CorrectSession, LogSession

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
MORNING = "2026-11-23T09:30:00+00:00"


def result(line: Line, *repetitions: int, side: str = "both", **more: Any) -> dict[str, Any]:
    """One result with a set for each number of repetitions."""
    sets = [{"repetitions": each} for each in repetitions]
    return {"line": str(line.pk), "side": side, "sets": sets, **more}


def session(*results: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "performed_at": MORNING, "results": list(results), **more}


def log(body: dict[str, Any]) -> LogSession:
    return decode(body, LogSession)


def correction(body: dict[str, Any], *, corrects: int, **changes: Any) -> CorrectSession:
    return decode({**body, "corrects": corrects, **changes}, CorrectSession)
