"""The list of one's devices, signing out, and what a device that ended can still do: nothing."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from clinics.models import Device
from core.tenancy import clinic_context
from tests.api.caller import Caller
from tests.factories import people

DAY = dt.timedelta(days=1)
PEOPLE = ("ana", "carer", "rui", "marta", "admin", "far_therapist")


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_sees_their_own_devices_and_no_others(caller, world, name):
    for one in PEOPLE:
        caller.as_(getattr(world, one))
    person = getattr(world, name)

    listed = caller.as_(person).get("auth/devices").json()["results"]

    own = Device.objects.get(user=person.user)
    assert [(each["id"], each["is_this_one"]) for each in listed] == [(str(own.pk), True)]
    assert set(listed[0]) == {
        "id", "name", "signed_in_at", "last_seen_on", "ends_at", "is_this_one",
    }  # fmt: skip


@pytest.mark.parametrize("name", PEOPLE)
def test_another_persons_device_is_as_unknown_as_none(caller, world, name):
    stranger = people.user("Nuno Reis")
    people.device_token(stranger)
    theirs = Device.objects.get(user=stranger)
    me = caller.as_(getattr(world, name))

    refused = me.delete(f"auth/devices/{theirs.pk}")
    missing = me.delete(f"auth/devices/{uuid.uuid4()}")

    assert refused.status_code == missing.status_code == 404
    assert {**refused.json(), "request_id": ""} == {**missing.json(), "request_id": ""}
    theirs.refresh_from_db()
    assert theirs.ended_at is None


def test_devices_are_listed_newest_first_and_only_those_that_work(caller, world):
    now = dt.datetime.now(dt.UTC)
    me = caller.as_(world.ana)
    Device.objects.update(signed_in_at=now - 9 * DAY)
    changes = {
        "newest": {"signed_in_at": now - DAY},
        "older": {"signed_in_at": now - 5 * DAY},
        "ended": {"ended_at": now - DAY},
        "run out": {"signed_in_at": now - 99 * DAY, "ends_at": now - DAY},
        "of an epoch before": {"epoch": 5},
    }
    for name, change in changes.items():
        token = people.device_token(world.ana.user)
        assert Caller(token).get("auth/devices").status_code == 200
        newest = Device.objects.filter(user=world.ana.user).latest("created_at")
        Device.objects.filter(pk=newest.pk).update(name=name, **change)

    listed = me.get("auth/devices").json()["results"]

    assert [each["name"] for each in listed] == ["newest", "older", "test phone"]
    assert [each["is_this_one"] for each in listed] == [False, False, True]


def test_ending_another_of_ones_devices_leaves_this_one(caller, world):
    lost = people.device_token(world.ana.user)
    me = caller.as_(world.ana)
    [other] = [each for each in me.get("auth/devices").json()["results"] if not each["is_this_one"]]

    first = me.delete(f"auth/devices/{other['id']}")
    again = me.delete(f"auth/devices/{other['id']}")

    assert (first.status_code, again.status_code) == (204, 204)
    assert Caller(lost).get("me/plan").status_code == 401
    assert me.get("me/plan").status_code == 200


@pytest.mark.parametrize("path", ["me/plan", "me/sessions", "auth/whoami", "auth/devices"])
def test_after_signing_out_nothing_is_read(caller, world, path):
    ana = caller.as_(world.ana)
    assert ana.get(path).status_code == 200

    assert ana.post("auth/sign-out").status_code == 204

    gone = ana.get(path)
    assert (gone.status_code, gone.json()["code"]) == (401, "token_invalid")
    assert ana.post("auth/sign-out").status_code == 401


def test_after_signing_out_nothing_is_written(caller, world):
    rui = caller.as_(world.rui)
    rui.post("auth/sign-out")

    refused = rui.patch(f"patients/{world.ana.pk}", {"name": "Somebody Else"})

    assert refused.status_code == 401
    with clinic_context(world.clinic.pk):
        world.ana.refresh_from_db()
    assert world.ana.name == "Ana Silva"


def test_signing_out_of_one_clinic_is_out_of_all(caller, world):
    people.membership(world.far_clinic, "therapist", user=world.rui.user)
    rui = caller.as_(world.rui)
    rui.post("auth/sign-out")

    for clinic in (world.clinic, world.far_clinic):
        assert rui.get("patients", clinic=clinic).status_code == 401


def test_a_token_is_shown_once_and_stands_in_no_later_answer(caller, world):
    ana = caller.as_(world.ana)

    answers = [ana.get(path) for path in ("auth/devices", "auth/whoami", "me/plan")]

    assert all(ana.token.encode() not in answer.content for answer in answers)
    assert all(answer.headers["Cache-Control"] for answer in answers)
