"""How PostgreSQL plans the statements that a connection has prepared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

CHANGE = """
WITH before AS MATERIALIZED (SELECT current_setting('plan_cache_mode') AS mode)
SELECT mode, set_config('plan_cache_mode', 'force_generic_plan', true) FROM before
"""
RESTORE = "SELECT set_config('plan_cache_mode', %s, true)"


@contextmanager
def one_plan() -> Iterator[None]:
    """
    Plan each prepared statement once for the length of a block, as the web server always does.

    For what runs the same large statements over and over: planning them anew takes three times what
    running them does. It needs a transaction; after an error that is rolled back, and this with it.
    """
    with connection.cursor() as cursor:
        cursor.execute(CHANGE)
        [(before, _now)] = cursor.fetchall()
    yield
    with connection.cursor() as cursor:
        cursor.execute(RESTORE, [before])
