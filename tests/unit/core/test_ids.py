from __future__ import annotations

import datetime as dt

from core import ids
from core.ids import uuid7


def test_a_key_is_a_version_7_uuid_of_its_moment(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC), tick=False)

    key = uuid7()

    assert (key.version, key.variant) == (7, "specified in RFC 4122")
    assert key.int >> 80 == 1_795_456_920_000


def test_keys_rise_also_within_a_millisecond_and_are_never_equal(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 23, 18, 3, tzinfo=dt.UTC), tick=False)

    keys = [uuid7() for _ in range(10_000)]

    assert keys == sorted(keys)
    assert len(set(keys)) == 10_000


def test_a_clock_set_back_a_little_does_not_turn_the_order(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 23, 18, 4, tzinfo=dt.UTC), tick=False)
    before = uuid7()
    time_machine.move_to(dt.datetime(2026, 11, 23, 18, 3, 59, tzinfo=dt.UTC), tick=False)

    assert uuid7() > before


def test_a_clock_set_back_far_is_believed(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 23, 19, 0, tzinfo=dt.UTC), tick=False)
    ids.uuid7()
    time_machine.move_to(dt.datetime(2026, 11, 23, 18, 0, tzinfo=dt.UTC), tick=False)

    assert uuid7().int >> 80 == 1_795_456_800_000
