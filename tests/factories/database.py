"""What tests of the database's own rules need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connection, models, transaction

from core.bulk import insert_together


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


def store(*rows: models.Model) -> None:
    """Store new rows of any tables in one statement; from then on they are as read."""
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
        for field in row._meta.concrete_fields:
            if isinstance(field, models.DateTimeField) and (field.auto_now or field.auto_now_add):
                field.pre_save(row, add=True)
    insert_together(rows)


def plan_by_index() -> None:
    """
    Let the planner use an index that serves, for the rest of the transaction.

    What a table of few rows costs depends on the tests before: undone rows leave their pages.
    """
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
