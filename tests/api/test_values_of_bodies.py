"""
Each value that every writer's example holds, exchanged for one that it must not be.

Bodies are read as requests' are, but without a request: what a body may hold is decided before
anybody looks who sends it. `test_malformed_bodies` sends what is no JSON to the same writers.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from django.http import QueryDict

from core.bodies import decode, decode_query, encode
from core.errors import Invalid
from core.strict_json import loads
from tests.architecture.addresses import addresses

INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT")
DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
IDENTITY = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-")
TIME = re.compile(r"^\d\d:\d\d$")

NO_NUMBER = [
    "4", "1_000", "٤", "４", "0x4", "", " 4", True, False, [4], {"a": 4}, -(10**9), 10**17, 10**18,
    1e308, -0.5,
]  # fmt: skip
NO_WHOLE_NUMBER = [4.0, 4.5, 1e3, -1, 2**31, 2**63]
NO_FLAG = [0, 1, "true", "yes", "", [], {}]
NO_TEXT = [
    4,
    4.5,
    True,
    [],
    ["a"],
    {},
    "a\x00b",
    "a\x07b",
    "\x1b[2J",
    "\ud800",
    "a\udfff",
    "x" * 100_000,
]
NO_INSTANT = [
    "2026-11-23T09:30:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z",
    "2101-01-01T00:00:00Z", "2026-02-30T09:30:00Z", "2026-11-23T25:00:00Z", "2026-11-23",
    "٢٠٢٦-11-23T09:30:00Z", 1_764_000_000, "1764000000", "", "now", True, [], {},
]  # fmt: skip
NO_DATE = [
    "2026-02-30", "2026-13-01", "9999-12-31", "0001-01-01", "2026-11-23T09:30:00Z", "23.11.2026",
    "٢٠٢٦-11-23", "2026-1-2", 20_261_123, "20261123", "", "today", True, [], {},
]  # fmt: skip
NO_TIME = ["24:00", "9:00", "21:60", "21", "٢١:00", "", 21, True, [], {}]
NO_IDENTITY = [
    "abc", "", 7, True, [], {}, "0d5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a1", "0d5c9f0e 6c1b",
    "zd5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a10", "0d5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a10\n",
]  # fmt: skip
NO_LIST = [{}, {"0": 1}, "a", 4, True]
NO_OBJECT = [[], [{}], "a", 4, True]
TENANCY = {"clinic": "0d5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a10", "clinic_id": 1, "__proto__": {}}

# Read one by one, after the batch itself: each is a body of a writer of its own.
READ_LATER = {"Batch": ("sessions.0", "safety_checks.0")}
# Right by itself, and judged with what stands around it: an exercise's large amounts by its rules, a
# fault by the picture, a score by the instrument, the name of a text by the names of the rules.
LARGE = [10**17, 2**31]
NO_SCORE = [True, False, [4], {"a": 4}, 10**18]
Path = tuple[str | int, ...]


def writers() -> Iterator[tuple[str, type, dict[str, Any]]]:
    """Yield the name, the body's struct and its example of every operation that takes a body."""
    for address in addresses():
        for method in address.methods:
            said = address.operation(method)
            if said is not None and said.body is not None:
                example = msgspec.json.decode(encode(said.examples["body"]))
                yield f"{method} {address}", said.body, example


