"""What may stand at a place of a body: msgspec says that a value is no choice, not which there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from msgspec import inspect

MOST_NAMED: Final = 40
ANY: Final = "..."  # what msgspec writes for a key that the client chose


def choices_at(kind: object, place: Sequence[str]) -> list[str]:
    """
    Return the choices of a struct's member, in no order that means something; none where it has none.

    `place` is the path of the body's member as msgspec names it, the tag of a union included.
    """
    found = list(dict.fromkeys(_choices(_described(kind), list(place))))
    return found if len(found) <= MOST_NAMED else []


@lru_cache(maxsize=512)
def _described(kind: object) -> inspect.Type:
    return inspect.type_info(kind)


def _choices(kind: inspect.Type, place: list[str]) -> Iterator[str]:
    if isinstance(kind, inspect.Metadata):
        yield from _choices(kind.type, place)
    elif isinstance(kind, inspect.UnionType):
        for one in kind.types:
            yield from _choices(one, place)
    elif isinstance(kind, inspect.StructType):
        yield from _of_struct(kind, place)
    elif isinstance(kind, inspect.DictType):
        yield from _choices(kind.value_type if place else kind.key_type, place[1:])
    elif isinstance(kind, (inspect.ListType, inspect.VarTupleType, inspect.SetType)) and place:
        yield from _choices(kind.item_type, place[1:])
    elif isinstance(kind, inspect.LiteralType) and not place:
        yield from map(str, kind.values)


def _of_struct(kind: inspect.StructType, place: list[str]) -> Iterator[str]:
    if place == [kind.tag_field]:
        yield str(kind.tag)
    for field in kind.fields:
        if place and field.encode_name == place[0]:
            yield from _choices(field.type, place[1:])
