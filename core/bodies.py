"""
Bodies and query strings as typed structs, and structs as bytes.

    class LogSession(Body):
        id: UUID
        performed_at: Instant
        note: Annotated[str, text(2000)] = ""

`decode` raises Invalid and names the field by a dotted path. msgspec stops at the first error, so
one is named, not all.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar, dataclass_transform

import msgspec
from django.utils.translation import gettext as _

from core.body_errors import field_error
from core.body_types import (
    BadValue,
    Instant,
    LocalDate,
    line,
    parse_own,
    plain_own,
    schema_own,
    text,
    visible_text,
    whole,
)
from core.errors import Invalid
from core.strict_json import find_bad_text

__all__ = [
    "CANONICAL_VERSION",
    "BadValue",
    "Body",
    "Instant",
    "LocalDate",
    "Query",
    "canonical",
    "content_hash",
    "decode",
    "decode_query",
    "encode",
    "line",
    "schema_own",
    "text",
    "visible_text",
    "whole",
]

T = TypeVar("T")

# Raise it when `canonical` changes, and keep the old way for rows stored under the old number.
CANONICAL_VERSION: Final = 1

_encoder = msgspec.json.Encoder(enc_hook=plain_own, decimal_format="number")

_canonical_encoder = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


class _KeywordsOnly(msgspec.StructMeta):
    """Makes keyword-only what msgspec would have every single struct say of itself."""

    def __new__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> _KeywordsOnly:
        return super().__new__(cls, name, bases, namespace, **{"kw_only": True, **options})


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class Body(msgspec.Struct, metaclass=_KeywordsOnly, frozen=True, forbid_unknown_fields=True):
    """What a client sends: unknown keys are refused, nothing has a default that means something."""


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class Query(msgspec.Struct, metaclass=_KeywordsOnly, frozen=True, forbid_unknown_fields=True):
    """The parameters of a query string: one text, number, date, choice or flag each."""


class Parameters(Protocol):
    """What Django's QueryDict offers and is needed here."""

    def lists(self) -> Iterable[tuple[str, list[Any]]]: ...


def prepare(packages: Collection[str]) -> None:
    """
    Have msgspec look at each struct of these packages that was imported.

    It looks when a struct is first needed, and if two threads need one first at the same time, the
    second meets it half looked at: the process dies of a segmentation fault. So a server calls this
    before it has threads.
    """
    for one in structs_of(packages):
        with suppress(TypeError):  # an answer whose bounds of a decimal are for its description
            msgspec.json.Decoder(one)


def structs_of(packages: Collection[str]) -> list[type[msgspec.Struct]]:
    """Return the structs of these packages that were imported."""
    return [one for one in _below(msgspec.Struct) if one.__module__.split(".")[0] in packages]


def _below(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def decode(value: object, kind: type[T]) -> T:
    """Make a struct of parsed JSON, without bending any type. Raises Invalid."""
    return _convert(value, kind, strict=True)


def decode_query(parameters: Parameters, kind: type[T]) -> T:
    """Make a struct of a query string: numbers, dates, UUIDs and flags from their text."""
    values: dict[str, str] = {}
    for name, given in parameters.lists():
        if len(given) > 1:
            raise Invalid.at(name, "repeated", _("Give this parameter once."))
        if bad := find_bad_text(name) or find_bad_text(given[0]):
            raise Invalid.at("" if find_bad_text(name) else name, *bad)
        values[name] = given[0]
    made = _convert(values, kind, strict=False)
    _refuse_null(made, values)
    return made


def encode(value: object) -> bytes:
    """Make JSON of structs, mappings and lists of what JSON, msgspec and this house know."""
    return _encoder.encode(value)


def canonical(value: object, *, without: Collection[str] = ()) -> bytes:
    """
    Return the bytes that equal contents share and different contents do not.

    Keys are sorted, texts NFC, 5.0 is 5, an instant is its moment and what decides its local date.
    A member that is null counts as absent, so that a field added later, null by default, leaves
    the bytes of what is already stored as they were. `without` leaves out top-level members.
    """
    plain = _canonical(msgspec.to_builtins(value, enc_hook=_canonical_own))
    for name in without:
        plain.pop(name, None)
    return _canonical_encoder.encode(plain).encode()


def content_hash(value: object, *, without: Collection[str] = ("sent_at",)) -> bytes:
    """Return the SHA-256 (32 bytes) of a struct's content; when it was sent is not content."""
    return hashlib.sha256(canonical(value, without=without)).digest()


def _convert(value: object, kind: type[T], *, strict: bool) -> T:
    try:
        return msgspec.convert(value, kind, strict=strict, dec_hook=parse_own)
    except msgspec.ValidationError as error:
        raise Invalid([field_error(error, kind)]) from None


def _refuse_null(made: Any, values: Collection[str]) -> None:
    """A filter that is given is never passed over: msgspec reads the word `null` as none at all."""
    fields = type(made)
    for name, field in zip(fields.__struct_encode_fields__, fields.__struct_fields__, strict=True):
        if name in values and getattr(made, field) is None:
            raise Invalid.at(name, "wrong_type", _("Leave this parameter out, or give it a value."))


def _canonical(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if kind is dict:
        return {key: _canonical(item) for key, item in value.items() if item is not None}
    if kind is list:
        return [_canonical(item) for item in value]
    if kind is float and value.is_integer():
        return int(value)
    return value


def _canonical_own(value: Any) -> Any:
    return value.canonical() if isinstance(value, Instant) else plain_own(value)
