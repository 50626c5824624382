"""Keys made in Python: time-ordered, so that B-tree pages fill in order, and known before the write."""

from __future__ import annotations

import os
import threading
import time
import uuid

_COUNTER_BITS = 12
_RANDOM_BYTES = 8
_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """
    Return a version 7 UUID (RFC 9562): 48 bits of Unix milliseconds, a counter, 62 random bits.

    The keys of one process rise strictly, also within a millisecond (method 1 of section 6.2) and
    when the clock is set back a little: rows made in an order sort in that order.
    """
    return uuid.UUID(int=_key(_next_ticks(1), os.urandom(_RANDOM_BYTES)))


def uuid7_texts(count: int) -> list[str]:
    """Return so many keys that follow each other, as 32 hexadecimal digits: for rows sent in bulk."""
    first, noise = _next_ticks(count), os.urandom(_RANDOM_BYTES * count)
    return [
        f"{_key(first + n, noise[_RANDOM_BYTES * n : _RANDOM_BYTES * (n + 1)]):032x}"
        for n in range(count)
    ]


def _key(tick: int, noise: bytes) -> int:
    moment, counter = tick >> _COUNTER_BITS, tick & 0xFFF
    random_bits = int.from_bytes(noise, "big") & (2**62 - 1)
    return moment << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | random_bits


def _next_ticks(count: int) -> int:
    """
    Take so many ticks, and return the first, which is higher than every one before.

    A tick is milliseconds and counter as one number.
    """
    global _last  # noqa: PLW0603 (the one counter of this process, under its lock)
    now = (time.time_ns() // 1_000_000) << _COUNTER_BITS
    with _lock:
        is_ahead = now > _last or _last - now > (60_000 << _COUNTER_BITS)
        first = now if is_ahead else _last + 1
        _last = first + count - 1
        return first
