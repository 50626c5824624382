"""Many new rows of several tables in one statement: a writable CTE fed with one JSON value a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
from django.db import connection, models
from django.utils import timezone
from psycopg.types.json import Jsonb


def insert_together(
    rows: Sequence[models.Model], *, also: Sequence[tuple[str, list[Any]]] = ()
) -> None:
    """
    Store new rows of any tables, and run the `also` statements with them, in one round trip.

    Every statement sees the database as it was before: none sees another's rows. `created_at` and
    `updated_at` are filled in, as Django would.
    """
    tables: dict[type[models.Model], list[dict[str, Any]]] = {}
    moment = timezone.now()
    for row in rows:
        tables.setdefault(type(row), []).append(_columns(row, moment))
    parts: list[str] = []
    parameters: list[Any] = []
    for model, values in tables.items():
        table = model._meta.db_table
        columns = ", ".join(f'"{column}"' for column, _name, _is_moment in _fields(model))
        parts.append(  # the names are those of our own models
            f'INSERT INTO "{table}" ({columns}) SELECT {columns} '  # noqa: S608
            f'FROM jsonb_populate_recordset(NULL::"{table}", %s) RETURNING 1'
        )
        parameters.append(Jsonb(values, dumps=_dumps))
    for statement, values_of_statement in also:
        parts.append(statement)
        parameters.extend(values_of_statement)
    named = ", ".join(f"part_{number} AS ({part})" for number, part in enumerate(parts))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {named} SELECT 1", parameters)


def insert_missing(rows: Sequence[models.Model]) -> int:
    """
    Store rows of one table, passing over each that a unique constraint knows already.

    One statement; returns how many were new.
    """
    if not rows:
        return 0
    model = type(rows[0])
    table = model._meta.db_table
    moment = timezone.now()
    columns = ", ".join(f'"{column}"' for column, _name, _is_moment in _fields(model))
    with connection.cursor() as cursor:
        values: list[Any] = [Jsonb([_columns(row, moment) for row in rows], dumps=_dumps)]
        cursor.execute(  # the names are those of our own models
            f'INSERT INTO "{table}" ({columns}) SELECT {columns} '  # noqa: S608
            f'FROM jsonb_populate_recordset(NULL::"{table}", %s) ON CONFLICT DO NOTHING',
            values,
        )
        return int(cursor.rowcount)


@cache
def _fields(model: type[models.Model]) -> list[tuple[str, str, bool]]:
    """Return each column of a model, its attribute, and whether it is filled in here."""
    return [
        (
            str(field.column),
            field.attname,
            bool(getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False)),
        )
        for field in model._meta.concrete_fields
    ]


def _columns(row: models.Model, moment: dt.datetime) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column, name, is_moment in _fields(type(row)):
        value = moment if is_moment else getattr(row, name)
        if isinstance(value, bytes | memoryview):
            value = "\\x" + bytes(value).hex()
        values[column] = value
    return values


def _dumps(values: list[dict[str, Any]]) -> bytes:
    """Encode dates, UUIDs and decimals as texts that PostgreSQL reads as the column's type."""
    return msgspec.json.encode(values)
