from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BodyTooLarge, Invalid
from core.strict_json import MAX_BYTES, find_bad_text, loads


def refusal(raw: bytes) -> tuple[str, str]:
    with pytest.raises(Invalid) as raised:
        loads(raw)
    (error,) = raised.value.errors
    return error.code, error.field


def nested(depth: int) -> bytes:
    """An object that holds arrays inside arrays: `depth` containers in all."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        (b"", "empty_body", ""),
        (b" \n\t ", "empty_body", ""),
        (b"\xef\xbb\xbf{}", "byte_order_mark", ""),
        (b'{"note":"\xff"}', "not_utf8", ""),
        (b'{"note":"\xed\xa0\x80"}', "not_utf8", ""),
        ("{}".encode("utf-16"), "not_utf8", ""),
        (b"{", "malformed_json", ""),
        (b'{"effort":4}}', "malformed_json", ""),
        (b'{"effort":04}', "malformed_json", ""),
        (b'{"effort":1_000}', "malformed_json", ""),
        ('{"effort":٤}'.encode(), "malformed_json", ""),
        (b"{'effort':4}", "malformed_json", ""),
        (b'{"effort":4,}', "malformed_json", ""),
        (b'{"note":"a\nb"}', "malformed_json", ""),
        (b'{"note":"\x00"}', "malformed_json", ""),
        (b"[]", "not_an_object", ""),
        (b'"text"', "not_an_object", ""),
        (b"null", "not_an_object", ""),
        (b"4", "not_an_object", ""),
        (b"NaN", "not_a_number", ""),
        (b'{"effort":4,"effort":5}', "duplicate_key", "effort"),
        (b'{"effort":4,"\\u0065ffort":5}', "duplicate_key", "effort"),
        (b'{"results":[{"pain":1},{"pain":2,"pain":3}]}', "duplicate_key", "results.1.pain"),
        (b'{"effort":NaN}', "not_a_number", "effort"),
        (b'{"sets":[{"load_kg":-Infinity}]}', "not_a_number", "sets.0.load_kg"),
        (b'{"effort":1e400}', "number_too_large", "effort"),
        (b'{"effort":-1e400}', "number_too_large", "effort"),
        (b'{"effort":1234567890123456789}', "number_too_large", "effort"),
        (b'{"effort":-1234567890123456789}', "number_too_large", "effort"),
        (b'{"effort":' + b"9" * 5_000 + b"}", "number_too_large", "effort"),
        (b'{"effort":' + b"9" * 5_000 + b".0}", "number_too_large", "effort"),
        (b'{"note":"a\\u0000b"}', "control_character", "note"),
        (b'{"note":"\\u001b[31m"}', "control_character", "note"),
        (b'{"checks":{"a\\u0000":"yes"}}', "control_character", "checks"),
        (b'{"note":"\\ud83d"}', "lone_surrogate", "note"),
        (b'{"symptoms":["ok","\\udc00x"]}', "lone_surrogate", "symptoms.1"),
        (b'{"\\ud800":1}', "lone_surrogate", ""),
        (nested(17), "too_deep", ""),
        (nested(500), "too_deep", ""),
        (nested(100_000), "too_deep", ""),
        (b"[" * 100_000, "too_deep", ""),
        (b'{"a":' * 40_000, "too_deep", ""),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else None,
)
def test_what_is_not_strict_json_is_refused_with_a_code_and_its_place(raw, code, field):
    assert refusal(raw) == (code, field)


def test_malformed_json_says_where():
    with pytest.raises(Invalid) as raised:
        loads(b'{"effort": 4,\n "pain" 5}')

    assert raised.value.errors[0].detail == "The body is not JSON (line 2, column 9)."


def test_brackets_inside_strings_nest_nothing():
    note = '"[[[[[[[[[[[[[[[[[[[[' + "\\" * 3 + '"{{{{{{{{{{{{{{{{{{{{'

    assert loads(json.dumps({"note": note}).encode()) == {"note": note}


def test_siblings_do_not_add_up():
    assert len(loads(b'{"a":[' + b"[[]]," * 30 + b"[]]}")["a"]) == 31


def test_sixteen_levels_are_deep_enough():
    assert json.dumps(loads(nested(16))).count("[") == 15


def test_numbers_keep_their_type():
    body = loads(b'{"a":5,"b":5.0,"c":-123456789012345678,"d":1e3,"e":0}')

    assert {key: (value, type(value)) for key, value in body.items()} == {
        "a": (5, int),
        "b": (5.0, float),
        "c": (-123456789012345678, int),
        "d": (1000.0, float),
        "e": (0, int),
    }


def test_line_breaks_tabs_and_whole_characters_by_escape_are_text():
    assert loads(b'{"note":"a\\r\\n\\tb \\ud83d\\ude00 \\" \\\\ud800"}') == {
        "note": 'a\r\n\tb \U0001f600 " \\ud800'
    }


def test_a_body_of_exactly_the_bound_is_read_and_one_more_byte_is_not():
    padded = b"{}" + b" " * (MAX_BYTES - 2)

    assert loads(padded) == {}
    with pytest.raises(BodyTooLarge) as raised:
        loads(padded + b" ")
    assert raised.value.extra == {"max_bytes": 262_144}
    assert raised.value.status == 413


def test_a_bound_of_ones_own_holds_instead():
    assert loads(b"{}" + b" " * MAX_BYTES, max_bytes=2 * MAX_BYTES) == {}


def test_a_long_key_is_cut_in_the_answer():
    code, field = refusal(b'{"' + b"k" * 5_000 + b'":NaN}')

    assert (code, field) == ("not_a_number", "k" * 200)


def test_hostile_bodies_are_refused_without_much_work():
    # A bound on work, not a benchmark: quadratic parsing of these takes minutes.
    started = time.process_time()
    for raw in (
        b"[" * 250_000,
        b'{"a":' * 50_000,
        b'{"a":' + b"9" * 250_000 + b"}",
        b'{"a":"' + b'\\"' * 125_000,
        b'"' * 250_001,
        b"\\" * 250_000,
    ):
        with pytest.raises(Invalid):
            loads(raw)

    assert time.process_time() - started < 5


def test_bad_text_is_found_wherever_text_comes_from():
    assert find_bad_text("plain\n\ttext, ünïcode, 日本") is None
    assert find_bad_text("a\x00b")[0] == "control_character"
    assert find_bad_text("\ud800")[0] == "lone_surrogate"


plain_text = st.text(st.characters(exclude_categories=("Cs", "Cc"), codec="utf-8"), max_size=20)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18) + 1, 10**18 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | plain_text,
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(plain_text, children, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(plain_text, json_values, max_size=4), st.booleans())
def test_honest_json_is_read_as_it_was_meant(body, ascii_only):
    raw = json.dumps(body, ensure_ascii=ascii_only).encode()

    assert loads(raw, max_depth=64) == body


def outcome_of(raw):
    """Anything but an object or a named refusal comes through as the exception it is."""
    try:
        body = loads(raw)
    except Invalid as refused:
        return "refused" if refused.errors[0].code else "nameless"
    return "read" if type(body) is dict else "not an object"


@given(st.binary(max_size=200))
def test_no_bytes_at_all_cause_anything_but_a_named_refusal(raw):
    assert outcome_of(raw) in {"read", "refused"}


@given(st.text(alphabet='{}[]",:\\u0d89eE+-.ntf ', max_size=60))
def test_no_near_json_causes_anything_but_a_named_refusal(text):
    assert outcome_of(text.encode()) in {"read", "refused"}
