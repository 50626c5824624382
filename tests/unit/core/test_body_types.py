from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.body_types import BadValue, Instant, LocalDate, parse_own, plain_own, schema_own


def refusal(parse, value):
    with pytest.raises(BadValue) as raised:
        parse(value)
    return raised.value.code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2026-11-23T09:30:00", "offset_missing"),
        ("2026-11-23T09:30:00.123456", "offset_missing"),
        ("2026-11-23", "not_a_time"),
        ("2026-11-23 09:30:00+01:00", "not_a_time"),
        ("2026-11-23T09:30+01:00", "not_a_time"),
        ("2026-11-23T09:30:00+0100", "not_a_time"),
        ("2026-11-23T09:30:00+01", "not_a_time"),
        ("20261123T093000Z", "not_a_time"),
        ("2026-11-31T09:30:00+01:00", "not_a_time"),
        ("2026-11-23T24:00:00Z", "not_a_time"),
        ("2026-11-23T23:59:60Z", "not_a_time"),
        ("2026-11-23T09:30:00+24:00", "not_a_time"),
        ("2026-11-23T09:30:00Z\n", "not_a_time"),
        ("٢026-11-23T09:30:00Z", "not_a_time"),
        ("yesterday", "not_a_time"),
        ("", "not_a_time"),
        (1_795_000_000, "wrong_type"),
        (None, "wrong_type"),
        ("1999-12-31T23:59:59Z", "out_of_range"),
        ("2000-01-01T00:59:59+01:00", "out_of_range"),
        ("2100-01-01T00:00:00Z", "out_of_range"),
        ("9999-12-31T23:59:59Z", "out_of_range"),
        ("0001-01-01T00:00:00+14:00", "out_of_range"),
        ("2026-11-23T09:30:00+14:01", "out_of_range"),
    ],
)
def test_what_is_not_a_time_with_an_offset_is_refused(value, code):
    assert refusal(Instant.parse, value) == code


def test_the_offset_that_was_sent_stays():
    instant = Instant.parse("2026-11-23T09:30:00.25+01:00")

    assert instant.at.isoformat() == "2026-11-23T09:30:00.250000+01:00"
    assert instant.at.utcoffset() == dt.timedelta(hours=1)
    assert instant.zone_unknown is False


@pytest.mark.parametrize(
    ("sent", "unknown"),
    [
        ("2026-11-23T09:30:00Z", True),
        ("2026-11-23t09:30:00z", True),
        ("2026-11-23T09:30:00-00:00", True),
        ("2026-11-23T09:30:00+00:00", False),
    ],
)
def test_utc_without_a_zone_is_told_from_a_phone_in_greenwich(sent, unknown):
    instant = Instant.parse(sent)

    assert instant.zone_unknown is unknown
    assert instant.at == dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("sent", "zone", "day"),
    [
        # 23:30 in UTC: tomorrow in Auckland, today in Lisbon's winter, whatever the patient's zone.
        ("2026-11-23T23:30:00Z", "Pacific/Auckland", dt.date(2026, 11, 24)),
        ("2026-11-23T23:30:00-00:00", "Europe/Lisbon", dt.date(2026, 11, 23)),
        ("2026-11-23T23:30:00+00:00", "Pacific/Auckland", dt.date(2026, 11, 23)),
        ("2026-11-24T12:30:00+13:00", "Europe/Lisbon", dt.date(2026, 11, 24)),
    ],
)
def test_the_date_is_the_phones_own_unless_it_does_not_know_where_it_is(sent, zone, day):
    assert Instant.parse(sent).local_date(zone) == day


def test_an_instant_is_written_as_it_was_meant():
    assert Instant.parse("2026-11-23T09:30:00-00:00").isoformat() == "2026-11-23T09:30:00Z"
    assert Instant.parse("2026-11-23T09:30:00+00:00").isoformat() == "2026-11-23T09:30:00+00:00"
    assert repr(Instant.parse("2026-11-23T09:30:00+01:00")) == "Instant(2026-11-23T09:30:00+01:00)"


def test_instants_are_equal_where_moment_and_local_date_are():
    bare = Instant.parse("2026-11-23T09:30:00Z")
    greenwich = Instant.parse("2026-11-23T09:30:00+00:00")
    lisbon = Instant.parse("2026-11-23T09:30:00.000000-00:00")

    assert bare == lisbon
    assert hash(bare) == hash(lisbon)
    assert bare != greenwich
    assert bare != "2026-11-23T09:30:00Z"


times = st.datetimes(
    dt.datetime(2000, 1, 2),
    dt.datetime(2099, 12, 30),
    timezones=st.builds(
        lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)), st.integers(-14 * 60, 14 * 60)
    ),
)


@given(times)
def test_every_time_of_the_century_comes_back_as_itself(at):
    parsed = Instant.parse(at.isoformat())

    assert (parsed.at, parsed.at.utcoffset()) == (at, at.utcoffset())
    assert Instant.parse(parsed.isoformat()) == parsed
    assert parsed.local_date("Pacific/Auckland") == at.date()


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2026-11-31", "not_a_date"),
        ("2026-1-1", "not_a_date"),
        ("20261123", "not_a_date"),
        ("2026-W47-1", "not_a_date"),
        ("2026-11-23T00:00:00", "not_a_date"),
        ("2026-11-23\n", "not_a_date"),
        ("", "not_a_date"),
        (20261123, "wrong_type"),
        ("1899-12-31", "out_of_range"),
        ("2100-01-02", "out_of_range"),
        ("9999-12-31", "out_of_range"),
    ],
)
def test_what_is_not_a_date_is_refused(value, code):
    assert refusal(LocalDate.parse, value) == code


@pytest.mark.parametrize("value", ["1900-01-01", "2024-02-29", "2100-01-01"])
def test_a_date_is_a_plain_date(value):
    day = LocalDate.parse(value)

    assert day == dt.date.fromisoformat(value)
    assert day + dt.timedelta(days=1) == dt.date.fromisoformat(value) + dt.timedelta(days=1)


def test_each_type_of_the_house_has_a_schema_and_a_way_out():
    assert schema_own(Instant) == {"type": "string", "format": "date-time"}
    assert schema_own(LocalDate) == {"type": "string", "format": "date"}
    assert plain_own(LocalDate(2026, 11, 23)) == "2026-11-23"


@pytest.mark.parametrize("hook", [lambda: parse_own(set, "x"), lambda: plain_own({1}),
                                  lambda: schema_own(set)])  # fmt: skip
def test_a_type_that_nobody_described_is_a_mistake_of_ours(hook):
    with pytest.raises(NotImplementedError):
        hook()
