"""Policies of before ask for the clinic once for a statement, and let the same rows through."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from importlib import import_module
from types import SimpleNamespace

import psycopg
import pytest

from core.tenancy import CONTEXT
from tests.architecture.walls import owner_cursor

work_out_once = import_module("core.migrations.0006_context_once").work_out_once

HERE, THERE = uuid.UUID(int=1), uuid.UUID(int=2)
BEFORE = "NULLIF((SELECT current_setting('app.clinic_id', true)), '')::uuid"
BEFORE_AS_TEXT = "NULLIF((SELECT current_setting('app.clinic_id', true)), '')"
AS_TEXT = "(SELECT NULLIF(current_setting('app.clinic_id', true), ''))"
TABLES = """
CREATE TABLE before (id int, clinic_id uuid);
CREATE TABLE wanted (id int, clinic_id uuid);
INSERT INTO before VALUES (0, NULL), (1, %s), (2, %s);
ALTER TABLE before ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
"""
TEXTS = """
SELECT pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
FROM pg_policy WHERE polrelid = %s::regclass AND polname = 'tenant'
"""
# A policy's body, with a place for the clinic, and which of the rows 0, 1, 2 clinic 1 and nobody see.
POLICIES = [
    ("USING (clinic_id = {0}) WITH CHECK (clinic_id = {0})", [1], []),
    ("FOR SELECT USING (clinic_id = {0})", [1], []),
    ("USING (clinic_id IS NOT DISTINCT FROM {0}) WITH CHECK (clinic_id = {0})", [1], [0]),
    ("FOR INSERT WITH CHECK (clinic_id IS NULL OR clinic_id = {0})", [], []),
    ("FOR SELECT USING (clinic_id IS NULL)", [0], [0]),
]

Cursor = psycopg.Cursor[tuple[object, ...]]


@pytest.fixture
def cursor(db: None) -> Iterator[Cursor]:
    with owner_cursor() as opened:
        for statement in TABLES.strip().split(";\n"):
            opened.execute(statement, [HERE, THERE] if "VALUES" in statement else [])
        yield opened


def migrate(cursor: Cursor) -> None:
    work_out_once(None, SimpleNamespace(connection=cursor.connection))


def texts(cursor: Cursor, table: str = "before") -> tuple[object, ...]:
    [found] = cursor.execute(TEXTS, [table]).fetchall()
    return found


def seen(cursor: Cursor, clinic: uuid.UUID | None) -> list[object]:
    cursor.execute("SELECT set_config('app.clinic_id', %s, true)", [str(clinic or "")])
    return [key for (key,) in cursor.execute("SELECT id FROM before ORDER BY id")]


@pytest.mark.parametrize(("body", "here", "nowhere"), POLICIES)
def test_a_policy_of_before_becomes_one_that_asks_once(cursor, body, here, nowhere):
    cursor.execute(f"CREATE POLICY tenant ON before {body.format(BEFORE)}")
    cursor.execute(f"CREATE POLICY tenant ON wanted {body.format(CONTEXT)}")
    assert (seen(cursor, HERE), seen(cursor, None)) == (here, nowhere)

    migrate(cursor)

    assert texts(cursor) == texts(cursor, "wanted")
    assert (seen(cursor, HERE), seen(cursor, None)) == (here, nowhere)


def test_what_asks_whether_there_is_a_clinic_at_all_asks_once_too(cursor):
    body = "FOR SELECT USING (clinic_id IS NULL AND {0} IS NULL)"
    cursor.execute(f"CREATE POLICY tenant ON before {body.format(BEFORE_AS_TEXT)}")
    cursor.execute(f"CREATE POLICY tenant ON wanted {body.format(AS_TEXT)}")

    migrate(cursor)

    assert texts(cursor) == texts(cursor, "wanted")
    assert (seen(cursor, HERE), seen(cursor, None)) == ([], [0])


def test_it_may_run_again_and_leaves_other_policies_alone(cursor):
    """It goes table by table, each in a transaction of its own: after an error it begins anew."""
    cursor.execute(f"CREATE POLICY tenant ON before USING (clinic_id = {BEFORE})")
    cursor.execute("CREATE POLICY other ON before FOR SELECT USING (id = 2)")
    migrate(cursor)
    once = texts(cursor)

    migrate(cursor)

    assert texts(cursor) == once
    assert seen(cursor, HERE) == [1, 2]


def test_a_name_that_needs_quotes_is_quoted(cursor):
    cursor.execute('CREATE TABLE "of Today" (id int, clinic_id uuid)')
    cursor.execute(f'CREATE POLICY "The Wall" ON "of Today" USING (clinic_id = {BEFORE})')

    migrate(cursor)

    found = cursor.execute("SELECT qual FROM pg_policies WHERE policyname = 'The Wall'")
    assert "( SELECT (NULLIF(" in str(found.fetchone())
