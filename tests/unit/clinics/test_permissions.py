"""What a view does not name is denied; what it names is allowed to those alone."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

import pytest

from clinics import actors
from clinics.actors import Actor
from clinics.permissions import DenyByDefault
from core.errors import Forbidden, NotSignedIn

USER = uuid.UUID(int=1)


def staff(*roles: str) -> Actor:
    return Actor(user_id=USER, acting_as="staff", roles=frozenset(roles))


PEOPLE = {
    "nobody": None,
    "patient": Actor(user_id=USER, acting_as="patient"),
    "carer": Actor(user_id=USER, acting_as="carer"),
    "therapist": staff("therapist"),
    "admin": staff("admin"),
    "both": staff("admin", "therapist"),
    "login": Actor(user_id=USER, acting_as="user"),
    "operator": Actor(user_id=USER, acting_as="operator"),
}
# What a view names for GET → who of them may; the others are refused by name, nobody by sign-in.
MAY = [
    ({"anyone"}, {"nobody", "patient", "carer", "therapist", "admin", "both", "login", "operator"}),
    ({"user"}, {"patient", "carer", "therapist", "admin", "both", "login", "operator"}),
    ({"patient"}, {"patient"}),
    ({"carer"}, {"carer"}),
    ({"patient", "carer"}, {"patient", "carer"}),
    ({"therapist"}, {"therapist", "both"}),
    ({"admin"}, {"admin", "both"}),
    ({"admin", "therapist"}, {"therapist", "admin", "both"}),
    ({"staff"}, {"therapist", "admin", "both"}),
    ({"operator"}, {"operator"}),
    ({"system"}, set()),
    (set(), set()),
]


def asks(
    who: Actor | None, access: dict[str, frozenset[str]], method: str = "GET", has="get"
) -> Any:
    view = SimpleNamespace(access=access, **dict.fromkeys(has.split(), print))
    return DenyByDefault().has_permission(SimpleNamespace(method=method, actor=who), view)


@pytest.mark.parametrize(("named", "allowed"), MAY, ids=lambda each: "+".join(sorted(each)) or "-")
@pytest.mark.parametrize("name", PEOPLE)
def test_who_may_is_who_is_named(named, allowed, name):
    access = {"get": frozenset(named)}

    if name in allowed:
        assert asks(PEOPLE[name], access) is True
    else:
        with pytest.raises(NotSignedIn if name == "nobody" else Forbidden):
            asks(PEOPLE[name], access)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_method_that_is_not_named_is_denied_though_another_is_open(method):
    access = {"get": frozenset({"anyone"})}
    has = f"get {method.lower()}"

    with pytest.raises(NotSignedIn):
        asks(None, access, method, has)
    with pytest.raises(Forbidden):
        asks(PEOPLE["both"], access, method, has)


def test_a_method_that_the_view_does_not_have_is_left_to_the_framework():
    access = {"get": frozenset({"therapist"})}

    assert asks(PEOPLE["patient"], access, "PATCH") is True
    with pytest.raises(NotSignedIn):
        asks(None, access, "PATCH")


def test_head_is_asked_for_as_get():
    access = {"get": frozenset({"therapist"})}

    assert asks(PEOPLE["therapist"], access, "HEAD") is True
    with pytest.raises(Forbidden):
        asks(PEOPLE["admin"], access, "HEAD")


def test_a_view_that_names_nothing_is_closed():
    request = SimpleNamespace(method="GET", actor=PEOPLE["both"])

    with pytest.raises(Forbidden):
        DenyByDefault().has_permission(request, SimpleNamespace(get=print))


def test_a_request_without_an_actor_at_all_is_nobodys():
    view = SimpleNamespace(access={"get": frozenset({"user"})}, get=print)

    with pytest.raises(NotSignedIn):
        DenyByDefault().has_permission(SimpleNamespace(method="GET"), view)


@pytest.mark.parametrize(
    ("who", "therapist", "admin", "works"),
    [
        (PEOPLE["therapist"], True, False, True),
        (PEOPLE["admin"], False, True, True),
        (PEOPLE["both"], True, True, True),
        (PEOPLE["patient"], False, False, False),
        (actors.system(), False, False, False),
    ],
)
def test_what_an_actor_is_follows_from_the_roles_that_were_granted(who, therapist, admin, works):
    assert (who.is_therapist, who.is_admin, who.is_staff) == (therapist, admin, works)
