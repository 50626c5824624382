"""Counting attempts: a window begins with its first attempt and ends exactly 15 minutes later."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinics.attempts import WINDOW, _key, count_attempt, forget_attempts
from clinics.models import Attempts

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


def count(name: str = "ana@example.org", *, kind: str = "account", after=dt.timedelta()) -> int:
    return count_attempt(kind=kind, name=name, now=NOW + after)


def test_attempts_of_a_window_are_counted_from_one():
    assert [count() for _attempt in range(4)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("after", "counted"),
    [
        (dt.timedelta(), 2),
        (WINDOW - MICROSECOND, 2),
        (WINDOW, 1),
        (WINDOW + MICROSECOND, 1),
        (dt.timedelta(days=365), 1),
    ],
)
def test_a_window_is_fifteen_minutes_from_its_first_attempt(after, counted):
    assert dt.timedelta(minutes=15) == WINDOW
    count()

    assert count(after=after) == counted


def test_later_attempts_do_not_lengthen_a_window():
    count()
    count(after=dt.timedelta(minutes=14))

    assert count(after=WINDOW) == 1
    assert count(after=WINDOW + dt.timedelta(minutes=14)) == 2


def test_a_new_window_begins_with_the_attempt_that_opened_it():
    count()
    count(after=dt.timedelta(minutes=20))

    assert count(after=dt.timedelta(minutes=34, seconds=59)) == 2
    assert count(after=dt.timedelta(minutes=35)) == 1


def test_names_and_kinds_are_counted_apart():
    assert (count("ana"), count("rui"), count("ana", kind="address")) == (1, 1, 1)
    assert (count("ana"), count("rui"), count("ana", kind="address")) == (2, 2, 2)


def test_a_name_and_a_kind_are_never_taken_for_others():
    assert len({_key("a", "b:c"), _key("a", "b"), _key("b", "a"), _key("a", "")}) == 4


def test_forgetting_starts_one_count_over_and_no_other():
    for name in ("ana", "ana", "rui"):
        count(name)

    forget_attempts(kind="account", name="ana")
    forget_attempts(kind="address", name="rui")
    forget_attempts(kind="account", name="nobody")

    assert (count("ana"), count("rui")) == (1, 2)


def test_a_key_depends_on_the_secret_and_says_nothing(settings):
    here = _key("account", "ana@example.org")
    settings.SECRET_KEY = "another secret key of fifty characters and a few more"

    assert len(here) == 32
    assert b"ana" not in here
    assert _key("account", "ana@example.org") != here


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(minutes=st.lists(st.integers(0, 20), min_size=1, max_size=12))
def test_any_attempts_are_counted_as_a_plain_definition_counts_them(minutes):
    Attempts.objects.all().delete()
    moment, begun, expected = 0, None, 0
    for waited in minutes:
        moment += waited
        if begun is None or moment - begun >= 15:
            begun, expected = moment, 0
        expected += 1

        assert count(after=dt.timedelta(minutes=moment)) == expected
