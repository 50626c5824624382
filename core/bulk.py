"""Many new rows of several tables in one statement: a writable CTE fed with one JSON value a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from django.db import connection, models
from django.utils import timezone
from psycopg.types.json import Jsonb

from core.ids import uuid7


@dataclass(frozen=True, slots=True)
class NewRow:
    """
    A row to store, by column, where making a model of each would cost more than storing it.

    Its key, `created_at` and `updated_at` are filled in; a column that is left out is null.
    """

    model: type[models.Model]
    values: dict[str, Any]


def insert_together(
    rows: Sequence[models.Model | NewRow], *, also: Sequence[tuple[str, list[Any]]] = ()
) -> None:
    """
    Store new rows of any tables, and run the `also` statements with them, in one round trip.

    Every statement sees the database as it was before: none sees another's rows. `created_at` and
    `updated_at` are filled in, as Django would.
    """
    tables: dict[type[models.Model], list[dict[str, Any]]] = {}
    moment = timezone.now()
    for row in rows:
        if isinstance(row, NewRow):
            filled = {"id": uuid7(), "created_at": moment, "updated_at": moment}
            tables.setdefault(row.model, []).append(filled | row.values)
        else:
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


def insert_missing(
    model: type[models.Model], rows: Sequence[Mapping[str, Any]], *, alike: Mapping[str, Any]
) -> int:
    """
    Store new rows of one table, passing over each that a unique constraint knows already.

    `rows` hold what differs, by column; `alike` what is the same in each. Keys, `created_at` and
    `updated_at` are filled in; what is said nowhere is the column's default or null. One statement,
    without the models' cost; returns how many were new.
    """
    if not rows:
        return 0
    table, moment = model._meta.db_table, timezone.now()
    filled = {"created_at": moment, "updated_at": moment, **alike}
    own = ["id", *rows[0]]
    names = ", ".join(f'"{name}"' for name in [*own, *filled])
    given = ", ".join([*(f'row."{name}"' for name in own), *(f'same."{name}"' for name in filled)])
    values: list[Any] = [
        Jsonb([{"id": uuid7(), **row} for row in rows], dumps=_dumps),
        Jsonb(filled, dumps=_dumps),
    ]
    with connection.cursor() as cursor:
        cursor.execute(  # the names are those of our own columns
            f'INSERT INTO "{table}" ({names}) SELECT {given} '  # noqa: S608
            f'FROM jsonb_populate_recordset(NULL::"{table}", %s) AS row, '
            f'jsonb_populate_record(NULL::"{table}", %s) AS same ON CONFLICT DO NOTHING',
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


def _dumps(values: object) -> bytes:
    """Encode dates, UUIDs and decimals as texts that PostgreSQL reads as the column's type."""
    return msgspec.json.encode(values)
