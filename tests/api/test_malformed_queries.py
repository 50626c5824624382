"""A query that is not what the address reads is a clear 400 for every reader, never a 500."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from django.urls import get_resolver

from clinics.http import OPERATORS, ApiView, Scope
from clinics.openapi import operation_of
from patients.models import Line
from tests.api.caller import Caller
from tests.api.test_malformed_bodies import UNKNOWN, _fill, _views
from tests.factories import people, prescribed

# What no parameter of any list takes, whatever it is called.
BAD_VALUES = {
    "a NUL": "a\0b",
    "far too long": "x" * 3_000,
    "an object": '{"a": 1}',
    "SQL": "1' OR '1'='1",
    "other digits": "١٢",
    "digits with a line": "1_000",
    "a fraction": "1.5",
    "below nought": "-1",
    "huge": "9" * 400,
    "a template": "{{ 7 * 7 }}",
}
# Those that ask for free text, where most of the above is text like any other.
FREE_TEXT = {"search", "q", "text", "name", "action"}


def readers() -> Iterator[tuple[str, type[ApiView], type[msgspec.Struct] | None]]:
    """Yield (route, view, its query) of each address that is read."""
    for route, view in _views(get_resolver().url_patterns, ""):
        described = operation_of(getattr(view, "get", None))
        if described is not None:
            yield route, view, described.query


READERS = sorted(readers(), key=lambda each: each[0])
ASKED = [each for each in READERS if each[2] is not None]


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


def asker(caller: Caller, world: people.World, view: type[ApiView]) -> Caller:
    if view.scope is Scope.RECORD:
        return caller.as_(world.ana)
    named = view.access["get"]
    if named == OPERATORS:
        return caller.as_(people.operator())
    return caller.as_(world.admin if "admin" in named and "therapist" not in named else world.rui)


def address(route: str, world: people.World, line: Line) -> str:
    named = {
        "patient_id": str(world.ana.pk),
        "line_id": str(line.pk),
        "assignment_id": str(line.assignment_id),
    }
    return "/" + _fill(route, named)


def test_there_are_readers_to_look_at():
    assert len(READERS) >= 15
    assert len(ASKED) >= 8


@pytest.mark.parametrize(("route", "view", "query"), ASKED, ids=[each[0] for each in ASKED])
def test_a_parameter_of_another_shape_is_refused_by_name(caller, world, line, route, view, query):
    who, path = asker(caller, world, view), address(route, world, line)
    if who.get(path).status_code == 404:
        pytest.fail(f"{path} is not there at all")
    wrong = {}
    for field in msgspec.structs.fields(query):
        for name, value in BAD_VALUES.items():
            answer = who.get(path, {field.encode_name: value})
            if field.encode_name in FREE_TEXT and answer.status_code == 200:
                continue
            said = answer.status_code == 400 and [
                each["field"] for each in answer.json()["errors"]
            ] == [field.encode_name]
            if not said:
                wrong[field.encode_name, name] = (answer.status_code, answer.content[:160])

    assert wrong == {}


@pytest.mark.parametrize(
    ("route", "view"), [each[:2] for each in READERS], ids=[each[0] for each in READERS]
)
def test_a_parameter_that_is_not_read_is_refused_or_changes_nothing(
    caller, world, line, route, view
):
    """`?clinic=…`, `?ids=…` and the like never choose rows."""
    who, path = asker(caller, world, view), address(route, world, line)
    plain = who.get(path)

    for name in ("clinic", "clinic_id", "ids", "after", "ordering", "patient__clinic"):
        answer = who.get(path, {name: str(world.far_clinic.pk)})
        if answer.status_code == 400:
            assert [each["field"] for each in answer.json()["errors"]] == [name]
        else:
            assert (answer.status_code, _body(answer)) == (plain.status_code, _body(plain))


def _body(answer) -> object:
    return {**answer.json(), "request_id": ""} if answer.content else {}


@pytest.mark.parametrize(("route", "view", "query"), ASKED, ids=[each[0] for each in ASKED])
def test_a_parameter_that_stands_twice_is_not_chosen_from(caller, world, line, route, view, query):
    who, path = asker(caller, world, view), address(route, world, line)

    for field in msgspec.structs.fields(query):
        twice = who.get(f"{path}?{field.encode_name}=1&{field.encode_name}=2")

        assert twice.status_code == 400
        assert {each["field"] for each in twice.json()["errors"]} == {field.encode_name}


LISTS = [
    each for each in ASKED if "limit" in {field.encode_name for field in msgspec.structs.fields(each[2])}
]  # fmt: skip


LIMITS = {"1": 200, "100": 200, "0": 400, "101": 400, "01": 400}
CURSORS = ["", "x", UNKNOWN, "eyJhIjoxfQ:1:abc", "é", "x" * 2_001]


@pytest.mark.parametrize(("route", "view", "query"), LISTS, ids=[each[0] for each in LISTS])
def test_every_list_gives_one_to_a_hundred_rows_from_a_place_that_it_named(
    caller, world, line, route, view, query
):
    who, path = asker(caller, world, view), address(route, world, line)

    for limit, status in LIMITS.items():
        answer = who.get(path, {"limit": limit})

        assert answer.status_code == status, limit
        assert status == 400 or len(answer.json()["results"]) <= int(limit)
    for cursor in CURSORS:
        answer = who.get(path, {"cursor": cursor})

        assert answer.status_code == 400, cursor
        assert {each["field"] for each in answer.json()["errors"]} == {"cursor"}


WITH_IDS = [each[:2] for each in READERS if "<uuid:" in each[0]]


@pytest.mark.parametrize("word", ["1", "abc", "None", "..%2F..", "%00", "0" * 32, "'"])
def test_what_is_no_id_leads_nowhere(caller, world, word):
    for route, view in WITH_IDS:
        parts = (word if part.startswith("<") else part for part in route.split("/"))

        answer = asker(caller, world, view).get("/" + "/".join(parts))

        assert answer.status_code == 404, route
        assert answer.headers["Content-Type"] == "application/problem+json"
