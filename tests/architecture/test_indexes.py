"""Indexes that would lead PostgreSQL astray."""

from __future__ import annotations

import pytest
from django.db import connection

# Of equal cost to the planner, and many times the pages to read.
SLOWER_TWINS = """
SELECT other.indexrelid::regclass::text
FROM pg_index other
JOIN pg_class c ON c.oid = other.indexrelid
JOIN pg_am m ON m.oid = c.relam AND m.amname = 'gist'
WHERE EXISTS (
    SELECT FROM pg_index tree
    JOIN pg_class t ON t.oid = tree.indexrelid
    JOIN pg_am tm ON tm.oid = t.relam AND tm.amname = 'btree'
    WHERE tree.indrelid = other.indrelid AND tree.indkey[0] <> 0
      AND tree.indkey[0] = ANY (other.indkey))
"""


@pytest.mark.django_db
def test_no_gist_index_can_stand_in_for_a_b_tree():
    with connection.cursor() as cursor:
        cursor.execute(SLOWER_TWINS)
        assert cursor.fetchall() == []
        cursor.execute("CREATE TEMPORARY TABLE found (line uuid)")
        cursor.execute("CREATE INDEX ON found (line)")
        cursor.execute("CREATE INDEX astray ON found USING gist (line)")
        cursor.execute(SLOWER_TWINS)
        assert cursor.fetchall() == [("astray",)]
