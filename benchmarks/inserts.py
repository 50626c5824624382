"""
INSERT statements for rows of any model, with ids that need no join to be known.

Every id is a kind and a number, so that a statement can name another table's row; ids grow with
time, as the product's do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection, models
from psycopg import sql

from clinics.models import Clinic, Membership, User
from patients.models import Assignment, CareTeamMembership, Line, Patient, PrescribedExercise
from sessions.models import ExerciseResult, ExerciseSession

# The first hexadecimal digits of an id: which table.
KINDS: dict[type[models.Model], str] = {
    Clinic: "c1", User: "05", Membership: "3e", Patient: "a0", Assignment: "a5", Line: "11",
    PrescribedExercise: "b0", ExerciseSession: "5e", ExerciseResult: "e0",
    CareTeamMembership: "ca",
}  # fmt: skip


def key(model: type[models.Model], number: str) -> str:
    """Return the SQL of a row's id: its table's kind and a number."""
    return f"('{KINDS[model]}000000-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"


def id_of(model: type[models.Model], number: int) -> UUID:
    """Return the same id in Python."""
    return UUID(f"{KINDS[model]}000000-0000-7000-8000-{number:012x}")


def insert(model: type[models.Model], given: Mapping[str, str], rows: str) -> sql.Composed:
    """
    Return an INSERT of a row of `model` for each of `rows`; `given` holds SQL by column.

    Other columns are null, or what the model gives them by default.
    """
    names, values = [], []
    for field in model._meta.concrete_fields:
        names.append(sql.Identifier(str(field.column)))
        values.append(_value(field, given))
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(names),
        sql.SQL(", ").join(values),
        sql.SQL(rows),
    )


def _value(field: Any, given: Mapping[str, str]) -> sql.Composable:
    if field.column in given:
        return sql.SQL(given[field.column])
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return sql.SQL("now()")
    if field.null:
        return sql.SQL("NULL")
    default = field.get_db_prep_save(field.get_default(), connection)
    return sql.SQL("{}::{}").format(sql.Literal(default), sql.SQL(field.db_type(connection)))
