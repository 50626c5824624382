from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from rehab_platform.renderers import BodyRenderer


class Answer(msgspec.Struct):
    id: UUID
    on: dt.date
    completion: float | None


def test_a_struct_is_json():
    answer = Answer(UUID(int=7), dt.date(2026, 11, 23), None)

    assert BodyRenderer().render(answer) == (
        b'{"id":"00000000-0000-0000-0000-000000000007","on":"2026-11-23","completion":null}'
    )


def test_lists_and_mappings_may_hold_structs():
    answer = Answer(UUID(int=7), dt.date(2026, 11, 23), 0.5)

    assert (
        BodyRenderer().render({"results": [answer], "next": None}).startswith(b'{"results":[{"id":')
    )


def test_no_body_stays_no_body():
    assert BodyRenderer().render(None) == b""
