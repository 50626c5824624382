from __future__ import annotations

import json
import random
import unicodedata
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bodies import CANONICAL_VERSION, Body, Instant, canonical, content_hash, decode, whole
from core.strict_json import loads


class SetOf(Body):
    repetitions: Annotated[int, whole(0, 1000)]
    load_kg: float | None = None


class Logged(Body):
    id: str
    performed_at: Instant
    sent_at: Instant | None = None
    note: str = ""
    effort: Annotated[int, whole(0, 10)] | None = None
    symptoms: list[str] = []
    checks: dict[str, str] = {}
    sets: list[SetOf] = []


PLAIN = {
    "id": "a",
    "performed_at": "2026-11-23T09:30:00+01:00",
    "sent_at": "2026-11-23T18:02:11+01:00",
    "note": "caf\u00e9",
    "effort": 4,
    "symptoms": ["dizziness", "other"],
    "checks": {"heel-down": "yes", "tall": "no"},
    "sets": [{"repetitions": 10, "load_kg": 2}, {"repetitions": 8}],
}


def hash_of(**changes):
    body = {key: value for key, value in {**PLAIN, **changes}.items() if value is not ...}
    return content_hash(decode(body, Logged))


def test_the_bytes_of_version_one_are_these_for_ever():
    # Rows are stored with this hash: a change here turns old duplicates into conflicts.
    assert CANONICAL_VERSION == 1
    assert canonical(decode(PLAIN, Logged), without=("sent_at",)).decode() == (
        '{"checks":{"heel-down":"yes","tall":"no"},"effort":4,"id":"a","note":"café",'
        '"performed_at":"2026-11-23T08:30:00.000000+00:00 1:00:00",'
        '"sets":[{"load_kg":2,"repetitions":10},{"repetitions":8}],'
        '"symptoms":["dizziness","other"]}'
    )
    assert hash_of().hex() == "a6a3cb44862995c0d126ca6a72c25c17c84cd411a0b9508e1f616721c4f8f20b"
    assert len(hash_of()) == 32


@pytest.mark.parametrize(
    "changes",
    [
        {"sent_at": "2026-11-24T07:00:00Z"},
        {"sent_at": ...},
        {"note": "cafe\u0301"},
        {"performed_at": "2026-11-23T09:30:00.000+01:00"},
        {"performed_at": "2026-11-23t09:30:00+01:00"},
        {"checks": {"tall": "no", "heel-down": "yes"}},
        {"sets": [{"load_kg": 2.0, "repetitions": 10}, {"repetitions": 8, "load_kg": None}]},
    ],
)
def test_the_same_content_written_otherwise_is_the_same(changes):
    assert hash_of(**changes) == hash_of()


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "b"},
        {"note": "cafe"},
        {"note": "café "},
        {"effort": 5},
        {"effort": ...},
        {"effort": 0},
        {"symptoms": ["other", "dizziness"]},
        {"symptoms": []},
        {"checks": {"heel-down": "no", "tall": "yes"}},
        {"sets": [{"repetitions": 10, "load_kg": 2}]},
        {"sets": [{"repetitions": 10, "load_kg": 2.5}, {"repetitions": 8}]},
        {"sets": [{"repetitions": 10}, {"repetitions": 8, "load_kg": 2}]},
        # The same moment, but other rules for its local date.
        {"performed_at": "2026-11-23T08:30:00Z"},
        {"performed_at": "2026-11-23T08:30:00+00:00"},
        {"performed_at": "2026-11-23T10:30:00+02:00"},
        {"performed_at": "2026-11-23T09:30:00.000001+01:00"},
    ],
)
def test_other_content_is_other(changes):
    assert hash_of(**changes) != hash_of()


def test_effort_nought_is_not_effort_unanswered():
    assert hash_of(effort=0) != hash_of(effort=None)
    assert hash_of(effort=...) == hash_of(effort=None)


def test_minus_nought_is_nought():
    assert hash_of(sets=[{"repetitions": 1, "load_kg": -0.0}]) == hash_of(
        sets=[{"repetitions": 1, "load_kg": 0}]
    )


def test_a_field_that_is_added_later_leaves_old_hashes_as_they_were():
    class LoggedLater(Logged):
        helper: str | None = None

    assert content_hash(decode(PLAIN, LoggedLater)) == hash_of()


def test_only_the_top_level_is_left_out():
    class Outer(msgspec.Struct):
        sent_at: str
        inner: dict[str, str]

    assert canonical(Outer("a", {"sent_at": "b"}), without=("sent_at",)) == (
        b'{"inner":{"sent_at":"b"}}'
    )


def shuffled(value, order):
    if isinstance(value, dict):
        items = [(key, shuffled(item, order)) for key, item in value.items()]
        order.shuffle(items)
        return dict(items)
    return [shuffled(item, order) for item in value] if isinstance(value, list) else value


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
bodies = st.fixed_dictionaries(
    {
        "id": texts,
        "performed_at": st.sampled_from(
            ["2026-11-23T09:30:00+01:00", "2026-11-23T08:30:00Z", "2026-03-29T01:30:00-11:30"]
        ),
    },
    optional={
        "note": texts,
        "effort": st.integers(0, 10),
        "symptoms": st.lists(texts, max_size=3),
        "checks": st.dictionaries(texts, texts, max_size=3),
        "sets": st.lists(
            st.fixed_dictionaries(
                {"repetitions": st.integers(0, 1000)},
                optional={"load_kg": st.integers(0, 1000).map(lambda halves: halves / 2)},
            ),
            max_size=3,
        ),
    },
)


@given(bodies, st.integers(0, 9), st.sampled_from([None, 1, 4]), st.booleans())
def test_order_white_space_and_escapes_change_no_hash(body, seed, indent, escaped):
    written = json.dumps(
        shuffled(body, random.Random(seed)), indent=indent, ensure_ascii=escaped
    ).encode()

    assert content_hash(decode(loads(written), Logged)) == content_hash(decode(body, Logged))


@given(bodies, bodies)
def test_hashes_are_equal_only_where_contents_are(one, other):
    def meaning(body):
        struct = decode(body, Logged)
        texts_in_nfc = [
            unicodedata.normalize("NFC", text)
            for text in (struct.id, struct.note, *struct.symptoms, *struct.checks.values())
        ]
        return (struct.performed_at, struct.effort, texts_in_nfc, len(struct.symptoms),
                sorted(map(repr, struct.checks)), struct.sets)  # fmt: skip

    if meaning(one) != meaning(other):
        assert content_hash(decode(one, Logged)) != content_hash(decode(other, Logged))


@given(texts)
def test_composed_and_decomposed_texts_are_one(note):
    composed, decomposed = (unicodedata.normalize(form, note) for form in ("NFC", "NFD"))

    assert hash_of(note=composed) == hash_of(note=decomposed)
