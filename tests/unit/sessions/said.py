"""What a session said, and what an alert rule makes of it."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec

from sessions.alert_rules import (
    Earlier,
    Previous,
    ResultSaid,
    SessionSaid,
    raised_by,
)
from sessions.thresholds import DEFAULTS, Thresholds

NOW, FIRST, SECOND, THIRD = (uuid.UUID(int=number) for number in range(1, 5))
NOTHING_BEFORE = Previous()
HEEL, BRIDGE = uuid.UUID(int=100), uuid.UUID(int=200)


def session(*results: ResultSaid, **said: Any) -> SessionSaid:
    return SessionSaid(id=NOW, results=results, **said)


def heel(**said: Any) -> ResultSaid:
    return ResultSaid(line=HEEL, **said)


def previous(pain_after: int | None = None, **of_heel: tuple[str, ...]) -> Previous:
    """What was said before; of a line rule, newest first, by three earlier sessions."""
    return Previous(
        pain_after=pain_after,
        of_lines={
            (rule, HEEL): [
                Earlier(key, said) for key, said in zip((FIRST, SECOND, THIRD), told, strict=False)
            ]
            for rule, told in of_heel.items()
        },
    )


def severities(
    said: SessionSaid, before: Previous = NOTHING_BEFORE, limits=DEFAULTS
) -> dict[str, str]:
    raised = raised_by(said, before, limits)
    assert len({(each.rule, each.line) for each in raised}) == len(raised)
    return {each.rule: each.severity for each in raised}


def tighter(**numbers: int) -> Thresholds:
    return msgspec.structs.replace(DEFAULTS, **numbers)


# ---- Several sessions running --------------------------------------------------------------------

SKIP, EASY, HARD, ASK = "skipped_for_pain", "too_easy", "too_hard", "unsure"
