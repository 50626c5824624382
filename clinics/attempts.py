"""Counting attempts exactly, under any concurrency: one atomic statement in PostgreSQL for each."""

from __future__ import annotations

import datetime as dt
import hmac

from django.conf import settings
from django.db import connection

ACCOUNT_LIMIT = 5
ADDRESS_LIMIT = 30
WINDOW = dt.timedelta(minutes=15)


def count_attempt(*, kind: str, name: str, now: dt.datetime) -> int:
    """
    Count one attempt and return how many there were in its window, this one included.

    Call it outside any transaction that may be rolled back, or the attempt is forgotten.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO clinics_attempts (key, window_starts_at, count) VALUES (%(key)s, %(now)s, 1)
            ON CONFLICT (key) DO UPDATE SET
                count = CASE WHEN clinics_attempts.window_starts_at <= %(before)s THEN 1
                             ELSE clinics_attempts.count + 1 END,
                window_starts_at = CASE WHEN clinics_attempts.window_starts_at <= %(before)s
                                        THEN %(now)s ELSE clinics_attempts.window_starts_at END
            RETURNING count
            """,
            {"key": _key(kind, name), "now": now, "before": now - WINDOW},
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def forget_attempts(*, kind: str, name: str) -> None:
    """Start over after a success."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM clinics_attempts WHERE key = %s", [_key(kind, name)])


def _key(kind: str, name: str) -> bytes:
    """Never keep an address or a name in clear."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"{kind}:{name}".encode(), "sha256")
