from __future__ import annotations

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor

from core import ids
from core.ids import uuid7, uuid7_texts


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


# ---- Many at once --------------------------------------------------------------------------------


def test_many_keys_are_such_keys_too(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 23, 20, 2, tzinfo=dt.UTC), tick=False)

    keys = [uuid.UUID(text) for text in uuid7_texts(3)]

    assert [(key.version, key.variant) for key in keys] == [(7, "specified in RFC 4122")] * 3
    assert {key.int >> 80 for key in keys} == {1_795_464_120_000}


def test_they_rise_among_themselves_and_with_those_made_one_by_one(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 23, 20, 3, tzinfo=dt.UTC), tick=False)

    keys = [uuid7().hex, *uuid7_texts(5_000), uuid7().hex, *uuid7_texts(1), uuid7().hex]

    assert keys == sorted(keys)
    assert len(set(keys)) == 5_004


def test_their_random_bits_differ():
    keys = [uuid.UUID(text).int & (2**62 - 1) for text in uuid7_texts(100)]

    assert len(set(keys)) == 100
    assert uuid7_texts(0) == []


def test_two_threads_never_make_the_same():
    with ThreadPoolExecutor(2) as threads:
        made = [key for keys in threads.map(uuid7_texts, [500] * 8) for key in keys]

    assert len(set(made)) == 4_000
