"""Every `code` that a problem may carry, with its status, for the API's description."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

from django.utils.translation import override

from core.errors import DomainError
from rehab_platform import problems

DOMAIN: Final = ("core", "clinics", "programs", "patients", "sessions", "reminders")
# What the framework itself answers, before any code of ours is asked.
FRAMEWORK: Final = {
    "method_not_allowed": (405, "This address does not take that method."),
    "not_acceptable": (406, "The answer is JSON, and was asked for as something else."),
    "throttled": (429, "Too many requests: `Retry-After` says how long to wait."),
    "unsupported_media_type": (415, "The body is not `application/json`."),
}


def known_codes() -> list[dict[str, Any]]:
    """Return each code once, by name, with the meanings that it has in English."""
    found: dict[str, dict[str, Any]] = {
        code: {"code": code, "status": status, "means": [means]}
        for code, (status, means) in FRAMEWORK.items()
    }
    for kind in sorted(errors_of_ours(), key=lambda each: (each.__module__, each.__qualname__)):
        entry = found.setdefault(kind.code, {"code": kind.code, "status": kind.status, "means": []})
        with override("en"):
            means = str(kind.message)
        if means not in entry["means"]:
            entry["means"].append(means)
    return [found[code] for code in sorted(found)]


def errors_of_ours() -> set[type[DomainError]]:
    """Return every error of the product, whatever has been loaded so far; its bare base aside."""
    for app in DOMAIN:
        for module in pkgutil.walk_packages(import_module(app).__path__, f"{app}."):
            if ".migrations" not in module.name:
                import_module(module.name)
    ours = {*DOMAIN, problems.__name__.partition(".")[0]}
    return {kind for kind in _descendants(DomainError) if kind.__module__.partition(".")[0] in ours}


def _descendants(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)
