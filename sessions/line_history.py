"""What a line's history says about its next session: bests, and what deciding its checks needs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

_SQL = (Path(__file__).parent / "sql" / "line_history.sql").read_text(encoding="utf-8")


def counted_from(day: dt.date) -> dt.date:
    """
    Return from which date on sessions are counted for the turn of the checks: the quarter's first.

    "One session in three" needs a count, and one that starts anew each quarter of a year reads no
    more after five years than after one.
    """
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


def counted_since(day: dt.date) -> dt.datetime:
    """Return the moment at which that date begins, in UTC."""
    return dt.datetime.combine(counted_from(day), dt.time(), dt.UTC)


def history_sql(line: str) -> str:
    """
    Return the expression of a line's history up to now, with one parameter: `counted_since`.

    `line` is the SQL of the line's id there. The value holds `sessions` (counted so far), `not_yet`
    (the answers of the latest result with a check against its right answer, or null), `since`
    (sessions after it; past three it may say less than there were) and `bests` by side.
    """
    return _SQL.replace("{line}", line)
