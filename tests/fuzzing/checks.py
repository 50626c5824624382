"""What must hold of every answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jsonschema import Draft202012Validator
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzzing.stage import MARK

OF_THE_SCHEMA = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
HTTP_METHODS = ("get", "post", "put", "patch", "delete")


def strict(document: dict[str, Any]) -> dict[str, Any]:
    """
    Return the API's description without its `default` answers.

    They tell clients that any other problem has the same shape; here every status that is answered
    must be one that its operation names.
    """
    paths = {
        path: {
            method: _without_default(told) if method in HTTP_METHODS else told
            for method, told in item.items()
        }
        for path, item in document["paths"].items()
    }
    return {**document, "paths": paths}


def _without_default(operation: dict[str, Any]) -> dict[str, Any]:
    responses = operation["responses"]
    return {
        **operation,
        "responses": {status: told for status, told in responses.items() if status != "default"},
    }


def faults(
    case: Case, response: Response, *, is_foreign: bool, is_theirs: bool, may_see_clinics: bool
) -> Iterator[str]:
    """
    Yield what is wrong with an answer.

    `is_foreign`: the request named another clinic's row; `is_theirs`: the role may do this at all.
    """
    yield from _of_the_schema(case, response)
    succeeded = response.status_code < 300
    if response.status_code == 204 and response.content:
        yield "a 204 with a body"
    if succeeded and is_foreign and not may_see_clinics:
        yield "another clinic's row was found"
    if succeeded:
        yield from _taken_anyway(case, response)
    if succeeded and not is_theirs:
        yield "done for a role that may not"
    if MARK.encode() in response.content and not may_see_clinics:
        yield "another clinic's row is shown"


def _taken_anyway(case: Case, response: Response) -> Iterator[str]:
    """Yield the parameters of the query whose schemas refuse what was sent and is answered."""
    sent = parse_qs(urlsplit(response.request.url or "").query, keep_blank_values=True)
    schemas = {
        one["name"]: one["schema"]
        for one in case.operation.definition.raw.get("parameters", [])
        if one["in"] == "query"
    }
    for name, texts in sent.items():
        if name not in schemas or len(texts) > 1 or not _fits(texts[0], schemas[name]):
            yield f"the query's {name} is taken though its schema refuses it"


def _fits(text: str, schema: dict[str, Any]) -> bool:
    """Tell whether a schema allows a text, or the number or flag that it says."""
    read: list[Any] = [text]
    if re.fullmatch(r"-?\d+(\.\d+)?|true|false", text):
        with suppress(ValueError):  # such as 007
            read.append(json.loads(text))
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return any(validator.is_valid(one) for one in read)


def _of_the_schema(case: Case, response: Response) -> Iterator[str]:
    try:
        case.validate_response(response, checks=OF_THE_SCHEMA)
    except FailureGroup as group:
        for one in group.exceptions:
            yield _told(one) if isinstance(one, Failure) else repr(one)
    except Failure as one:
        yield _told(one)


def _told(failure: Failure) -> str:
    lines = [line.strip() for line in f"{failure.title}: {failure.message}".splitlines()]
    return " ".join(line for line in lines if line)
