"""What these addresses are sent wrongly is refused by name; what they cost is written down."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail as outgoing

from clinics.models import Device, Invitation, User
from core.models import Message
from core.tenancy import clinic_context
from tests.api.caller import Caller
from tests.factories import people
from tests.mailed import mailed_code

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
NEW = "four words are plenty"

GOOD: dict[str, dict[str, Any]] = {
    "auth/password-reset": {"email": "ana@example.org"},
    "auth/password-reset/confirm": {"code": "x", "password": NEW},
    "auth/password": {"current_password": "x", "password": NEW},
    "auth/invitations/show": {"code": "x"},
    "auth/invitations/accept": {"code": "x"},
    "auth/invitations/join": {
        "code": "x", "name": "Eva Lima", "password": NEW, "device_name": "phone",
    },
}  # fmt: skip
LONGEST = {
    "email": 254, "code": 200, "password": 128, "current_password": 128, "name": 120,
    "device_name": 80,
}  # fmt: skip
FIELDS = [(path, field) for path, body in GOOD.items() for field in body]


@pytest.fixture(autouse=True)
def _clock(world, stop_clock) -> None:
    stop_clock(NOW.isoformat())


@pytest.fixture
def rui(caller: Caller, world: people.World) -> Caller:
    return caller.as_(world.rui)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["field"]


@pytest.mark.parametrize(("path", "field"), FIELDS)
@pytest.mark.parametrize("value", [None, 7, True, [], {}], ids=repr)
def test_a_value_of_another_type_is_refused_by_name(rui, path, field, value):
    assert refusal(rui.post(path, GOOD[path] | {field: value})) == (400, field)


@pytest.mark.parametrize(("path", "field"), FIELDS)
def test_a_missing_an_empty_and_an_endless_value_are_refused_by_name(rui, path, field):
    without = {name: value for name, value in GOOD[path].items() if name != field}

    assert refusal(rui.post(path, without)) == (400, field)
    assert refusal(rui.post(path, GOOD[path] | {field: ""})) == (400, field)
    assert refusal(rui.post(path, GOOD[path] | {field: "x" * (LONGEST[field] + 1)})) == (400, field)


@pytest.mark.parametrize("path", GOOD)
def test_a_field_that_is_not_known_is_refused_by_name(rui, path):
    assert refusal(rui.post(path, GOOD[path] | {"is_admin": True})) == (400, "is_admin")


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_codes_and_passwords_are_posted_and_stand_in_no_address(rui, path, method):
    """Where nobody signs in, a method that is not there is refused like one that is not allowed."""
    signs_in = path in {"auth/password", "auth/invitations/accept"}

    assert rui.call(method, path).status_code == (405 if signs_in else 401)


def test_nothing_of_all_this_was_stored(rui):
    for path, body in GOOD.items():
        rui.post(path, body | {"is_admin": True})

    assert not Message.objects.exists()
    assert Device.objects.count() == 1


# ---- what they cost ----------------------------------------------------------------------------


def test_asking_for_a_reset_costs_the_same_always(caller, query_budget):
    with query_budget("POST auth/password-reset"):
        caller.post("auth/password-reset", {"email": "nobody@example.org"})


def test_resetting_costs(caller, query_budget):
    people.user("Eva Lima", "eva@example.org", password=people.PASSWORD)
    caller.post("auth/password-reset", {"email": "eva@example.org"})
    code = mailed_code(now=NOW)

    with query_budget("POST auth/password-reset/confirm"):
        answer = caller.post("auth/password-reset/confirm", {"code": code, "password": NEW})

    assert answer.status_code == 204


def test_changing_a_password_costs(caller, query_budget):
    eva = caller.as_(people.user("Eva Lima", "eva@example.org", password=people.PASSWORD))

    with query_budget("POST auth/password"):
        answer = eva.post("auth/password", {"current_password": people.PASSWORD, "password": NEW})

    assert answer.status_code == 204


def test_joining_costs(caller, world, query_budget):
    body = {"email": "eva@example.org", "roles": ["therapist"]}
    caller.as_(world.admin).post("invitations", body)
    code = mailed_code(now=NOW)

    with query_budget("POST auth/invitations/join"):
        answer = caller.post(
            "auth/invitations/join", GOOD["auth/invitations/join"] | {"code": code}
        )

    assert answer.status_code == 201


# ---- nothing leaks between what mails carry ----------------------------------------------------


def test_a_code_for_one_thing_is_good_for_nothing_else(caller, world):
    caller.post("auth/password-reset", {"email": world.rui.user.email})
    reset = mailed_code(now=NOW)
    body = {"email": "eva@example.org", "roles": ["therapist"]}
    caller.as_(world.admin).post("invitations", body)
    invitation = mailed_code(now=NOW)
    assert len(outgoing.outbox) == 2

    shown = caller.post("auth/invitations/show", {"code": reset})
    confirmed = caller.post("auth/password-reset/confirm", {"code": invitation, "password": NEW})

    assert (shown.status_code, confirmed.status_code) == (404, 400)
    with clinic_context(world.clinic.pk):
        assert Invitation.objects.get().accepted_at is None
    assert not User.objects.filter(token_epoch__gt=0).exists()


def test_a_reset_reaches_into_no_clinic(caller, world):
    """It is a message of no clinic: no administrator's context sees it."""
    caller.post("auth/password-reset", {"email": world.rui.user.email})

    with clinic_context(world.clinic.pk):
        assert not Message.objects.exists()
    assert Message.objects.count() == 1
