from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import RequestFactory

from clinics.actions.devices import SignInRefused, sign_in, tidy_devices
from clinics.attempts import TooManyAttempts, count_attempt
from clinics.http import client_address
from clinics.models import Attempts, Device, User
from clinics.tokens import hash_token
from core.models import AuditEvent
from core.tenancy import clinic_context
from tests.api.caller import Caller
from tests.factories import people

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def rui(db: None) -> User:
    clinic = people.clinic()
    return people.therapist(clinic, email="rui@example.org", password=people.PASSWORD).user


def body(**changes: str) -> dict[str, str]:
    return {
        "email": "rui@example.org",
        "password": people.PASSWORD,
        "device_name": "Rui's laptop",
        **changes,
    }


def test_signing_in_gives_this_device_a_token_that_works(caller: Caller, rui: User):
    made = caller.post("auth/sign-in", body(email="  RUI@Example.org "))

    assert made.status_code == 201
    signed_in = made.json()
    device = Device.objects.get()
    assert bytes(device.token_hash) == hash_token(signed_in["token"])
    assert signed_in["token"].encode() not in bytes(device.token_hash)
    assert signed_in["device"]["name"] == "Rui's laptop"
    listed = Caller(signed_in["token"]).get("auth/devices")
    assert [each["is_this_one"] for each in listed.json()["results"]] == [True]
    kept = AuditEvent.objects.get(actor_id=rui.pk)
    assert (kept.action, kept.target_id, kept.clinic_id) == ("sign_in", device.pk, None)


@pytest.mark.parametrize(
    "change",
    [{"password": "wrong password"}, {"email": "nobody@example.org"}],
    ids=["wrong password", "unknown address"],
)
def test_every_refusal_says_the_same(caller: Caller, rui: User, change):
    refused = caller.post("auth/sign-in", body(**change))

    assert refused.status_code == 401
    assert refused.json()["code"] == "sign_in_refused"
    assert not Device.objects.exists()


def test_an_ended_login_is_refused_in_the_same_words(caller: Caller, rui: User):
    wrong = caller.post("auth/sign-in", body(password="wrong password"))
    User.objects.update(is_active=False)

    refused = caller.post("auth/sign-in", body())

    assert {**refused.json(), "request_id": ""} == {**wrong.json(), "request_id": ""}


def test_the_sixth_attempt_in_a_quarter_of_an_hour_waits(rui: User):
    def attempt(password: str, now: dt.datetime):
        return sign_in(
            email="rui@example.org", password=password, device_name="x", address="::1", now=now
        )

    for _ in range(5):
        with pytest.raises(SignInRefused):
            attempt("wrong password", NOW)
    with pytest.raises(TooManyAttempts):
        attempt(people.PASSWORD, NOW + dt.timedelta(minutes=14))

    assert attempt(people.PASSWORD, NOW + dt.timedelta(minutes=15)).token


def test_a_success_starts_the_count_over(rui: User):
    def attempt(password: str):
        return sign_in(
            email="rui@example.org", password=password, device_name="x", address="::1", now=NOW
        )

    for _ in range(2):
        for _ in range(4):
            with pytest.raises(SignInRefused):
                attempt("wrong password")
        attempt(people.PASSWORD)


def test_attempts_keep_neither_address_nor_name(rui: User):
    with pytest.raises(SignInRefused):
        sign_in(email="rui@example.org", password="x", device_name="x", address="10.1.2.3", now=NOW)

    kept = b"".join(bytes(each.key) for each in Attempts.objects.all())
    assert b"rui" not in kept
    assert b"10.1" not in kept


