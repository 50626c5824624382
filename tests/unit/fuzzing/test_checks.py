from __future__ import annotations

import json

import pytest
import requests
from schemathesis.core.transport import Response

from tests.fuzzing.checks import faults, strict
from tests.fuzzing.run import all_operations, is_for, kinds_of
from tests.fuzzing.stage import MARK, ROLES

PROBLEM = {
    "type": "about:blank", "title": "Bad Request", "status": 400, "code": "invalid",
    "detail": "What was sent is not valid.", "errors": [], "request_id": "r1",
}  # fmt: skip
ALERTS = {"results": [], "next": None}
THEIRS = {"is_foreign": False, "is_theirs": True, "may_see_clinics": False}


def operation(label):
    return next(one for one in all_operations() if one.label == label)


def answer(status, body, kind="application/json", query=""):
    request = requests.Request("GET", f"http://testserver/api/v1/alerts?{query}").prepare()
    return Response(
        status_code=status,
        headers={"Content-Type": [kind]} if kind else {},
        content=body if isinstance(body, bytes) else json.dumps(body).encode(),
        request=request,
        elapsed=0.0,
        verify=False,
    )


def found(response, label="GET /api/v1/alerts", **words):
    case = operation(label).Case(path_parameters={}, headers={}, query={})
    return list(faults(case, response, **THEIRS | words))


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (answer(200, ALERTS), []),
        (answer(400, PROBLEM, "application/problem+json"), []),
        (
            answer(500, PROBLEM, "application/problem+json"),
            ["Server error", "Undocumented status code"],
        ),
        (answer(409, PROBLEM, "application/problem+json"), ["Undocumented status code"]),
        (answer(429, PROBLEM, "application/problem+json"), ["Undocumented status code"]),
        (answer(400, PROBLEM), ["Undocumented Content-Type"]),
        (answer(200, ALERTS, "text/html"), ["Undocumented Content-Type"]),
        (answer(200, {"results": []}), ["Response violates schema"]),
        (answer(200, {"results": [{}], "next": None}), ["Response violates schema"]),
        (answer(400, {"detail": "no"}, "application/problem+json"), ["Response violates schema"]),
        (answer(200, ALERTS | {"next": MARK}), ["another clinic's row is shown"]),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(response, expected):
    said = found(response)

    assert len(said) == len(expected), said
    for one, start in zip(sorted(said), sorted(expected), strict=True):
        assert one.startswith(start)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({}, []),
        ({"is_foreign": True}, ["another clinic's row was found"]),
        ({"is_foreign": True, "may_see_clinics": True}, []),
        ({"is_theirs": False}, ["done for a role that may not"]),
    ],
)
def test_who_may_see_what_is_looked_at_when_something_was_done(words, expected):
    refused = answer(404, PROBLEM, "application/problem+json")

    assert found(answer(200, ALERTS), **words) == expected
    assert found(refused, **words) == []


@pytest.mark.parametrize(
    ("query", "taken"),
    [
        ("", []),
        ("limit=5&status=open", []),
        ("status=null", ["status"]),
        ("status=", ["status"]),
        ("patient=0d5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a10", []),
        ("patient=nobody", ["patient"]),
        ("limit=0", ["limit"]),
        ("limit=100", []),
        ("limit=101", ["limit"]),
        ("limit=true", ["limit"]),
        ("limit=5&limit=6", ["limit"]),
        ("order=name", ["order"]),
    ],
)
def test_a_parameter_that_is_taken_though_its_schema_refuses_it_is_said(query, taken):
    expected = [f"the query's {name} is taken though its schema refuses it" for name in taken]

    assert found(answer(200, ALERTS, query=query)) == expected
    refused = answer(400, PROBLEM, "application/problem+json", query)
    assert found(refused) == []


def test_nothing_stands_in_an_answer_that_says_so():
    label = "POST /api/v1/auth/sign-out"

    assert found(answer(204, b"", ""), label) == []
    assert found(answer(204, b"x", ""), label) == ["a 204 with a body"]


def test_operators_may_see_the_other_clinics_name():
    shown = answer(200, ALERTS | {"next": MARK})

    assert found(shown, may_see_clinics=True) == []


def test_no_operation_keeps_a_default_answer_and_nothing_else_is_gone():
    responses = {"200": {"description": "OK"}, "default": {"description": "Any"}}
    document = {"info": {}, "paths": {"/a": {"get": {"responses": responses}, "summary": "A"}}}

    assert strict(document) == {
        "info": {},
        "paths": {"/a": {"get": {"responses": {"200": {"description": "OK"}}}, "summary": "A"}},
    }
    assert "default" in responses
    assert all("default" not in one.responses.status_codes for one in all_operations())


def test_each_operation_is_for_somebody_and_what_ends_things_comes_last():
    operations = all_operations()

    assert [one.label for one in operations if not any(is_for(one, role) for role in ROLES)] == []
    assert [role for role in ROLES if is_for(operation("POST /api/v1/auth/sign-out"), role)] == [
        *ROLES
    ]
    assert [role for role in ROLES if is_for(operation("GET /api/v1/members"), role)] == ["admin"]
    labels = [one.label for one in operations]
    first_write = labels.index("POST /api/v1/auth/password-reset")
    assert labels.index("GET /api/v1/patients") < first_write
    assert first_write < labels.index("POST /api/v1/auth/sign-out")
    assert {"patient", "goal", "phone", "form_check"} < kinds_of(operations)
