"""Every address says who may call it and what it does."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

import pytest
from django.conf import settings
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from clinics.actors import ADMIN, CARER, OPERATOR, PATIENT, SYSTEM, THERAPIST, Actor
from clinics.http import ANYONE, OPERATORS, RECORD_HOLDERS, USERS, ApiView, Scope, StaffView
from clinics.openapi import operation
from clinics.permissions import DenyByDefault
from core.errors import Forbidden, NotSignedIn
from rehab_platform.schema import example_faults
from tests.architecture.addresses import Address, addresses

WORDS = {"anyone", "user", PATIENT, CARER, THERAPIST, ADMIN, OPERATOR}

# Views that are none of ours, and why.
FOREIGN_VIEWS = {
    "api/v1/docs/": "the browsable description is drf-spectacular's page; it holds nobody's data",
}
# Without @operation, and why.
UNDESCRIBED = {
    "api/v1/docs/": "the description's own page",
    "api/v1/schema/": "the description itself",
}
# Reads that leave no audit event, and why.
NOT_ABOUT_PATIENTS = {
    "api/v1/clinic": "the clinic's settings",
    "api/v1/clinic/thresholds": "from which number on alerts are raised",
    "api/v1/clinic/thresholds/proposals": "from which number on alerts may be raised",
    "api/v1/invitations": "colleagues to be",
    "api/v1/members": "colleagues",
    "api/v1/exercises": "the catalogue",
    "api/v1/exercises/<uuid:exercise_id>": "the catalogue",
    "api/v1/outcome-measures": "the catalogue",
    "api/v1/programs": "the catalogue",
    "api/v1/programs/<uuid:program_id>": "the catalogue",
    "api/v1/therapists": "colleagues",
}


def access_faults(address: Address) -> list[str]:
    """Each method that a view has is allowed to somebody, and nothing else is."""
    access = getattr(address.view, "access", {})
    return [
        *(f"{method} is allowed to nobody" for method in address.methods if not access.get(method)),
        *(
            f"{method} is allowed but not there"
            for method in access
            if method not in address.methods
        ),
        *(
            f"{method} is allowed to {word}, whoever that is"
            for method, allowed in access.items()
            for word in sorted(allowed - WORDS)
        ),
        *(
            ["it asks other permissions"]
            if list(address.view.permission_classes) != [DenyByDefault]
            else []
        ),
    ]


def scope_faults(address: Address) -> list[str]:
    """A view says what its request is about, and allows nobody whom that scope cannot bring."""
    if not issubclass(address.view, ApiView):
        return ["it is no ApiView"]
    scope = getattr(address.view, "scope", None)
    possible = {
        Scope.PUBLIC: ANYONE,
        Scope.USER: USERS,
        Scope.RECORD: RECORD_HOLDERS,
        Scope.CLINIC: frozenset({THERAPIST, ADMIN}),
        Scope.OPERATOR: OPERATORS,
    }
    if scope not in possible:
        return ["it has no scope"]
    allowed = frozenset().union(*address.view.access.values())
    return [f"{scope.value} never brings {word}" for word in sorted(allowed - possible[scope])]


def description_faults(address: Address) -> list[str]:
    """Each method says what it does and shows it."""
    faults = []
    for method in address.methods:
        said = address.operation(method)
        if said is None:
            faults.append(f"{method} has no @operation")
            continue
        if not said.summary:
            faults.append(f"{method} has no summary")
        if not said.answers:
            faults.append(f"{method} has no answers")
        faults += [f"{method}: {fault}" for fault in example_faults(said)]
    return faults


def audit_faults(address: Address) -> list[str]:
    """What reads in a clinic or a record leaves an audit event."""
    reads = "get" in address.methods and getattr(address.view, "scope", None) in {
        Scope.RECORD,
        Scope.CLINIC,
    }
    return ["its reading is not kept"] if reads and not address.view.audited_as else []


def complained(guard: Any) -> dict[str, list[str]]:
    found = {address.route: guard(address) for address in addresses()}
    return {route: faults for route, faults in found.items() if faults}


def test_every_method_of_every_address_has_an_access_rule():
    assert complained(access_faults) == {}


def test_every_address_has_a_scope():
    assert complained(scope_faults) == {route: ["it is no ApiView"] for route in FOREIGN_VIEWS}


def test_every_operation_is_described_with_examples():
    assert set(complained(description_faults)) == set(UNDESCRIBED)


def test_every_read_of_a_patient_is_kept():
    assert set(complained(audit_faults)) == set(NOT_ABOUT_PATIENTS)


def test_the_guards_see_the_whole_api():
    assert len(addresses()) >= 40
    assert {"api/v1/auth/sign-in", "api/v1/patients", "api/v1/me/plan", "api/v1/exercises"} <= {
        address.route for address in addresses()
    }


class _Nothing(StaffView):
    def get(self, request: Request) -> None:
        """Not described, not allowed, not kept."""


class _Wrong(StaffView):
    access: ClassVar = {"get": frozenset({"patient", "queen"}), "put": frozenset({"admin"})}
    audited_as = "nothing"

    @operation(summary="", answers={})
    def get(self, request: Request) -> None: ...


class _Stranger(APIView):
    permission_classes = []


def test_a_view_that_says_nothing_is_complained_about():
    address = Address("api/v1/nothing", _Nothing)

    assert access_faults(address) == ["get is allowed to nobody"]
    assert description_faults(address) == ["get has no @operation"]
    assert audit_faults(address) == ["its reading is not kept"]


def test_a_view_that_says_wrong_things_is_complained_about():
    address = Address("api/v1/wrong", _Wrong)

    assert access_faults(address) == [
        "put is allowed but not there",
        "get is allowed to queen, whoever that is",
    ]
    assert scope_faults(address) == ["clinic never brings patient", "clinic never brings queen"]
    assert description_faults(address) == ["get has no summary", "get has no answers"]


def test_a_view_of_somebody_else_is_complained_about():
    address = Address("api/v1/stranger", _Stranger)

    assert access_faults(address) == ["it asks other permissions"]
    assert scope_faults(address) == ["it is no ApiView"]


ACTORS = [
    Actor(user_id=uuid.uuid4(), acting_as=word, roles=frozenset(roles))
    for word, roles in [
        (PATIENT, ()),
        (CARER, ()),
        ("staff", (THERAPIST,)),
        ("staff", (ADMIN, THERAPIST)),
        (SYSTEM, ()),
        (OPERATOR, ()),
    ]
]


@pytest.mark.parametrize(
    "who", ACTORS, ids=lambda who: "-".join([who.acting_as, *sorted(who.roles)])
)
def test_what_a_view_does_not_name_is_denied(who):
    request = Request(APIRequestFactory().get("/api/v1/nothing"))
    request.actor = who

    with pytest.raises(Forbidden):
        DenyByDefault().has_permission(request, _Nothing())


def test_nobody_is_asked_to_sign_in():
    request = Request(APIRequestFactory().get("/api/v1/nothing"))

    with pytest.raises(NotSignedIn):
        DenyByDefault().has_permission(request, _Nothing())


def test_denial_is_the_framework_s_default():
    assert settings.REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] == [
        "clinics.permissions.DenyByDefault"
    ]
