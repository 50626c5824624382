"""Many new rows of several tables in one statement: a writable CTE fed with one JSON value a table."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

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
        columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
        parts.append(  # the names are those of our own models
            f'INSERT INTO "{table}" ({columns}) SELECT {columns} '  # noqa: S608
            f'FROM jsonb_populate_recordset(NULL::"{table}", %s) RETURNING 1'
        )
        parameters.append(Jsonb(values))
    for statement, values_of_statement in also:
        parts.append(statement)
        parameters.extend(values_of_statement)
    named = ", ".join(f"part_{number} AS ({part})" for number, part in enumerate(parts))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {named} SELECT 1", parameters)


def _columns(row: models.Model, moment: dt.datetime) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        assert field.column is not None  # every concrete field has one
        if getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False):
            values[field.column] = moment.isoformat()
        else:
            values[field.column] = _plain(getattr(row, field.attname))
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return "\\x" + base64.b16encode(bytes(value)).decode()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
