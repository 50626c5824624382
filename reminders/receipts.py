"""
Receipts: what was taken by its provider, kept at once by a connection of their own.

A chunk of deliveries is settled when all of it was sent. A worker that dies in the middle leaves its
receipts, and whoever takes the chunk over settles those without sending them again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from reminders.models import Receipt

KEEP = "INSERT INTO reminders_receipt (delivery_id, at) VALUES (%s, %s) ON CONFLICT DO NOTHING"
# What a worker that died left is used within the hour in which its deliveries are of use, or a week.
FORGET_AFTER = dt.timedelta(days=7)


class Receipts:
    """One connection beside the chunk's, opened with the first receipt."""

    def __init__(self) -> None:
        self._own: BaseDatabaseWrapper | None = None

    def keep(self, delivery_id: UUID, *, now: dt.datetime) -> None:
        """Keep that it was taken: committed when this returns."""
        if self._own is None:
            self._own = connection.copy()
        with self._own.cursor() as cursor:
            cursor.execute(KEEP, [delivery_id, now])

    def close(self) -> None:
        if self._own is not None:
            self._own.close()


def forget(delivery_ids: Collection[UUID]) -> None:
    """Drop the receipts of what is being settled, in its transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM reminders_receipt WHERE delivery_id = ANY (%s)", [list(delivery_ids)]
        )


def forget_old(*, now: dt.datetime) -> None:
    """Drop what nobody came back for."""
    Receipt.objects.filter(at__lt=now - FORGET_AFTER).delete()
