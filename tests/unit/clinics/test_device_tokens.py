"""Tokens, the devices that hold them, and what ends them."""

from __future__ import annotations

import datetime as dt
import hashlib
import re

import pytest
from django.db import transaction

from clinics.actions.devices import (
    DEVICE_LIFE,
    KEEP_ENDED_DEVICES,
    SignInRefused,
    end_device,
    sign_in,
    tidy_devices,
)
from clinics.actors import Actor
from clinics.attempts import (
    ACCOUNT_LIMIT,
    ADDRESS_LIMIT,
    LONGEST_WINDOW,
    TooManyAttempts,
    count_attempt,
)
from clinics.models import Attempts, Device, User
from clinics.tokens import hash_token, new_token
from core.errors import NotFound
from core.models import AuditEvent
from core.tenancy import clinic_context
from tests.factories import people

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MICROSECOND = dt.timedelta(microseconds=1)
EMAIL = "ana@example.org"


@pytest.fixture
def ana(db: None) -> User:
    return people.user("Ana Silva", EMAIL, people.PASSWORD)


def enter(email: str = EMAIL, password: str = people.PASSWORD, *, address="203.0.113.7", now=NOW):
    return sign_in(
        email=email, password=password, device_name="Ana's phone", address=address, now=now
    )


def a_device(user: User, name: str = "phone", **changes) -> Device:
    return Device.objects.create(
        **{
            "user": user,
            "name": name,
            "token_hash": hash_token(new_token()),
            "epoch": user.token_epoch,
            "signed_in_at": NOW - DAY,
            "last_seen_on": NOW.date(),
            "ends_at": NOW + DAY,
        }
        | changes
    )


def acting(user: User) -> Actor:
    return Actor(user_id=user.pk, acting_as="user")


def test_a_token_is_256_random_bits_that_fit_into_a_header():
    made = {new_token() for _each in range(200)}

    assert len(made) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in made)


def test_a_token_is_stored_as_its_sha_256():
    assert hash_token("a token") == hashlib.sha256(b"a token").digest()
    assert hash_token("a token") != hash_token("a token ")


def test_a_new_device_lives_ninety_days_from_its_sign_in(ana):
    made = enter()

    device = Device.objects.get()
    assert dt.timedelta(days=90) == DEVICE_LIFE
    assert (device.user_id, device.name, device.signed_in_at) == (ana.pk, "Ana's phone", NOW)
    assert (device.ends_at, device.ended_at) == (NOW + DEVICE_LIFE, None)
    assert (device.last_seen_on, device.epoch) == (NOW.date(), ana.token_epoch)
    assert bytes(device.token_hash) == hash_token(made.token)


def test_each_sign_in_makes_a_device_of_its_own(ana):
    one, other = enter(), enter()

    assert one.token != other.token
    assert Device.objects.filter(ended_at=None).count() == 2


def test_a_device_is_of_the_epoch_in_which_it_signed_in(ana):
    User.objects.update(token_epoch=7)

    enter()

    assert Device.objects.get().epoch == 7
    assert Device.objects.working(now=NOW).count() == 1
    User.objects.update(token_epoch=8)
    assert Device.objects.working(now=NOW).count() == 0


@pytest.mark.parametrize(
    ("email", "password", "is_active"),
    [
        (EMAIL, "wrong password", True),
        (EMAIL, "", True),
        (EMAIL, f"{people.PASSWORD} ", True),
        (EMAIL, people.PASSWORD.upper(), True),
        ("nobody@example.org", people.PASSWORD, True),
        ("", people.PASSWORD, True),
        (EMAIL, people.PASSWORD, False),
    ],
)
def test_every_refusal_is_the_same_and_makes_no_device(ana, email, password, is_active):
    User.objects.update(is_active=is_active)

    with pytest.raises(SignInRefused) as refused:
        enter(email, password)

    assert str(refused.value) == "The email address or the password is not right."
    assert (refused.value.code, refused.value.status) == ("sign_in_refused", 401)
    assert refused.value.extra == {}
    assert not Device.objects.exists()


@pytest.mark.parametrize("written", [EMAIL, "ANA@EXAMPLE.ORG", "  Ana@example.org\t"])
def test_an_address_is_one_account_however_it_is_written(ana, written):
    for _attempt in range(ACCOUNT_LIMIT):
        with pytest.raises(SignInRefused):
            enter(written, "wrong password")

    with pytest.raises(TooManyAttempts) as refused:
        enter(EMAIL, people.PASSWORD)

    assert (refused.value.code, refused.value.status) == ("too_many_attempts", 429)
    assert refused.value.extra == {"retry_after": 900}


