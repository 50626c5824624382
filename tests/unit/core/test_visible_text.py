"""A note that is asked for has something to see in it, and whoever sent none is told which field."""

from __future__ import annotations

import unicodedata
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bodies import Body, decode, line, visible_text
from core.errors import Invalid


class Asked(Body):
    note: Annotated[str, visible_text(12)]


class Free(Body):
    note: Annotated[str, visible_text(12, may_be_empty=True)] = ""


class Named(Body):
    name: Annotated[str, line(12)]


INVISIBLE = {
    "a space": " ",
    "several spaces": "   ",
    "a line break": "\n",
    "a tab": "\t",
    "a no-break space": "\u00a0",
    "an ideographic space": "\u3000",
    "a zero-width space": "\u200b",
    "a zero-width joiner": "\u200d",
    "a byte order mark": "\ufeff",
    "a soft hyphen": "\u00ad",
    "a word joiner": "\u2060",
    "a direction mark": "\u200f",
    "an override of direction": "\u202e",
    "a Hangul filler": "\u3164",
    "a blank of Braille": "\u2800",
    "a variation selector": "\ufe0f",
    "several of these": " \u200b\n\ufeff ",
}
SEEN = ["x", "?", "0", "é", "e\u0301", "痛", "ж", "ب", "👍", "👍\ufe0f", " x ", "\u200bx", "\nx\n"]


def refused(value: dict[str, object], kind: type) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as raised:
        decode(value, kind)
    return [(each.field, each.code) for each in raised.value.errors]


@pytest.mark.parametrize("kind", [Asked, Free])
@pytest.mark.parametrize("blank", INVISIBLE.values(), ids=INVISIBLE)
def test_what_shows_nothing_is_refused_by_its_field(kind, blank):
    assert refused({"note": blank}, kind) == [("note", "blank")]


@pytest.mark.parametrize("blank", INVISIBLE.values(), ids=INVISIBLE)
def test_neither_is_it_a_name(blank):
    assert refused({"name": blank}, Named) == [("name", "malformed")]


@pytest.mark.parametrize("kind", [Asked, Free])
@pytest.mark.parametrize("seen", SEEN)
def test_what_shows_something_is_kept_as_it_was_sent(kind, seen):
    assert decode({"note": seen}, kind).note == seen


def test_only_what_may_be_empty_is():
    assert decode({"note": ""}, Free).note == decode({}, Free).note == ""
    assert refused({"note": ""}, Asked) == [("note", "too_short")]
    assert refused({}, Asked) == [("note", "missing")]


@pytest.mark.parametrize("kind", [Asked, Free])
@pytest.mark.parametrize(
    ("sent", "code"), [("x" * 12, None), ("x" * 13, "too_long"), (None, "wrong_type")]
)
def test_bounds_and_types_hold_as_of_every_text(kind, sent, code):
    if code is None:
        assert decode({"note": sent}, kind).note == sent
    else:
        assert refused({"note": sent}, kind) == [("note", code)]


# Marks and symbols apart from letters: some of each are drawn as nothing.
SHOWN = st.characters(categories=["Lu", "Ll", "Nd", "Po", "Sc"])
HIDDEN = st.characters(categories=["Zs", "Zl", "Zp"]) | st.sampled_from(
    list("\n\t\u200b\u2060\ufeff")
)


@given(st.text(HIDDEN, min_size=1, max_size=12))
def test_no_text_of_spaces_alone_is_a_note(blank):
    assert {unicodedata.category(each)[0] for each in blank} <= {"Z", "C"}
    assert refused({"note": blank}, Asked) == [("note", "blank")]


@given(st.text(HIDDEN, max_size=5), SHOWN, st.text(HIDDEN, max_size=5))
def test_one_letter_among_them_is(before, letter, after):
    sent = before + letter + after

    assert decode({"note": sent}, Asked).note == sent
