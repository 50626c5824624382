"""
The interface's description, made of what the views' methods say (`clinics.openapi`).

The bodies' own schemas come from their structs. What is missing, an example that its struct would
refuse, and a reference that leads nowhere are errors, which `--fail-on-warn` makes fatal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final
from weakref import WeakKeyDictionary

import msgspec
from drf_spectacular.drainage import error
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework.views import APIView

from clinics.http import CHOICE_HEADER, ApiView, Scope
from clinics.openapi import BodyType, ExampleKey, Operation, operation_of
from core.bodies import decode, encode, schema_own
from core.errors import FieldError, Invalid
from rehab_platform.known_errors import known_codes
from rehab_platform.problems import PROBLEM_JSON, Problem, problem

REFERENCE: Final = "#/components/schemas/"
SIGN_IN: Final = "deviceToken"

Json = dict[str, Any]

_JSON = "application/json"
_PATH_PART = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_PATH_KINDS: dict[str, Json] = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer"},
}
# Of a header: with `format: uuid`, generated clients hand HTTP an object that is no text.
_UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_LISTING = re.compile(r"^Listing_(\w+)_$")

# The structs that the operations of one run name; they become components when all are known.
_used: WeakKeyDictionary[ComponentRegistry, list[BodyType]] = WeakKeyDictionary()


class HouseAutoSchema(AutoSchema):
    """Builds one operation. Nothing is guessed from serializers: there are none."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> Json | None:
        if self.is_excluded():
            return None
        assert self.view is not None
        name = type(self.view).__name__
        said = operation_of(getattr(self.view, method.lower(), None))
        if said is None:
            error(f"{name}.{method.lower()} has no @operation")
            return None
        for fault in example_faults(said):
            error(f"{name}.{method.lower()}: {fault}")
        types = _used.setdefault(registry, [Problem])
        types += [kind for kind in (said.body, *said.answers.values()) if kind is not None]
        return _operation(said, self.view, path_regex, re.sub(path_prefix, "", path), method)


def add_bodies(result: Json, generator: Any, request: Any, public: bool) -> Json:  # noqa: FBT001
    """Add the structs' schemas and the sign-in to the description: a post-processing hook."""
    _schemas, components = msgspec.json.schema_components(
        [*_used.get(generator.registry, [Problem])],
        schema_hook=schema_own,
        ref_template=REFERENCE + "{name}",
    )
    parts = result.setdefault("components", {})
    components["Problem"]["properties"]["code"]["x-known-codes"] = known_codes()
    parts.setdefault("schemas", {}).update(sorted(components.items()))
    parts.setdefault("securitySchemes", {})[SIGN_IN] = {
        "type": "http",
        "scheme": "bearer",
        "description": "The token that signing in returns, one for each device.",
    }
    for name in ambiguous_names(components):
        error(f"There are two structs of the name {name}: rename one.")
    renamed: Json = _renamed(result)
    for reference in dangling_references(renamed):
        error(f"{reference} leads nowhere: are there two structs of that name?")
    return renamed


def example_faults(said: Operation) -> list[str]:
    """Say which examples are missing, and which their own structs refuse."""
    wanted: list[tuple[ExampleKey, BodyType]] = [("body", said.body), *said.answers.items()]
    faults = []
    for key, kind in wanted:
        if kind is None:
            continue
        if key not in said.examples:
            faults.append(f"no example for {key}")
            continue
        try:
            decode(_plain(said.examples[key]), kind)
        except Invalid as refused:
            faults += [f"example for {key}: {one.field} {one.code}" for one in refused.errors]
    return faults


def ambiguous_names(components: Json) -> list[str]:
    """
    Return the components that are told apart by their modules alone.

    Generators of clients name a class by the last part, and leave out what comes second.
    """
    return sorted(name for name in components if "." in name)


def dangling_references(document: Json) -> list[str]:
    """Return the references inside a document that lead to no component."""
    known = document.get("components", {}).get("schemas", {})
    return sorted(
        one for one in set(_references(document)) if one.removeprefix(REFERENCE) not in known
    )


def _operation(said: Operation, view: APIView, path_regex: str, path: str, method: str) -> Json:
    made: Json = {
        "operationId": said.operation_id or _operation_id(method, path),
        "summary": said.summary,
        "description": _description(said, view, method),
        "tags": [said.tag or path.strip("/").split("/")[0]],
        "parameters": [
            *_path_parameters(path_regex),
            *_header_parameters(said, view),
            *_query_parameters(said.query),
        ],
        "security": [] if _is_public(view) else [{SIGN_IN: []}],
        "responses": _responses(said, view, path_regex),
    }
    if said.body is not None:
        made["requestBody"] = {
            "required": True,
            "content": {_JSON: _content(said.body, said.examples.get("body"))},
        }
    return {key: value for key, value in made.items() if value or key == "security"}


