"""psycopg reads a statement's places for values once, however long the statement is."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from psycopg import _queries

from core.apps import LONGEST_STATEMENT
from sessions import adherence_sql
from sessions.alert_facts import ALERT_FACTS
from sessions.facts import READ

SENT_WITH_EACH_UPLOAD = {"today": adherence_sql.TODAY, "facts": READ + ALERT_FACTS}


@pytest.mark.parametrize("name", SENT_WITH_EACH_UPLOAD)
def test_what_each_upload_sends_is_no_longer_than_what_is_kept(name):
    assert 4_096 < len(SENT_WITH_EACH_UPLOAD[name].encode()) <= LONGEST_STATEMENT


@pytest.mark.django_db
def test_a_long_statement_is_read_once():
    long = f"SELECT %s -- {uuid4()}{' ' * 10_000}"
    before = _queries._query2pg.cache_info()
    with connection.cursor() as cursor:
        for _ in range(3):
            cursor.execute(long, [1])
    after = _queries._query2pg.cache_info()

    assert (after.misses - before.misses, after.hits - before.hits) == (1, 2)
