"""
What a view's method says about itself for the interface's description (OpenAPI).

    class SessionsView(RecordView):
        access = {"post": RECORD_HOLDERS}

        @operation(
            summary="Log a session",
            body=LogSession,
            answers={201: SessionAnswer, 200: SessionAnswer},
            problems=(409,),
            examples={"body": {"id": "…", …}, 201: {"id": "…", …}, 200: {"id": "…", …}},
        )
        def post(self, request: Request) -> Response: ...

Added without saying: who may call, the sign-in, X-Record or X-Clinic, path parameters, and the
problems that follow from those (400, 401, 403, 404, 413, 415).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

Handler = TypeVar("Handler", bound=Callable[..., Any])

# A struct, a list of one, or None where the answer has no body.
BodyType = Any
ExampleKey = int | Literal["body"]

_ATTRIBUTE: Final = "operation"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """
    One method of one address.

    `answers` maps a status to the struct that it carries. `examples` holds one for "body" and one
    for each answer that has a body, as structs or as what JSON says. `headers` are request headers
    by name, with what they mean.
    """

    summary: str
    description: str = ""
    body: BodyType = None
    query: type | None = None
    answers: Mapping[int, BodyType] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    examples: Mapping[ExampleKey, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    tag: str = ""
    operation_id: str = ""


def operation(
    *,
    summary: str,
    description: str = "",
    body: BodyType = None,
    query: type | None = None,
    answers: Mapping[int, BodyType],
    problems: tuple[int, ...] = (),
    examples: Mapping[ExampleKey, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    tag: str = "",
    operation_id: str = "",
) -> Callable[[Handler], Handler]:
    """Describe the method below. Every method of the API needs this: the schema check says so."""
    described = Operation(
        summary=summary, description=description, body=body, query=query, answers=answers,
        problems=problems, examples=examples or {}, headers=headers or {}, tag=tag,
        operation_id=operation_id,
    )  # fmt: skip

    def describe(handler: Handler) -> Handler:
        setattr(handler, _ATTRIBUTE, described)
        return handler

    return describe


def operation_of(handler: object) -> Operation | None:
    """Return what a method says about itself, or None."""
    described = getattr(handler, _ATTRIBUTE, None)
    return described if isinstance(described, Operation) else None
