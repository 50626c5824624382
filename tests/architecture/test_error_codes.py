"""Clients rely on the codes of problems: each is well formed, has one status, and is described."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable

import pytest
import yaml

from core.errors import Conflict, DomainError, Invalid
from rehab_platform.known_errors import FRAMEWORK, errors_of_ours, known_codes
from tests.api.caller import Caller
from tests.architecture.project import ROOT, written_by_hand
from tests.factories import people

WELL_FORMED = re.compile(r"[a-z]+(_[a-z]+)*")
STATUSES = {400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 429, 500, 503}
# Bases that only their children, or `Class.at(…)`, are raised as.
NEVER_RAISED_THEMSELVES = {"Conflict"}

Error = type[DomainError]


def ill_formed(errors: Iterable[Error]) -> list[str]:
    """A code is a few lower-case words, no longer than a person can read at a glance."""
    return sorted(
        f"{each.__name__}: {each.code!r}"
        for each in errors
        if not WELL_FORMED.fullmatch(each.code) or len(each.code) > 40
    )


def unknown_statuses(errors: Iterable[Error]) -> list[str]:
    return sorted(
        f"{each.__name__}: {each.status}" for each in errors if each.status not in STATUSES
    )


def of_several_statuses(errors: Iterable[Error]) -> list[str]:
    """Whoever knows the code knows the status."""
    statuses = defaultdict(set)
    for each in errors:
        statuses[each.code].add(each.status)
    return sorted(code for code, found in statuses.items() if len(found) > 1)


def unlike_their_base(errors: Iterable[Error]) -> list[str]:
    """A child of `Conflict` is a conflict: it may have another code, never another status."""
    return sorted(
        each.__name__
        for each in errors
        for base in each.__mro__[1:]
        if issubclass(base, DomainError) and base is not DomainError and base.status != each.status
    )


def raised_nowhere(errors: Iterable[Error]) -> list[str]:
    """Return the errors whose names stand nowhere but where they are defined."""
    used = set()
    for module in written_by_hand():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Name):
                used.add(node.id)
            elif isinstance(node, ast.Attribute):
                used.add(node.attr)
    return sorted({each.__name__ for each in errors} - used - NEVER_RAISED_THEMSELVES)


GUARDS = (ill_formed, unknown_statuses, of_several_statuses, unlike_their_base, raised_nowhere)


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.__name__)
def test_every_error_keeps(guard):
    assert guard(errors_of_ours()) == []


def test_there_are_errors_to_look_at_and_none_of_a_test():
    class OfATest(Conflict):
        code = "of_a_test"

    found = {each.__name__ for each in errors_of_ours()}

    assert len(found) > 40
    assert {"NotFound", "StaleVersion", "NotConfirmed", "TryAgain"} <= found
    assert OfATest.__name__ not in found


def test_the_description_lists_every_code_with_its_status_and_what_it_means():
    described = yaml.load((ROOT / "docs" / "openapi.yaml").read_text(), yaml.CSafeLoader)
    listed = described["components"]["schemas"]["Problem"]["properties"]["code"]["x-known-codes"]

    assert listed == known_codes()
    assert {each.code for each in errors_of_ours()} | set(FRAMEWORK) == {
        each["code"] for each in listed
    }
    assert [each["code"] for each in listed] == sorted(each["code"] for each in listed)
    assert all(each["means"] and all(each["means"]) for each in listed)


def test_a_code_of_two_errors_is_listed_once_with_both_meanings():
    (found,) = [each for each in known_codes() if each["code"] == "patient_discharged"]

    assert found["status"] == 409
    assert len(found["means"]) == 2


@pytest.mark.django_db
def test_the_frameworks_own_answers_have_the_codes_that_are_listed():
    rui = Caller().as_(people.world().rui)
    answers = {
        "method_not_allowed": rui.put("patients", {}),
        "not_acceptable": rui.get("patients", headers={"Accept": "text/csv"}),
    }

    for code, answer in answers.items():
        assert (answer.status_code, answer.json()["code"]) == (FRAMEWORK[code][0], code)


class Shouting(Conflict):
    code = "Not_Held"


class Endless(Conflict):
    code = "a" * 41


class Teapot(DomainError):
    code = "teapot"
    status = 418


class Elsewhere(Conflict):
    code = "teapot"


class Softer(Invalid):
    code = "softer"
    status = 404


@pytest.mark.parametrize(
    ("guard", "errors", "complaint"),
    [
        (ill_formed, [Shouting], ["Shouting: 'Not_Held'"]),
        (ill_formed, [Endless], [f"Endless: '{'a' * 41}'"]),
        (unknown_statuses, [Teapot], ["Teapot: 418"]),
        (of_several_statuses, [Teapot, Elsewhere], ["teapot"]),
        (unlike_their_base, [Softer], ["Softer"]),
        (raised_nowhere, [Teapot], ["Teapot"]),
    ],
)
def test_a_guard_complains_about_a_bad_error(guard, errors, complaint):
    assert guard(errors) == complaint
