"""What is not strict JSON is a clear 4xx for every writer, never a 500, and stores nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from clinics.http import ApiView, Scope
from clinics.openapi import operation_of
from core.tenancy import clinic_context
from patients.models import Line
from tests.api.caller import Caller
from tests.factories import people, prescribed

UNKNOWN = "0d5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a10"
DEEP = b'{"a":' * 17 + b"1" + b"}" * 17
RAW = {
    "empty": b"",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "cut off": b'{"id": "a',
    "a comment": b'{"id": 1} // one',
    "single quotes": b"{'id': 1}",
    "duplicate keys": b'{"reason": "a", "reason": "b"}',
    "nested duplicate keys": b'{"results": [{"line": 1, "line": 2}]}',
    "NaN": b'{"effort": NaN}',
    "-Infinity": b'{"effort": -Infinity}',
    "1e400": b'{"effort": 1e400}',
    "5,000 digits": b'{"effort": ' + b"9" * 5_000 + b"}",
    "a NUL in a text": b'{"reason": "a\\u0000b"}',
    "a NUL in a key": b'{"rea\\u0000son": "a"}',
    "half a surrogate pair": b'{"reason": "\\ud800"}',
    "17 deep": DEEP,
    "100,000 arrays": b"[" * 100_000,
    "not UTF-8": b'{"reason": "\xff\xfe"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"reason": "a"}'.encode("utf-16"),
    "an unknown field": b'{"no_such_field": 1}',
    "a clinic": json.dumps({"clinic_id": UNKNOWN}).encode(),
}


def writers() -> Iterator[tuple[str, str, type[ApiView]]]:
    """Yield (method, route, view) of each operation that takes a body."""
    for route, view in _views(get_resolver().url_patterns, ""):
        for method in ("post", "put", "patch", "delete"):
            described = operation_of(getattr(view, method, None))
            if described is not None and described.body is not None:
                yield method, route, view


def _views(patterns: list[Any], before: str) -> Iterator[tuple[str, type[ApiView]]]:
    for entry in patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _views(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            view = getattr(entry.callback, "view_class", getattr(entry.callback, "cls", None))
            if isinstance(view, type) and issubclass(view, ApiView):
                yield route, view


WRITERS = sorted(writers(), key=lambda each: (each[1], each[0]))


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


def counted(world: people.World) -> list[int]:
    """Count the rows of every table of the platform that this clinic sees."""
    with clinic_context(world.clinic.pk), connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~"
            " '^(patients|rehab_sessions|programs)_' ORDER BY relname"
        )
        tables = [row[0] for row in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(f'SELECT count(*) FROM "{name}"' for name in tables))
        return [row[0] for row in cursor.fetchall()]


def test_there_are_writers_to_look_at():
    assert len(WRITERS) >= 25


@pytest.mark.parametrize(
    ("method", "route", "view"), WRITERS, ids=[f"{each[0]} {each[1]}" for each in WRITERS]
)
def test_every_writer_refuses_what_is_not_strict_json(
    caller: Caller, world, line, method, route, view
):
    named = {"patient_id": str(world.ana.pk), "line_id": str(line.pk)}
    named["assignment_id"] = str(line.assignment_id)
    path = "/" + _fill(route, named)
    who = caller.as_(world.ana if view.scope is Scope.RECORD else world.rui)
    before = counted(world)

    answers = {name: who.call(method, path, raw) for name, raw in RAW.items()}

    wrong = {
        name: (answer.status_code, answer.content[:200])
        for name, answer in answers.items()
        if answer.status_code not in (400, 403, 404, 413)
        or answer.headers["Content-Type"] != "application/problem+json"
        or not answer.json()["code"]
    }
    assert wrong == {}
    assert counted(world) == before


def _fill(route: str, named: dict[str, str]) -> str:
    parts = []
    for part in route.split("/"):
        name = part.strip("<>").split(":")[-1]
        parts.append(named.get(name, UNKNOWN) if part.startswith("<") else part)
    return "/".join(parts)


@pytest.mark.parametrize("media_type", ["text/plain", "multipart/form-data; boundary=x", ""])
def test_another_media_type_is_not_read(caller: Caller, world, media_type):
    token = caller.as_(world.ana).token
    answer = Client().generic(
        "POST",
        "/api/v1/me/sessions",
        b"{}",
        content_type=media_type,
        headers={"Authorization": f"Bearer {token}"},
    )

    assert answer.status_code in (400, 415)
    assert answer.json()["code"]
