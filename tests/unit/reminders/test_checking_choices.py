"""Which choices are possible: a table, and a second, plain definition that agrees on drawn ones."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.body_types import LocalDate
from reminders.actions.checking_choices import Standing, faults_of
from reminders.bodies.preferences import NewReminderChoice, NewReminderTime
from reminders.quiet_hours import QuietHours
from tests.api.reminders.choosing import choice

TODAY = dt.date(2026, 11, 26)
NIGHT = QuietHours(dt.time(21), dt.time(8))
ALL_DAY = QuietHours(dt.time(8), dt.time(8))


def asked(*times: Any, **fields: Any) -> NewReminderChoice:
    return msgspec.convert(choice(*times, **fields), NewReminderChoice)


def faults(
    said: NewReminderChoice,
    *,
    clinic: QuietHours = NIGHT,
    standing: Any = ("email",),
    **stood: Any,
) -> list[tuple[str, str]]:
    before = Standing(channels=standing, **stood)
    found = faults_of(said, clinic_hours=clinic, standing=before, today=TODAY)
    assert all(one.detail for one in found)
    return [(one.field, one.code) for one in found]


def test_a_choice_without_anything_is_possible() -> None:
    assert faults(asked()) == []
    assert faults(asked(channels=[])) == []


def test_each_fault_is_named_and_in_its_place() -> None:
    said = asked(
        "07:59",
        "09:00",
        {"at": "09:29", "weekdays": [7]},
        {"at": "09:00", "weekdays": [3, 3]},
        channels=["sms", "email", "email"],
        quiet_from="22:00",
        quiet_until="08:00",
        paused_until=None,
    )

    assert faults(said) == [
        ("times.0.at", "in_quiet_hours"),
        ("times.2.at", "too_close"),
        ("times.3.weekdays", "repeated"),
        ("times.3.at", "repeated"),
        ("channels.0", "channel_not_offered"),
        ("channels.2", "repeated"),
        ("quiet_from", "narrower_than_clinic"),
    ]


@pytest.mark.parametrize(
    ("standing", "offered", "expected"),
    [
        ((), {}, [("channels.0", "channel_not_offered"), ("channels.1", "channel_not_offered")]),
        (("sms",), {}, [("channels.1", "channel_not_offered")]),
        (("sms", "web_push"), {}, []),
        ((), {"SMS_URL": "json://x/{to}"}, [("channels.1", "channel_not_offered")]),
        ((), {"SMS_URL": "json://x/{to}", "VAPID_PRIVATE_KEY": "key"}, []),
    ],
)
def test_what_is_offered_or_stands_already_may_be_chosen(
    settings: Any, standing: Any, offered: dict[str, str], expected: Any
) -> None:
    for name, value in offered.items():
        setattr(settings, name, value)

    said = asked("09:00", channels=["sms", "web_push", "email"])

    assert faults(said, standing=standing) == expected


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("21:00", "08:00", []),
        ("00:00", "23:59", [("quiet_until", "narrower_than_clinic")]),
        ("20:59", "20:58", []),
        ("08:00", "21:00", [("quiet_from", "narrower_than_clinic")]),
        ("21:00", "20:59", []),
        ("08:00", "07:59", [("quiet_until", "narrower_than_clinic")]),
        ("12:00", "12:00", [("quiet_until", "same_time")]),
    ],
)
def test_own_quiet_hours_hold_the_clinic_s(begins: str, ends: str, expected: Any) -> None:
    assert faults(asked(quiet_from=begins, quiet_until=ends)) == expected
    if "same_time" not in str(expected):
        assert faults(asked(quiet_from=begins, quiet_until=ends), clinic=ALL_DAY) == []


QUIET, NARROW = "in_quiet_hours", "narrower_than_clinic"
WIDE = QuietHours(dt.time(20), dt.time(9))


@pytest.mark.parametrize(
    ("at", "own", "standing_own", "expected"),
    [
        # At which nobody is reminded any longer: what stands stays, what is new is refused.
        ("08:30", None, None, []),
        ("08:31", None, None, [("times.0.at", QUIET)]),
        ("08:29", None, None, [("times.0.at", QUIET)]),
        # Own hours that stand are narrower than the clinic's by now.
        ("08:30", ("21:00", "08:00"), ("21:00", "08:00"), []),
        ("08:30", ("21:00", "08:01"), ("21:00", "08:00"), [("quiet_from", NARROW)]),
        ("08:30", ("20:00", "08:00"), ("21:00", "08:00"), [("quiet_until", NARROW)]),
        ("08:30", ("21:00", "08:00"), None, [("quiet_from", NARROW)]),
        ("08:30", None, ("21:00", "08:00"), []),
        ("08:30", ("21:00", None), ("21:00", "08:00"), [("quiet_until", "missing")]),
        # New hours of one's own reach no time that the clinic's leave free, though it stands.
        ("08:30", ("20:00", "09:00"), None, []),
        ("12:00", ("20:00", "12:00"), None, []),
        ("12:00", ("20:00", "12:01"), None, [("times.0.at", QUIET)]),
        ("12:00", ("20:00", "12:01"), ("20:00", "12:00"), [("times.0.at", QUIET)]),
    ],
)
def test_what_stands_already_may_stay_though_the_clinic_s_hours_are_wider_now(
    at: str, own: Any, standing_own: Any, expected: Any
) -> None:
    begins, ends = own or (None, None)
    stood = standing_own and QuietHours(*map(dt.time.fromisoformat, standing_own))
    said = asked(at, quiet_from=begins, quiet_until=ends)

    assert (
        faults(said, clinic=WIDE, times=[dt.time(8, 30), dt.time(12)], own_hours=stood) == expected
    )


minutes = st.sampled_from([0, 1, 29, 30, 31, 59])
clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), minutes)
days = st.lists(st.integers(1, 7), min_size=1, max_size=3, unique=True)
times = st.lists(st.builds(NewReminderTime, at=clocks, weekdays=days), max_size=4)
spans = st.one_of(st.none(), st.tuples(clocks, clocks))


@settings(max_examples=60, deadline=None)
@given(chosen=times, own=spans, clinic=st.tuples(clocks, clocks))
def test_a_choice_is_possible_where_a_plain_look_at_each_minute_says_so(
    chosen: list[NewReminderTime], own: Any, clinic: Any
) -> None:
    begins, ends = own or (None, None)
    said = msgspec.structs.replace(asked(), times=chosen, quiet_from=begins, quiet_until=ends)
    hours = QuietHours(*map(dt.time.fromisoformat, clinic))

    found = faults(said, clinic=hours)

    assert (found == []) == plainly_possible(chosen, own, clinic)


def plainly_possible(chosen: list[NewReminderTime], own: Any, clinic: Any) -> bool:
    """By sets of minutes: of the day for quiet hours, of the week for nearness."""
    theirs = span(*clinic)
    mine = span(*own) if own else set()
    if own and (own[0] == own[1] or not theirs <= mine):
        return False
    if any(minute(one.at) in theirs | mine for one in chosen):
        return False
    if len({one.at for one in chosen}) < len(chosen):
        return False
    spots = [
        (place, (day - 1) * 1440 + minute(one.at))
        for place, one in enumerate(chosen)
        for day in one.weekdays
    ]
    around = 7 * 1440
    return all(
        place == other or min((a - b) % around, (b - a) % around) >= 30
        for place, a in spots
        for other, b in spots
    )


def span(begins: str, ends: str) -> set[int]:
    found, at = set(), minute(begins)
    while at != minute(ends):
        found.add(at)
        at = (at + 1) % 1440
    return found


def minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


@pytest.mark.parametrize(
    ("days", "is_paused", "expected"),
    [
        (-1, True, "too_long_ago"),
        (0, True, None),
        (366, True, None),
        (367, True, "too_far_ahead"),
        (0, False, "not_paused"),
        (-1, False, "not_paused"),
    ],
)
def test_the_last_day_of_a_pause(days: int, is_paused: bool, expected: str | None) -> None:
    last = TODAY + dt.timedelta(days=days)
    said = msgspec.structs.replace(
        asked(is_paused=is_paused), paused_until=LocalDate(last.year, last.month, last.day)
    )

    assert faults(said) == ([("paused_until", expected)] if expected else [])


@pytest.mark.parametrize(
    ("stood", "expected"), [(-1, []), (-2, ["too_long_ago"]), (None, ["too_long_ago"])]
)
def test_a_pause_that_is_over_may_stay(stood: int | None, expected: list[str]) -> None:
    last = TODAY - dt.timedelta(days=1)
    said = msgspec.structs.replace(
        asked(is_paused=True), paused_until=LocalDate(last.year, last.month, last.day)
    )
    before = None if stood is None else TODAY + dt.timedelta(days=stood)

    assert [code for _field, code in faults(said, paused_until=before)] == expected
