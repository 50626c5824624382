"""Wall clocks: every change of the clocks by its exact instant, and quiet hours at their edges."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from importlib.resources import files
from operator import lt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import DAY, is_known_zone
from reminders.quiet_hours import QuietHours
from reminders.wall_clock import (
    Slot,
    completed_week,
    instant_of,
    occurrences,
    weekly_at,
)

NIGHT = QuietHours(begins=dt.time(21), ends=dt.time(8))
NOON = QuietHours(begins=dt.time(12), ends=dt.time(13))
NONE = QuietHours(begins=dt.time(9), ends=dt.time(9))
ZONES = sorted(name for name in zoneinfo.available_timezones() if is_known_zone(name))


def at(said: str) -> dt.time:
    return dt.time.fromisoformat(said)


def utc(said: str) -> dt.datetime:
    return dt.datetime.fromisoformat(said).replace(tzinfo=dt.UTC)


# Every change of the clocks of 2026 and 2027 in ten zones: a time in the gap, one that comes twice.
CHANGES = [
    # zone, local date, local time, instant
    ("Europe/Lisbon", "2026-03-29", "01:30", "2026-03-29T01:30"),
    ("Europe/Lisbon", "2026-10-25", "01:30", "2026-10-25T00:30"),
    ("Europe/Lisbon", "2027-03-28", "01:30", "2027-03-28T01:30"),
    ("Europe/Lisbon", "2027-10-31", "01:30", "2027-10-31T00:30"),
    ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:30"),
    ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30"),
    ("Europe/Berlin", "2027-03-28", "02:30", "2027-03-28T01:30"),
    ("Europe/Berlin", "2027-10-31", "02:30", "2027-10-31T00:30"),
    ("America/Toronto", "2026-03-08", "02:30", "2026-03-08T07:30"),
    ("America/Toronto", "2026-11-01", "01:30", "2026-11-01T05:30"),
    ("America/Toronto", "2027-03-14", "02:30", "2027-03-14T07:30"),
    ("America/Toronto", "2027-11-07", "01:30", "2027-11-07T05:30"),
    ("America/St_Johns", "2026-03-08", "02:30", "2026-03-08T06:00"),
    ("America/St_Johns", "2026-11-01", "01:30", "2026-11-01T04:00"),
    ("America/St_Johns", "2027-03-14", "02:30", "2027-03-14T06:00"),
    ("America/St_Johns", "2027-11-07", "01:30", "2027-11-07T04:00"),
    # Half an hour forward, half an hour back.
    ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45"),
    ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45"),
    ("Australia/Lord_Howe", "2027-04-04", "01:45", "2027-04-03T14:45"),
    ("Australia/Lord_Howe", "2027-10-03", "02:15", "2027-10-02T15:45"),
    # Two hours.
    ("Antarctica/Troll", "2026-03-29", "01:30", "2026-03-29T01:30"),
    ("Antarctica/Troll", "2026-10-25", "01:30", "2026-10-24T23:30"),
    ("Antarctica/Troll", "2027-03-28", "02:30", "2027-03-28T02:30"),
    ("Antarctica/Troll", "2027-10-31", "02:30", "2027-10-31T00:30"),
    # Midnight is skipped.
    ("Africa/Cairo", "2026-04-24", "00:00", "2026-04-23T22:00"),
    ("Africa/Cairo", "2026-10-29", "23:30", "2026-10-29T20:30"),
    ("Africa/Cairo", "2027-04-30", "00:30", "2027-04-29T22:30"),
    ("Africa/Cairo", "2027-10-28", "23:30", "2027-10-28T20:30"),
    ("America/Santiago", "2026-04-04", "23:30", "2026-04-05T02:30"),
    ("America/Santiago", "2026-09-06", "00:30", "2026-09-06T04:30"),
    ("America/Santiago", "2027-04-03", "23:30", "2027-04-04T02:30"),
    ("America/Santiago", "2027-09-05", "00:00", "2027-09-05T04:00"),
    # The time is pushed into the next date.
    ("America/Nuuk", "2026-03-28", "23:30", "2026-03-29T01:30"),
    ("America/Nuuk", "2026-10-24", "23:30", "2026-10-25T00:30"),
    ("America/Nuuk", "2027-03-27", "23:30", "2027-03-28T01:30"),
    ("America/Nuuk", "2027-10-30", "23:30", "2027-10-31T00:30"),
    ("Pacific/Auckland", "2026-04-05", "02:30", "2026-04-04T13:30"),
    ("Pacific/Auckland", "2026-09-27", "02:30", "2026-09-26T14:30"),
    ("Pacific/Auckland", "2027-04-04", "02:30", "2027-04-03T13:30"),
    ("Pacific/Auckland", "2027-09-26", "02:30", "2027-09-25T14:30"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "day", "said", "instant"), CHANGES)
def test_a_time_at_a_change_of_the_clocks(name, day, said, instant):
    assert instant_of(dt.date.fromisoformat(day), at(said), name) == utc(instant)


def transitions(name: str, year: int) -> list[dt.datetime]:
    """Find the instants, to the minute, at which a zone's offset changes in a year."""
    here = zoneinfo.ZoneInfo(name)
    hours = [utc(f"{year}-01-01T00:00") + dt.timedelta(hours=n) for n in range(366 * 24)]
    offsets = [hour.astimezone(here).utcoffset() for hour in hours]
    return [hours[n] for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]]


