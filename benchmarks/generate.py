"""Fill a database of the benchmark's own with a crowd, as a superuser."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from benchmarks import rows
from benchmarks.crowd import Crowd
from benchmarks.inserts import id_of
from clinics.models import Clinic
from patients.models import Patient
from sessions.models import ExerciseResult, ExerciseSession


class NotAsPlanned(Exception):
    """The rows that were made are not those that were wanted."""


def fill(server: psycopg.Connection[Any], crowd: Crowd) -> None:
    """Make the crowd's rows. Indexes of the large tables are built once their rows are there."""
    with server.transaction():
        # Neither foreign keys nor triggers: the rows are right by the way they are made.
        server.execute("SET LOCAL session_replication_role = replica")
        server.execute("SET LOCAL synchronous_commit = off")
        for statement in rows.people(crowd):
            server.execute(statement)
        rebuilt = _drop_indexes(server)
        for statement in rows.logged(crowd):
            server.execute(statement)
        for definition in rebuilt:
            server.execute(sql.SQL(definition))
    server.execute("VACUUM (FREEZE, ANALYZE)")
    _compare(server, crowd)


def clinics_of(crowd: Crowd) -> list[UUID]:
    """Return the ids of a crowd's clinics."""
    return [id_of(Clinic, crowd.first + number) for number in range(1, crowd.clinics + 1)]


def _compare(server: psycopg.Connection[Any], crowd: Crowd) -> None:
    """Refuse to measure on other rows than those that the crowd says."""
    clinics = [id_of(Clinic, crowd.first + number) for number in range(1, crowd.clinics + 1)]
    for model, wanted in (
        (Patient, crowd.patients), (ExerciseSession, crowd.sessions),
        (ExerciseResult, crowd.results),
    ):  # fmt: skip
        table = sql.Identifier(model._meta.db_table)
        query = sql.SQL("SELECT count(*) FROM {} WHERE clinic_id = ANY (%s)").format(table)
        row = server.execute(query, [clinics]).fetchone()
        if row is None or row[0] != wanted:
            raise NotAsPlanned(f"{model.__name__}: {row} instead of {wanted}")


def _drop_indexes(server: psycopg.Connection[Any]) -> list[str]:
    """Take the plain indexes off the large tables, and return how to build them again."""
    found = server.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
        "LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid "
        "WHERE i.indrelid::regclass::text = ANY (%s) AND c.oid IS NULL",
        [[ExerciseSession._meta.db_table, ExerciseResult._meta.db_table]],
    ).fetchall()
    for name, _definition in found:
        server.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(name)))
    return [definition for _name, definition in found]
