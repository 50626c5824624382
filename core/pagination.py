"""
Pages by position, not by number: a signed cursor says after which row the next page starts.

A row that arrives meanwhile moves nothing, and page 1,000 costs what page 1 does. Nothing is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.utils.translation import gettext as _

from core.bodies import Query, text, whole
from core.errors import Invalid

Row = TypeVar("Row")
Item = TypeVar("Item")

DEFAULT_LIMIT: Final = 25
MOST: Final = 100
_SALT = "core.pagination"


class BadCursor(Invalid):
    """The cursor was made up, altered, or comes from another list, another caller or order."""

    code = "bad_cursor"


class PageQuery(Query):
    """The parameters of every list; a list with filters adds its own."""

    limit: Annotated[int, whole(1, MOST)] = DEFAULT_LIMIT
    cursor: Annotated[str, text(2000)] | None = None


class Listing(msgspec.Struct, Generic[Item], kw_only=True):
    """One page of a list. `next` is the cursor of the page after it, null on the last."""

    results: list[Item]
    next: str | None = None


@dataclass(frozen=True)
class Page(Generic[Row]):
    items: list[Row]
    next_cursor: str | None


def paginate(
    queryset: QuerySet[Any, Row],
    *,
    order: tuple[str, ...],
    cursor: str | None,
    limit: int,
    bound_to: str,
) -> Page[Row]:
    """
    Return up to `limit` rows after the cursor, in one query.

    `order` names columns that are never null ("-performed_at", "-id") and ends in a unique one.
    `bound_to` names the caller, the list and its filters: elsewhere the cursor is refused.
    Rows may be objects or, after `.values()`, mappings that hold the columns of `order`.

    :raises BadCursor: the cursor was not given out for this
    """
    salt = f"{_SALT}:{bound_to}:{','.join(order)}"
    if cursor is not None:
        queryset = queryset.filter(_after(order, _read(cursor, salt, queryset.model, order)))
    rows = list(queryset.order_by(*order)[: limit + 1])
    if len(rows) <= limit:
        return Page(rows, None)
    return Page(rows[:limit], _write(rows[limit - 1], salt, order))


def paginate_sorted(
    rows: Iterable[Row],
    *,
    key: Callable[[Row], tuple[int | str, ...]],
    cursor: str | None,
    limit: int,
    bound_to: str,
) -> Page[Row]:
    """
    Return up to `limit` of rows that are all at hand, after the cursor, in the order of their keys.

    No two keys are equal, and each is whole numbers and texts in places of the same kind.

    :raises BadCursor: the cursor was not given out for this
    """
    salt = f"{_SALT}:{bound_to}"
    found = sorted(((key(row), row) for row in rows), key=lambda pair: pair[0])
    if cursor is not None:
        after = _read_key(cursor, salt)
        found = [pair for pair in found if pair[0] > after]
    items = [row for _key, row in found[:limit]]
    if len(found) <= limit:
        return Page(items, None)
    return Page(items, signing.Signer(salt=salt).sign_object(list(found[limit - 1][0])))


def _read_key(cursor: str, salt: str) -> tuple[Any, ...]:
    try:
        return tuple(signing.Signer(salt=salt).unsign_object(cursor))
    except (signing.BadSignature, ValueError):
        raise _bad_cursor() from None


def _bad_cursor() -> Invalid:
    message = _("This cursor does not belong to this list. Start from the first page.")
    return BadCursor.at("cursor", "bad_cursor", message)


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Return `(a, b, c) > (x, y, z)` where each column has a direction of its own."""
    steps = [_step(name, value) for name, value in zip(order, values, strict=True)]
    ties = [Q(**{name.lstrip("-"): value}) for name, value in zip(order, values, strict=True)]
    alternatives = [
        reduce(Q.__and__, ties[:position], Q()) & step for position, step in enumerate(steps)
    ]
    # The first bound is implied; said apart, it lets an index find the place.
    return _step(order[0], values[0], or_equal=True) & reduce(Q.__or__, alternatives)


def _step(name: str, value: Any, *, or_equal: bool = False) -> Q:
    comparison = ("lt" if name.startswith("-") else "gt") + ("e" if or_equal else "")
    return Q(**{f"{name.lstrip('-')}__{comparison}": value})


def _write(row: object, salt: str, order: Sequence[str]) -> str:
    values = [_value(row, name.lstrip("-")) for name in order]
    return signing.Signer(salt=salt).sign_object(msgspec.to_builtins(values))


def _value(row: object, name: str) -> object:
    if isinstance(row, dict):
        return row[name]
    return reduce(getattr, name.split("__"), row)


def _read(cursor: str, salt: str, model: type[Model], order: Sequence[str]) -> list[Any]:
    columns = [_column(model, name.lstrip("-")) for name in order]
    try:
        stored = signing.Signer(salt=salt).unsign_object(cursor)
        return [column.to_python(value) for column, value in zip(columns, stored, strict=True)]
    except (signing.BadSignature, ValidationError, ValueError, TypeError):
        raise _bad_cursor() from None


def _column(model: type[Model], path: str) -> Field[Any, Any]:
    """Find the column that a path such as "user__name" leads to."""
    *relations, name = path.split("__")
    for relation in relations:
        related = model._meta.get_field(relation).related_model
        assert isinstance(related, type)
        model = related
    column = model._meta.get_field(name)
    assert isinstance(column, Field)
    return column
