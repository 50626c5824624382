"""Every address of the API, read from the URL configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from clinics.openapi import Operation, operation_of

METHODS = ("get", "post", "put", "patch", "delete")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One route and the class that answers it; `route` begins with api/v1/."""

    route: str
    view: type[APIView]

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(method for method in METHODS if hasattr(self.view, method))

    @property
    def parameters(self) -> list[str]:
        return PARAMETER.findall(self.route)

    def operation(self, method: str) -> Operation | None:
        return operation_of(getattr(self.view, method))

    def path(self, values: dict[str, Any]) -> str:
        return "/" + PARAMETER.sub(lambda found: str(values[found[1]]), self.route)

    def __str__(self) -> str:
        return self.route


@cache
def addresses() -> tuple[Address, ...]:
    found = _walk(get_resolver().url_patterns, "")
    return tuple(
        Address(route, getattr(pattern.callback, "cls", None) or pattern.callback.view_class)
        for route, pattern in found
        if route.startswith("api/")
    )


def _walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route, pattern
