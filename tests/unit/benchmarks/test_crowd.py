from __future__ import annotations

import datetime as dt

import pytest

from benchmarks.crowd import Crowd

MONDAY = dt.date(2026, 11, 23)


def crowd(**changed):
    return Crowd(
        **{
            "patients": 10, "clinics": 2, "lines": 2, "days": 14, "per_day": 1, "today": MONDAY,
            "starts_on": dt.date(2026, 1, 5), "quota": True, "only_mon_wed_fri": True,
        }
        | changed
    )  # fmt: skip


def test_two_weeks_of_mondays_wednesdays_and_fridays():
    assert crowd().sessions == 10 * 2 * 3
    assert crowd().results == 10 * 2 * 3 * 2


def test_every_day_but_every_tenth():
    daily = crowd(only_mon_wed_fri=False, days=20, per_day=3)

    assert daily.sessions == 10 * 3 * 18
    assert not daily.logs_on(daily.first_day + dt.timedelta(days=9))
    assert daily.logs_on(daily.first_day + dt.timedelta(days=10))


@pytest.mark.parametrize(
    ("day", "logs"),
    [
        (dt.date(2026, 11, 8), False),  # Sunday, the day before the first
        (dt.date(2026, 11, 9), True),
        (dt.date(2026, 11, 10), False),
        (dt.date(2026, 11, 11), True),
        (dt.date(2026, 11, 20), True),
        (dt.date(2026, 11, 22), False),
        (MONDAY, False),  # today is not part of the history
    ],
)
def test_a_history_ends_with_yesterday(day, logs):
    assert crowd().logs_on(day) is logs


def test_a_crowd_without_days_logged_nothing():
    assert crowd(days=0).sessions == 0
    assert crowd(days=0).results == 0
    assert crowd(days=0).first_day == MONDAY