def test_no_change_of_the_clocks_of_these_zones_is_missing():
    named = {(name, day[:4]) for name, day, *_rest in CHANGES}
    found = {
        (name, str(year)): len(transitions(name, year))
        for name in {change[0] for change in CHANGES}
        for year in (2026, 2027)
    }

    assert len({name for name, _year in named}) == 10
    assert set(found.values()) == {2}
    assert all(sum(1 for c in CHANGES if (c[0], c[1][:4]) == key) == 2 for key in found)


def test_a_skipped_time_still_counts_for_its_nominal_date():
    slots = [Slot(number=1, at=at("23:30"), weekdays=127)]
    days = occurrences(
        slots, first=dt.date(2026, 3, 27), last=dt.date(2026, 3, 29), zone_name="America/Nuuk"
    )

    assert [(one.local_date.day, one.due_at) for one in days] == [
        (27, utc("2026-03-28T01:30")), (28, utc("2026-03-29T01:30")), (29, utc("2026-03-30T00:30")),
    ]  # fmt: skip


def test_only_the_chosen_weekdays_come():
    slots = [
        Slot(number=2, at=at("18:00"), weekdays=0b0000101),
        Slot(number=1, at=at("09:00"), weekdays=0b1000000),
    ]
    found = occurrences(
        slots, first=dt.date(2026, 11, 22), last=dt.date(2026, 11, 25), zone_name="Europe/Lisbon"
    )

    assert [(one.slot, one.local_date.isoformat()) for one in found] == [
        (1, "2026-11-22"), (2, "2026-11-23"), (2, "2026-11-25"),
    ]  # fmt: skip


def rules_of(name: str) -> bytes:
    """Return a zone's rules as they are shipped: those of links are alike to the byte."""
    city = files("tzdata.zoneinfo").joinpath(*name.split("/"))
    return city.read_bytes()


def test_every_zone_gives_each_slot_once_a_day_in_order_and_never_in_quiet_hours():
    """500 zones and more, each set of rules once: two years, five times outside the quiet hours."""
    slots = [
        Slot(number=n, at=at(said), weekdays=127)
        for n, said in enumerate(("08:00", "10:30", "13:15", "17:45", "20:59"), start=1)
    ]
    first = dt.date(2026, 1, 1)
    last = first + 729 * DAY

    each_slot_on_each_day = [(slot.number, first + n * DAY) for n in range(730) for slot in slots]
    one_of_each = {rules_of(name): name for name in ZONES}.values()

    assert len(ZONES) >= 500
    assert len(one_of_each) >= 300
    for name in one_of_each:
        here = zoneinfo.ZoneInfo(name)
        found = list(occurrences(slots, first=first, last=last, zone_name=name))
        assert [(one.slot, one.local_date) for one in found] == each_slot_on_each_day, name
        instants = [one.due_at for one in found]
        assert all(map(lt, instants, instants[1:])), name
        # The clocks say what was chosen: no gap of these years lies in the day.
        shown = [each.astimezone(here).time() for each in instants]
        assert shown == [slot.at for slot in slots] * 730, name