@pytest.mark.django_db(transaction=True)
def test_fifty_attempts_at_once_are_counted_one_by_one():
    barrier = threading.Barrier(20)

    def one(_number: int) -> int:
        barrier.wait(timeout=30)
        try:
            return count_attempt(kind="test", name="someone", now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        counts = list(pool.map(one, range(20)))

    assert sorted(counts) == list(range(1, 21))


def test_signing_out_ends_this_device_and_no_other(caller: Caller, rui: User):
    phone, laptop = (caller.post("auth/sign-in", body()).json()["token"] for _ in range(2))

    assert Caller(phone).post("auth/sign-out").status_code == 204

    gone = Caller(phone).get("auth/devices")
    assert (gone.status_code, gone.json()["code"]) == (401, "token_invalid")
    assert Caller(laptop).get("auth/devices").status_code == 200


def test_ending_a_device_of_ones_own_and_not_anothers(caller: Caller, world: people.World):
    rui, ana = caller.as_(world.rui), caller.as_(world.ana)
    [hers] = ana.get("auth/devices").json()["results"]

    assert rui.delete(f"auth/devices/{hers['id']}").status_code == 404
    assert ana.get("auth/devices").status_code == 200
    assert ana.delete(f"auth/devices/{hers['id']}").status_code == 204
    assert ana.get("auth/devices").status_code == 401


ENDINGS = {
    "the login ended": lambda world: User.objects.filter(pk=world.rui.user_id).update(
        is_active=False
    ),
    "every token ended": lambda world: User.objects.filter(pk=world.rui.user_id).update(
        token_epoch=1
    ),
    "the device ended": lambda world: Device.objects.update(ended_at=NOW),
    "the token ran out": lambda world: Device.objects.update(
        signed_in_at=NOW - 100 * DAY, ends_at=NOW - 10 * DAY
    ),
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
def test_what_ends_a_token_ends_it_with_the_next_request(caller, world, ending):
    rui = caller.as_(world.rui)
    assert rui.get("patients").status_code == 200

    ending(world)

    assert rui.get("patients").status_code == 401


def test_a_deactivated_membership_ends_access_with_the_next_request(caller, world):
    rui = caller.as_(world.rui)
    assert rui.get("patients").status_code == 200

    with clinic_context(world.clinic.pk):
        world.rui.deactivated_at = NOW
        world.rui.save()

    assert rui.get("patients").status_code == 403
    assert rui.get("patients", clinic=world.clinic).status_code == 404


def test_a_token_slides_once_a_day(caller, world, time_machine):
    rui = caller.as_(world.rui)
    time_machine.move_to(dt.datetime(2099, 1, 1, 12, tzinfo=dt.UTC), tick=False)
    rui.get("auth/devices")
    device = Device.objects.get(user=world.rui.user)

    assert device.last_seen_on == dt.date(2099, 1, 1)
    assert device.ends_at == dt.datetime(2099, 4, 1, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Token abcdefghijklmnopqrstuvwxyz",
        "Bearer short",
        "Bearer " + "x" * 300,
    ],
)
def test_what_is_no_token_is_not_signed_in(caller, world, header):
    refused = caller.get("auth/devices", headers={"Authorization": header})

    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_one_of_several_clinics_must_be_chosen(caller, world):
    people.membership(world.far_clinic, "therapist", user=world.rui.user)
    rui = caller.as_(world.rui)

    unclear = rui.get("patients")
    here = rui.get("patients", clinic=world.clinic)
    nowhere = rui.get("patients", clinic=world.ana.pk)
    nonsense = rui.get("patients", headers={"X-Clinic": "harbour"})

    assert (unclear.status_code, unclear.json()["code"]) == (400, "clinic_required")
    assert [each["name"] for each in here.json()["results"]] == ["Ana Silva"]
    assert nowhere.status_code == 404
    assert nonsense.status_code == 400


def test_devices_that_ended_a_month_ago_are_tidied_away(rui: User):
    def device(name: str, **ends: dt.datetime) -> None:
        Device.objects.create(
            user=rui,
            name=name,
            token_hash=hash_token(name),
            epoch=0,
            signed_in_at=NOW - 200 * DAY,
            last_seen_on=NOW.date(),
            **{"ends_at": NOW + DAY} | ends,
        )

    device("working")
    device("ended yesterday", ended_at=NOW - DAY)
    device("ended long ago", ended_at=NOW - 31 * DAY)
    device("ran out long ago", ends_at=NOW - 31 * DAY)

    tidied = tidy_devices(now=NOW)

    assert tidied == 2
    assert Counter(Device.objects.values_list("name", flat=True)) == {
        "working": 1,
        "ended yesterday": 1,
    }


def test_head_is_answered_as_get_without_a_body(caller, world):
    rui = caller.as_(world.rui)

    head = rui.call("head", "auth/devices")

    assert (head.status_code, head.content) == (200, b"")


def test_the_access_log_names_the_user_and_the_clinic_by_their_ids(caller, world, caplog):
    with caplog.at_level("INFO"):
        caller.as_(world.rui).get("patients")

    logged = [vars(each) for each in caplog.records if "user_id" in vars(each)]
    assert [(each["user_id"], each["clinic_id"]) for each in logged] == [
        (str(world.rui.user_id), str(world.clinic.pk))
    ]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 192.0.2.7", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_the_callers_address_is_the_one_that_our_proxies_saw(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})

    assert client_address(request) == address