def _operation_id(method: str, path: str) -> str:
    words = path.strip("/").replace("{", "by_").replace("}", "").replace("-", "_").split("/")
    return "_".join([method.lower(), *(word for word in words if word)])


def _description(said: Operation, view: APIView, method: str) -> str:
    callers = sorted(getattr(view, "access", {}).get(method.lower(), ()))
    return "\n\n".join(part for part in (said.description, f"For: {', '.join(callers)}.") if part)


def _path_parameters(path_regex: str) -> list[Json]:
    return [
        {
            "name": part["name"],
            "in": "path",
            "required": True,
            "schema": _PATH_KINDS.get(part["kind"] or "", {"type": "string"}),
        }
        for part in _PATH_PART.finditer(path_regex)
    ]


def _header_parameters(said: Operation, view: APIView) -> list[Json]:
    parameters = [
        {"name": name, "in": "header", "description": meaning, "schema": {"type": "string"}}
        for name, meaning in said.headers.items()
    ]
    choice = CHOICE_HEADER.get(_scope(view))
    if choice:
        parameters.append(
            {
                "name": choice,
                "in": "header",
                "description": "Which one, where there are several.",
                "schema": {"type": "string", "pattern": _UUID},
            }
        )
    return parameters


def _query_parameters(query: type | None) -> list[Json]:
    if query is None:
        return []
    _schemas, components = msgspec.json.schema_components([query], schema_hook=schema_own)
    schema = components[query.__name__]
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _not_null(part),
        }
        for name, part in schema["properties"].items()
    ]


def _not_null(schema: Json) -> Json:
    """A parameter is left out, never null."""
    options = [one for one in schema.get("anyOf", [schema]) if one != {"type": "null"}]
    told = {key: value for key, value in schema.items() if key != "anyOf" and value is not None}
    return {**told, **options[0]} if len(options) == 1 else {**told, "anyOf": options}


def _responses(said: Operation, view: APIView, path_regex: str) -> Json:
    responses: Json = {
        str(status): _response(status, kind, said.examples.get(status))
        for status, kind in said.answers.items()
    }
    for status in sorted(_problem_statuses(said, view, path_regex)):
        responses[str(status)] = _problem_response(status)
    responses["default"] = _problem_response(500)
    return responses


def _problem_statuses(said: Operation, view: APIView, path_regex: str) -> set[int]:
    statuses = set(said.problems)
    if not _is_public(view):
        statuses |= {401, 403}
    if CHOICE_HEADER.get(_scope(view)):
        statuses |= {400, 404}
    if said.query is not None:
        statuses.add(400)
    if said.body is not None:
        statuses |= {400, 413, 415}
    if _PATH_PART.search(path_regex):
        statuses.add(404)
    return statuses


def _response(status: int, kind: BodyType, example: Any) -> Json:
    response: Json = {"description": HTTPStatus(status).phrase}
    if kind is not None:
        response["content"] = {_JSON: _content(kind, example)}
    return response


def _problem_response(status: int) -> Json:
    code = HTTPStatus(status).name.lower()
    errors = [FieldError(field="pain_after", code="out_of_range", detail="The most is 10.")]
    example = problem(
        status=status,
        code="invalid" if status == 400 else code,
        detail="What happened, in words.",
        errors=errors if status == 400 else [],
        request=None,
    )
    return {
        "description": HTTPStatus(status).phrase if status != 500 else "Any other problem",
        "content": {PROBLEM_JSON: _content(Problem, example)},
    }


def _content(kind: BodyType, example: Any) -> Json:
    (schema,), _components = msgspec.json.schema_components(
        [kind], schema_hook=schema_own, ref_template=REFERENCE + "{name}"
    )
    return {"schema": schema} if example is None else {"schema": schema, "example": _plain(example)}


def _plain(example: Any) -> Any:
    return msgspec.json.decode(encode(example))


def _scope(view: APIView) -> Scope:
    return view.scope if isinstance(view, ApiView) else Scope.PUBLIC


def _is_public(view: APIView) -> bool:
    return _scope(view) is Scope.PUBLIC


def _renamed(node: Any) -> Any:
    """Call a page of patients `PatientList`, not `Listing_Patient_`, wherever it is named."""
    if isinstance(node, list):
        return [_renamed(item) for item in node]
    if not isinstance(node, dict):
        return _new_name(node, REFERENCE) if isinstance(node, str) else node
    return {_new_name(key): _renamed(value) for key, value in node.items()}


def _new_name(name: str, prefix: str = "") -> str:
    if not name.startswith(prefix):
        return name
    return prefix + _LISTING.sub(r"\1List", name.removeprefix(prefix))


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)
