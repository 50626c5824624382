from __future__ import annotations

import datetime as dt

import pytest

from clinics.actions.devices import tidy_devices
from clinics.attempts import (
    LONGEST_WINDOW,
    WINDOW,
    TooManyAttempts,
    count_attempt,
    forget_attempts,
    refuse_many,
)
from clinics.models import Attempts

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)

pytestmark = pytest.mark.django_db


def tried(
    *, now: dt.datetime = NOW, window: dt.timedelta = WINDOW, **limits: tuple[str, int]
) -> bool:
    """Try once, and say whether it was let through."""
    try:
        refuse_many(now=now, window=window, **limits)
    except TooManyAttempts:
        return False
    return True


@pytest.mark.parametrize("limit", [1, 3, 5])
def test_as_many_as_the_limit_are_let_through_and_not_one_more(limit):
    outcomes = [tried(account=("ana", limit)) for _ in range(limit + 2)]

    assert outcomes == [True] * limit + [False, False]


@pytest.mark.parametrize(
    ("window", "later", "passes"),
    [
        (WINDOW, WINDOW - SECOND, False),
        (WINDOW, WINDOW, True),
        (LONGEST_WINDOW, WINDOW, False),
        (LONGEST_WINDOW, LONGEST_WINDOW - SECOND, False),
        (LONGEST_WINDOW, LONGEST_WINDOW, True),
    ],
)
def test_a_window_begins_with_its_first_attempt(window, later, passes):
    tried(account=("ana", 1), window=window)

    assert tried(account=("ana", 1), window=window, now=NOW + later) is passes


def test_refused_attempts_make_nobody_wait_longer():
    for minute in range(15):
        tried(account=("ana", 1), now=NOW + minute * dt.timedelta(minutes=1))

    assert tried(account=("ana", 1), now=NOW + WINDOW) is True


@pytest.mark.parametrize(
    "other",
    [{"account": ("bo", 1)}, {"address": ("ana", 1)}],
    ids=["another name", "another kind"],
)
def test_what_is_counted_apart_does_not_stand_in_the_way(other):
    tried(account=("ana", 1))

    assert tried(account=("ana", 1)) is False
    assert tried(**other) is True


def test_every_kind_is_counted_before_any_is_refused():
    """Otherwise a locked account would let an address go on for nothing."""
    for _ in range(3):
        tried(account=("ana", 1), address=("10.0.0.1", 100))

    assert count_attempt(kind="address", name="10.0.0.1", now=NOW) == 4
    assert count_attempt(kind="account", name="ana", now=NOW) == 4


def test_one_of_several_limits_is_enough():
    assert tried(account=("ana", 9), address=("10.0.0.1", 1)) is True
    assert tried(account=("bo", 9), address=("10.0.0.1", 1)) is False


@pytest.mark.parametrize(
    ("window", "minutes", "seconds"), [(WINDOW, "15", 900), (LONGEST_WINDOW, "60", 3600)]
)
def test_the_refusal_says_how_long_to_wait(window, minutes, seconds):
    refuse_many(now=NOW, window=window, account=("ana", 1))

    with pytest.raises(TooManyAttempts) as refused:
        refuse_many(now=NOW, window=window, account=("ana", 1))

    assert str(refused.value) == f"Too many attempts. Wait {minutes} minutes, then try again."
    assert refused.value.extra == {"retry_after": seconds}
    assert (refused.value.status, refused.value.keeps_writes) == (429, True)


def test_a_success_forgets_its_own_kind_and_name_alone():
    for name in ("ana", "bo"):
        tried(sign_in_account=(name, 1), address=(name, 1))

    forget_attempts(kind="sign in account", name="ana")

    assert tried(sign_in_account=("ana", 1)) is True
    assert tried(sign_in_account=("bo", 1)) is False
    assert tried(address=("ana", 1)) is False


def test_counts_hold_neither_names_nor_addresses():
    tried(account=("ana@example.org", 1), address=("10.1.2.3", 1))

    kept = b"".join(bytes(one.key) for one in Attempts.objects.all())
    assert len(kept) == 64
    assert b"ana" not in kept
    assert b"10.1" not in kept


@pytest.mark.parametrize(
    ("age", "left"), [(2 * LONGEST_WINDOW, 1), (2 * LONGEST_WINDOW + SECOND, 0)]
)
def test_counts_are_tidied_when_no_window_needs_them(age, left):
    tried(account=("ana", 1), window=LONGEST_WINDOW, now=NOW - age)

    tidy_devices(now=NOW)

    assert Attempts.objects.count() == left