@given(
    name=st.sampled_from(ZONES),
    day=st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)),
    minute=st.integers(0, 24 * 60 - 1),
)
def test_any_time_in_any_zone_comes_at_its_wall_clock_or_later_by_the_gap(name, day, minute):
    said = dt.time(minute // 60, minute % 60)
    here = zoneinfo.ZoneInfo(name)
    shown = instant_of(day, said, name).astimezone(here).replace(tzinfo=None)
    meant = dt.datetime.combine(day, said)

    gap = shown - meant
    assert dt.timedelta(0) <= gap <= dt.timedelta(hours=2)
    if gap:  # nothing shows the time that was meant
        earlier = instant_of(day, said, name) - gap
        assert earlier.astimezone(here).replace(tzinfo=None) != meant


@pytest.mark.parametrize(
    ("quiet", "said", "is_quiet"),
    [
        (NIGHT, "20:59", False), (NIGHT, "21:00", True), (NIGHT, "23:59", True),
        (NIGHT, "00:00", True), (NIGHT, "07:59", True), (NIGHT, "08:00", False),
        (NOON, "11:59", False), (NOON, "12:00", True), (NOON, "12:59", True),
        (NOON, "13:00", False), (NONE, "09:00", False), (NONE, "08:59", False),
    ],
)  # fmt: skip
def test_quiet_hours_are_half_open(quiet, said, is_quiet):
    assert quiet.cover(at(said)) is is_quiet


@pytest.mark.parametrize(
    ("instant", "end"),
    [
        ("2026-11-23T20:59", "2026-11-23T20:59"),
        ("2026-11-23T21:00", "2026-11-24T08:00"),
        ("2026-11-24T00:30", "2026-11-24T08:00"),
        ("2026-11-24T07:59", "2026-11-24T08:00"),
        ("2026-11-24T08:00", "2026-11-24T08:00"),
        # Through the night in which Lisbon's clocks go back.
        ("2026-10-24T22:00", "2026-10-25T08:00"),
    ],
)
def test_what_falls_in_quiet_hours_waits_for_their_end(instant, end):
    assert NIGHT.end_after(utc(instant), "Europe/Lisbon") == utc(end)


@pytest.mark.parametrize(
    ("weekday", "hour", "due"),
    [
        (1, 8, "2026-11-23T13:00"),  # Monday at eight in Toronto, as is usual
        (7, 20, "2026-11-30T01:00"),
        (1, 6, "2026-11-23T13:00"),  # in quiet hours: when they end
        (2, 22, "2026-11-25T13:00"),
    ],
)
def test_a_week_is_told_of_at_the_clinics_weekday_and_hour_after_it(weekday, hour, due):
    zone = "America/Toronto"
    told = weekly_at(dt.date(2026, 11, 16), weekday=weekday, hour=hour, zone_name=zone)

    assert NIGHT.end_after(told, zone) == utc(due)


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        ("2026-11-22T23:59", "2026-11-09"),
        ("2026-11-23T00:00", "2026-11-16"),
        ("2026-11-29T23:59", "2026-11-16"),
    ],
)
def test_a_week_is_over_on_its_monday_to_come(now, monday):
    assert completed_week(utc(now), "Europe/Lisbon").isoformat() == monday
    assert completed_week(utc(now) - dt.timedelta(hours=9), "Asia/Tokyo").isoformat() == monday
