"""What a web process has prepared outlives a refusal, and not an error of the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from core.connections import WebConnection

STATEMENT = "SELECT %s::int + 1"
NAMES = "SELECT statement FROM pg_prepared_statements WHERE statement <> %s"
MEMO = "connections_memo"


def place(role: dict[str, str]) -> dict[str, Any]:
    here = connection.settings_dict
    return {
        "host": here["HOST"],
        "port": here["PORT"] or None,
        "dbname": here["NAME"],
        "user": role["USER"],
        "password": role["PASSWORD"],
        "autocommit": True,
    }


@pytest.fixture
def web(db: None) -> Iterator[WebConnection]:
    with WebConnection.connect(
        **place(settings.APPLICATION_DATABASE), prepare_threshold=0
    ) as opened:
        yield opened
        if not opened.closed:
            opened.rollback()


@pytest.fixture
def memo(db: None) -> Iterator[psycopg.Connection[Any]]:
    """A table of the owner's, and the connection on which an upgrade would change it."""
    with psycopg.connect(**place(settings.OWNER_DATABASE)) as owner:
        owner.execute(f"CREATE TABLE {MEMO} (text varchar(10))")
        try:
            yield owner
        finally:
            owner.execute(f"DROP TABLE {MEMO}")


def prepared(opened: psycopg.Connection[Any]) -> list[str]:
    asked = opened.execute(NAMES, [NAMES.replace("%s", "$1")], prepare=False)
    return [statement for (statement,) in asked]


def ask(opened: psycopg.Connection[Any]) -> int:
    opened.execute("BEGIN", prepare=False)
    [(answer,)] = opened.execute(STATEMENT, [41])
    return int(answer)


def test_a_refusal_leaves_what_is_prepared(web: WebConnection) -> None:
    assert ask(web) == 42
    web.rollback()

    assert web.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert prepared(web) == ["SELECT $1::int + 1"]
    assert ask(web) == 42


def test_psycopg_alone_forgets_it(web: WebConnection) -> None:
    """Or there would be no need of a connection of our own."""
    ask(web)
    psycopg.Connection.rollback(web)

    assert prepared(web) == []


def test_a_refusal_undoes_what_was_written(web: WebConnection) -> None:
    web.execute("CREATE TEMP TABLE kept (number int)")
    web.execute("BEGIN")
    web.execute("INSERT INTO kept VALUES (1)")
    web.rollback()

    assert web.execute("SELECT count(*) FROM kept").fetchall() == [(0,)]


def test_after_an_error_of_the_database_it_is_forgotten(web: WebConnection) -> None:
    ask(web)
    with pytest.raises(psycopg.errors.DivisionByZero):
        web.execute("SELECT 1 / 0")
    web.rollback()

    assert prepared(web) == []
    assert ask(web) == 42


def test_a_statement_works_again_after_an_upgrade_changed_its_columns(
    web: WebConnection, memo: psycopg.Connection[Any]
) -> None:
    read = f"SELECT text FROM {MEMO}"
    web.execute(read)
    memo.execute(f"ALTER TABLE {MEMO} ALTER text TYPE text")

    web.execute("BEGIN")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="must not change result type"):
        web.execute(read)
    web.rollback()

    assert web.execute(read).fetchall() == []


def test_where_nothing_runs_there_is_nothing_to_undo(web: WebConnection) -> None:
    web.rollback()

    assert ask(web) == 42


def test_a_connection_that_is_gone_says_so(web: WebConnection) -> None:
    ask(web)
    with psycopg.connect(**place(settings.APPLICATION_DATABASE)) as other:
        [(ended,)] = other.execute(
            "SELECT pg_terminate_backend(%s)", [web.info.backend_pid]
        ).fetchall()
    assert ended

    with pytest.raises(psycopg.OperationalError):
        web.rollback()
    assert web.broken