def test_the_fifth_attempt_is_still_looked_at(ana):
    for _attempt in range(ACCOUNT_LIMIT - 1):
        with pytest.raises(SignInRefused):
            enter(password="wrong password")

    assert enter().token


@pytest.mark.parametrize(("before", "waits"), [(ADDRESS_LIMIT - 1, False), (ADDRESS_LIMIT, True)])
def test_the_thirty_first_attempt_from_an_address_waits_whatever_the_account(ana, before, waits):
    for _attempt in range(before):
        count_attempt(kind="sign in address", name="203.0.113.7", now=NOW)

    if waits:
        with pytest.raises(TooManyAttempts):
            enter()
        assert not Device.objects.exists()
        assert enter(address="203.0.113.8").token
    else:
        assert enter().token


def test_a_success_forgets_the_accounts_attempts_but_not_the_addresss(ana):
    for _attempt in range(3):
        with pytest.raises(SignInRefused):
            enter(password="wrong password")
    enter()

    assert count_attempt(kind="sign in account", name=EMAIL, now=NOW) == 1
    assert count_attempt(kind="sign in address", name="203.0.113.7", now=NOW) == 5


def test_a_device_is_ended_once_and_by_its_user_alone(ana):
    rui = people.user("Rui Costa")
    hers = a_device(ana)

    with pytest.raises(NotFound), transaction.atomic():
        end_device(device_id=hers.pk, by=acting(rui), now=NOW)
    assert Device.objects.get().ended_at is None

    end_device(device_id=hers.pk, by=acting(ana), now=NOW)
    end_device(device_id=hers.pk, by=acting(ana), now=NOW + DAY)

    assert Device.objects.get().ended_at == NOW


def test_ending_a_device_ends_no_other(ana):
    lost, kept = a_device(ana, "lost"), a_device(ana, "kept")

    end_device(device_id=lost.pk, by=acting(ana), now=NOW)

    assert list(Device.objects.working(now=NOW)) == [kept]


def test_signing_in_and_out_leave_events_that_name_no_clinic(ana):
    made = enter()
    end_device(device_id=made.device.pk, by=acting(ana), now=NOW)

    mine = AuditEvent.objects.filter(actor_id=ana.pk).order_by("action")
    assert list(mine.values_list("action", "clinic_id")) == [
        ("device_ended", None),
        ("sign_in", None),
    ]
    with clinic_context(people.clinic().pk):
        assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("changes", "works"),
    [
        ({}, True),
        ({"ends_at": NOW + MICROSECOND}, True),
        ({"ends_at": NOW}, False),
        ({"ended_at": NOW - DAY}, False),
        ({"ended_at": NOW + DAY}, False),
        ({"epoch": 1}, False),
    ],
    ids=str,
)
def test_a_device_works_until_something_ended_it(ana, changes, works):
    a_device(ana, **changes)

    assert Device.objects.working(now=NOW).exists() is works


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({}, True),
        ({"ended_at": NOW - KEEP_ENDED_DEVICES}, True),
        ({"ended_at": NOW - KEEP_ENDED_DEVICES - MICROSECOND}, False),
        ({"ends_at": NOW - KEEP_ENDED_DEVICES}, True),
        ({"ends_at": NOW - KEEP_ENDED_DEVICES - MICROSECOND}, False),
    ],
    ids=str,
)
def test_a_device_is_kept_a_month_after_its_end(ana, changes, kept):
    a_device(ana, **{"signed_in_at": NOW - 200 * DAY} | changes)

    assert tidy_devices(now=NOW) == int(not kept)
    assert Device.objects.exists() is kept
    assert tidy_devices(now=NOW) == 0


@pytest.mark.parametrize(
    ("age", "kept"),
    [
        (dt.timedelta(), True),
        (2 * LONGEST_WINDOW, True),
        (2 * LONGEST_WINDOW + MICROSECOND, False),
    ],
)
def test_attempts_are_kept_as_long_as_a_window_may_need_them(ana, age, kept):
    count_attempt(kind="sign in account", name=EMAIL, now=NOW - age)

    assert tidy_devices(now=NOW) == int(not kept)
    assert Attempts.objects.exists() is kept


def test_deleting_a_login_takes_its_devices_along(ana):
    a_device(ana)

    ana.delete()

    assert not Device.objects.exists()