WRITERS = sorted(writers(), key=lambda each: each[0])


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield each place of a body with what stands there, itself included."""
    yield path, value
    inner: dict[Any, Any] = dict(enumerate(value)) if isinstance(value, list) else value
    for key, below in inner.items() if isinstance(inner, dict) else ():
        yield from places(below, (*path, key))


def wrong_for(value: Any) -> list[Any]:
    """Return what must not stand where this stands."""
    if isinstance(value, bool):
        return NO_FLAG
    if isinstance(value, int):
        return [*NO_NUMBER, *NO_WHOLE_NUMBER]
    if isinstance(value, float):
        return NO_NUMBER
    if isinstance(value, list):
        return NO_LIST
    if isinstance(value, dict):
        return NO_OBJECT
    kinds = [(INSTANT, NO_INSTANT), (DATE, NO_DATE), (TIME, NO_TIME), (IDENTITY, NO_IDENTITY)]
    return next((wrong for shape, wrong in kinds if shape.match(value)), NO_TEXT)


def wrong_at(path: Path, there: Any) -> list[Any]:
    """Return what must not stand in a place: less where the rest is judged with its surroundings."""
    if path[-1] == "score":
        return NO_SCORE
    if path[-1] in ("baseline", "target"):  # of an exercise's amount or of a score
        return NO_NUMBER
    is_judged = "usual_dose" in path or path[-1] in ("fault", "faults")
    return [one for one in wrong_for(there) if not (is_judged and one in LARGE)]


def exchanged(body: Any, path: Path, value: Any) -> Any:
    """Return a body with another value in a place."""
    changed = copy.deepcopy(body)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


def fields_refused(body: Any, kind: type) -> list[str] | None:
    """Read a body as a request's; return the fields that it is refused for, None if for none."""
    try:
        decode(loads(json.dumps(body).encode()), kind)
    except Invalid as refused:
        return [one.field for one in refused.errors]
    return None


def accepted(body: Any, kind: type, field: str) -> bool:
    """Tell whether a body is read, or refused without naming that field, its object or a part."""
    named = fields_refused(body, kind) or []
    return not any(
        (one and f"{one}.".startswith(f"{field}.")) or (f"{field}.".startswith(f"{one}.") and one)
        for one in named
    )


def test_every_writer_is_looked_at_and_reads_its_own_example():
    refused = {name: fields_refused(example, kind) for name, kind, example in WRITERS}

    assert len(WRITERS) >= 60
    assert {name: fields for name, fields in refused.items() if fields is not None} == {}


@pytest.mark.parametrize(("name", "kind", "example"), WRITERS, ids=[each[0] for each in WRITERS])
def test_no_value_is_taken_for_another_one(name, kind, example):
    later = READ_LATER.get(kind.__name__, ())
    taken = [
        (field, value if len(repr(value)) < 60 else repr(value)[:60])
        for path, there in places(example)
        if path and not (field := ".".join(map(str, path))).startswith(later or ("\n",))
        for value in wrong_at(path, there)
        if accepted(exchanged(example, path, value), kind, field)
    ]

    assert taken == []


@pytest.mark.parametrize(("name", "kind", "example"), WRITERS, ids=[each[0] for each in WRITERS])
def test_nothing_is_taken_that_nobody_asked_for(name, kind, example):
    later = READ_LATER.get(kind.__name__, ())
    taken = [
        (path, extra)
        for path, there in places(example)
        if isinstance(there, dict) and not ".".join(map(str, path)).startswith(later or ("\n",))
        for extra, value in TENANCY.items()
        if (*path, extra)[-2:] != ("texts", "clinic")
        if accepted(
            exchanged(example, (*path, extra), value), kind, ".".join(map(str, (*path, extra)))
        )
    ]

    assert taken == []


def readers() -> Iterator[tuple[str, type]]:
    """Yield the name and the query's struct of every operation that takes parameters."""
    for address in addresses():
        for method in address.methods:
            said = address.operation(method)
            if said is not None and said.query is not None:
                yield f"{method} {address}", said.query


def read_as(kind: type, parameter: str, word: str) -> Any:
    """Return what a parameter is read as; the fields at fault where the query is refused."""
    try:
        made = decode_query(QueryDict(f"{parameter}={word}"), kind)
    except Invalid as refused:
        return [one.field for one in refused.errors]
    fields = dict(zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True))
    return getattr(made, fields[parameter])


@pytest.mark.parametrize("word", ["null", "NULL", "Null"])
def test_no_parameter_that_is_given_is_passed_over(word):
    read = [
        (name, parameter, read_as(kind, parameter, word))
        for name, kind in readers()
        for parameter in kind.__struct_encode_fields__
    ]

    assert len(read) > 60
    assert [each for each in read if each[2] not in (word, [each[1]])] == []
