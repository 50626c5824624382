"""What tests of the database's own rules need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def checked_at_once() -> Iterator[None]:
    """Check constraints with each statement, not at commit, and undo the block whatever it did."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        try:
            yield
        finally:
            transaction.set_rollback(True)


def plan_by_index() -> None:
    """
    Let the planner use an index that serves, for the rest of the transaction.

    What a table of few rows costs depends on the tests before: undone rows leave their pages.
    """
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
