"""Counting attempts exactly, under any concurrency: one atomic statement in PostgreSQL for each."""

from __future__ import annotations

import datetime as dt
import hmac

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError

ACCOUNT_LIMIT = 5
ADDRESS_LIMIT = 30
WINDOW = dt.timedelta(minutes=15)
LONGEST_WINDOW = dt.timedelta(hours=1)


class TooManyAttempts(DomainError):
    code = "too_many_attempts"
    status = 429
    keeps_writes = True


def refuse_many(
    *, now: dt.datetime, window: dt.timedelta = WINDOW, **limits: tuple[str, int]
) -> None:
    """
    Count an attempt for each kind given as `kind=(name, limit)`, all of them before any refusal.

    :raises TooManyAttempts: one of them has had more than its limit within the window
    """
    counts = [
        (count_attempt(kind=kind.replace("_", " "), name=name, now=now, window=window), limit)
        for kind, (name, limit) in limits.items()
    ]
    if any(count > limit for count, limit in counts):
        minutes = int(window.total_seconds() // 60)
        raise TooManyAttempts(
            _("Too many attempts. Wait %(minutes)s minutes, then try again.")
            % {"minutes": minutes},
            extra={"retry_after": int(window.total_seconds())},
        )


def count_attempt(*, kind: str, name: str, now: dt.datetime, window: dt.timedelta = WINDOW) -> int:
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
            {"key": _key(kind, name), "now": now, "before": now - window},
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
