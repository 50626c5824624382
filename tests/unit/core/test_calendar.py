"""Local days and ISO weeks: a zone's own midnight decides, in every zone and on every day."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import (
    DAY,
    WEEK,
    days,
    is_known_zone,
    local_date,
    week_start,
    whole_weeks,
    zone,
)

ZONES = sorted(name for name in zoneinfo.available_timezones() if is_known_zone(name))
DATES = st.dates(dt.date(2000, 1, 3), dt.date(2099, 12, 20))
INSTANTS = st.datetimes(
    dt.datetime(2000, 1, 2), dt.datetime(2099, 12, 30), timezones=st.just(dt.UTC)
)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("instant", "name", "day"),
    [
        ("2026-11-23T23:59:59.999999", "Europe/Lisbon", "2026-11-23"),
        ("2026-11-24T00:00:00", "Europe/Lisbon", "2026-11-24"),
        ("2026-07-23T22:59:59", "Europe/Lisbon", "2026-07-23"),
        ("2026-07-23T23:00:00", "Europe/Lisbon", "2026-07-24"),
        ("2026-11-23T22:59:59", "Europe/Oslo", "2026-11-23"),
        ("2026-11-23T23:00:00", "Europe/Oslo", "2026-11-24"),
        # The farthest zones: fourteen hours ahead, eleven behind.
        ("2026-11-23T09:59:59", "Pacific/Kiritimati", "2026-11-23"),
        ("2026-11-23T10:00:00", "Pacific/Kiritimati", "2026-11-24"),
        ("2026-11-23T10:59:59", "Pacific/Pago_Pago", "2026-11-22"),
        ("2026-11-23T11:00:00", "Pacific/Pago_Pago", "2026-11-23"),
        # Offsets that are no whole hours.
        ("2026-11-23T18:14:59", "Asia/Kathmandu", "2026-11-23"),
        ("2026-11-23T18:15:00", "Asia/Kathmandu", "2026-11-24"),
        ("2026-11-23T15:14:59", "Australia/Eucla", "2026-11-23"),
        ("2026-11-23T15:15:00", "Australia/Eucla", "2026-11-24"),
        # Santiago's clocks skip the hour after midnight: that day begins at one o'clock.
        ("2026-09-06T03:59:59", "America/Santiago", "2026-09-05"),
        ("2026-09-06T04:00:00", "America/Santiago", "2026-09-06"),
        # Havana's hour after midnight comes twice, both times on the first of November.
        ("2026-11-01T04:00:00", "America/Havana", "2026-11-01"),
        ("2026-11-01T05:30:00", "America/Havana", "2026-11-01"),
        # Samoa had no 30 December 2011.
        ("2011-12-30T09:59:59", "Pacific/Apia", "2011-12-29"),
        ("2011-12-30T10:00:00", "Pacific/Apia", "2011-12-31"),
    ],
)
def test_the_local_date_turns_at_the_zones_own_midnight(instant, name, day):
    assert local_date(utc(instant), name) == dt.date.fromisoformat(day)


def test_an_instant_is_the_same_at_whatever_offset_it_is_said():
    at_noon = utc("2026-11-23T12:00:00")

    for hours in range(-14, 15):
        said = at_noon.astimezone(dt.timezone(dt.timedelta(hours=hours)))
        assert local_date(said, "Pacific/Kiritimati") == dt.date(2026, 11, 24)


@pytest.mark.parametrize("day", ["2026-01-15", "2026-03-29", "2026-07-15", "2026-10-25"])
def test_in_every_zone_a_day_begins_where_the_day_before_ends(day):
    """Around its first instant, found by halving, the date turns from one day to the next, once."""
    wanted = dt.date.fromisoformat(day)
    for name in ZONES:
        before = utc(f"{day}T00:00:00") - dt.timedelta(hours=15)
        after = utc(f"{day}T00:00:00") + dt.timedelta(hours=13)
        while after - before > dt.timedelta(seconds=1):
            middle = before + (after - before) / 2
            if local_date(middle, name) < wanted:
                before = middle
            else:
                after = middle
        assert local_date(before, name) == wanted - DAY, name
        assert local_date(after, name) == wanted, name


@given(instant=INSTANTS, later=st.timedeltas(dt.timedelta(), dt.timedelta(days=3)), data=st.data())
def test_a_later_instant_has_no_earlier_date(instant, later, data):
    name = data.draw(st.sampled_from(ZONES))

    assert local_date(instant, name) <= local_date(instant + later, name)


@given(instant=INSTANTS, data=st.data())
def test_a_local_date_is_at_most_a_day_from_the_date_in_utc(instant, data):
    name = data.draw(st.sampled_from(ZONES))

    assert abs(local_date(instant, name) - instant.date()) <= DAY


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Europe/Lisbon", True),
        ("America/Argentina/Buenos_Aires", True),
        ("UTC", True),
        ("Etc/UTC", False),
        ("Etc/GMT+5", False),
        ("GMT", False),
        ("EST", False),
        ("CET", False),
        ("Portugal", False),
        ("europe/lisbon", False),
        ("Europe/Atlantis", False),
        ("Europe/", False),
        ("/Lisbon", False),
        ("../Europe/Lisbon", False),
        ("Europe/Lisbon\0", False),
        ("+01:00", False),
        ("", False),
    ],
)
def test_a_zone_is_an_area_and_a_city(name, known):
    assert is_known_zone(name) is known


def test_there_are_hundreds_of_zones_and_each_can_be_read():
    assert len(ZONES) > 400
    for name in ZONES:
        assert zone(name).utcoffset(dt.datetime(2026, 11, 23)) is not None


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        ("2026-11-23", "2026-11-23"),
        ("2026-11-24", "2026-11-23"),
        ("2026-11-29", "2026-11-23"),
        ("2026-11-30", "2026-11-30"),
        ("2027-01-01", "2026-12-28"),
        ("2024-12-31", "2024-12-30"),
        ("2024-02-29", "2024-02-26"),
    ],
)
def test_a_week_starts_on_monday_across_months_and_years(day, monday):
    assert week_start(dt.date.fromisoformat(day)) == dt.date.fromisoformat(monday)


@given(DATES)
def test_a_week_is_the_iso_week(day):
    monday = week_start(day)

    assert monday.isoweekday() == 1
    assert monday.isocalendar()[:2] == day.isocalendar()[:2]
    assert dt.timedelta() <= day - monday < WEEK


@given(first=DATES, length=st.integers(0, 400))
def test_whole_weeks_hold_the_range_and_no_week_without_a_date_of_it(first, length):
    last = first + length * DAY

    start, end = whole_weeks(first, last)

    assert (start.isoweekday(), end.isoweekday()) == (1, 7)
    assert start <= first < start + WEEK
    assert end - WEEK < last <= end
    assert whole_weeks(start, end) == (start, end)


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        ("2026-11-23", "2026-11-23", 1),
        ("2026-11-23", "2026-11-29", 7),
        ("2024-02-28", "2024-03-01", 3),
        ("2026-11-23", "2026-11-22", 0),
        ("2026-11-23", "2026-11-01", 0),
    ],
)
def test_days_holds_each_date_once_both_ends_included(first, last, count):
    first, last = dt.date.fromisoformat(first), dt.date.fromisoformat(last)

    found = list(days(first, last))

    assert len(found) == len(set(found)) == count
    assert found == sorted(found)
    if count:
        assert (found[0], found[-1]) == (first, last)
