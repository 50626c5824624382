"""
JSON as it must be before anything looks at it.

The standard parser accepts duplicate keys (the last wins), NaN, numbers beyond all bounds, NUL and
lone surrogates, and falls over deep nesting. Here each is an error with a stable code that names
where it stands. Numbers keep their type: 5.0 stays a float, so an integer field refuses it.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from itertools import accumulate
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import BodyTooLarge, Invalid

MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 16
MAX_DIGITS: Final = 18
MAX_FIELD_LENGTH: Final = 200

_BOM = b"\xef\xbb\xbf"
# The closing quote is optional, so that a string without its end is passed over once.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MESSAGES: Final[dict[str, str | Promise]] = {
    "duplicate_key": gettext_lazy("This key is given more than once."),
    "not_a_number": gettext_lazy("NaN and Infinity are not numbers here."),
    "number_too_large": gettext_lazy("This number is too large."),
    "lone_surrogate": gettext_lazy("This text holds half a character (a lone surrogate)."),
    "control_character": gettext_lazy("This text holds a control character."),
    "too_deep": gettext_lazy("This is nested too deeply."),
}

# Where a value stands: its own key and the place of its parent. Made into a path only on error.
_Place = tuple[str | int, Any] | None


def loads(raw: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> dict[str, Any]:
    """Parse one JSON object. Raises Invalid, or BodyTooLarge beyond `max_bytes`."""
    if len(raw) > max_bytes:
        raise BodyTooLarge(extra={"max_bytes": max_bytes})
    text = _text(raw)
    if _depth(raw) > max_depth:
        raise Invalid.at("", "too_deep", _MESSAGES["too_deep"])
    parser = _Parser()
    value = parser.parse(text)
    _refuse_fault(value, None)
    if not isinstance(value, dict):
        raise Invalid.at("", "not_an_object", _("Expected a JSON object."))
    # Raw control characters and surrogates never get this far: only an escape can make one.
    if parser.found_fault or "\\" in text:
        _refuse_faults(value)
    return value


def dotted(place: _Place, *, below: str = "") -> str:
    """Return the path of a place, as a client reads it, cut where a client's own keys are long."""
    parts = [below] if below else []
    while place is not None:
        key, place = place
        parts.append(str(key))
    return _SURROGATE.sub("\ufffd", ".".join(reversed(parts)))[:MAX_FIELD_LENGTH]


def find_bad_text(value: str) -> tuple[str, str | Promise] | None:
    """Return the code and the words for a text that holds what no text may, else None."""
    if _SURROGATE.search(value):
        return "lone_surrogate", _MESSAGES["lone_surrogate"]
    if _CONTROL.search(value):
        return "control_character", _MESSAGES["control_character"]
    return None


def _text(raw: bytes) -> str:
    if raw.startswith(_BOM):
        raise Invalid.at("", "byte_order_mark", _("Leave out the byte order mark."))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        message = _("The body is not UTF-8 (byte %(position)s).") % {"position": error.start}
        raise Invalid.at("", "not_utf8", message) from None
    if not text.strip():
        raise Invalid.at("", "empty_body", _("The body is empty."))
    return text


def _depth(raw: bytes) -> int:
    """Return how deeply brackets are nested outside strings, in one pass and before parsing."""
    brackets = _STRING.sub(b"", raw).translate(None, delete=_NOT_BRACKETS)
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)


class _Fault:
    """Stands in the parsed tree where something is wrong, until the walk finds out where that is."""

    __slots__ = ("code", "key")

    def __init__(self, code: str, key: str = "") -> None:
        self.code = code
        self.key = key


class _Parser:
    def __init__(self) -> None:
        self.found_fault = False

    def parse(self, text: str) -> object:
        try:
            return json.loads(
                text,
                object_pairs_hook=self._object,
                parse_int=self._integer,
                parse_float=self._float,
                parse_constant=self._constant,
            )
        except RecursionError:
            raise Invalid.at("", "too_deep", _MESSAGES["too_deep"]) from None
        except json.JSONDecodeError as error:
            message = _("The body is not JSON (line %(line)s, column %(column)s).") % {
                "line": error.lineno,
                "column": error.colno,
            }
            raise Invalid.at("", "malformed_json", message) from None

    def _object(self, pairs: list[tuple[str, Any]]) -> object:
        whole = dict(pairs)
        if len(whole) == len(pairs):
            return whole
        counts = Counter(key for key, _value in pairs)
        return self._fault("duplicate_key", counts.most_common(1)[0][0])

    def _integer(self, digits: str) -> object:
        if len(digits) - digits.startswith("-") > MAX_DIGITS:
            return self._fault("number_too_large")
        return int(digits)

    def _float(self, digits: str) -> object:
        number = float(digits)
        return number if math.isfinite(number) else self._fault("number_too_large")

    def _constant(self, _name: str) -> object:
        return self._fault("not_a_number")

    def _fault(self, code: str, key: str = "") -> _Fault:
        self.found_fault = True
        return _Fault(code, key)


def _refuse_faults(whole: dict[str, Any]) -> None:
    """Look at each key and value of a tree, to find where the fault in it is."""
    waiting: list[tuple[Any, _Place]] = [(whole, None)]
    while waiting:
        container, place = waiting.pop()
        items = container.items() if type(container) is dict else enumerate(container)
        for key, value in items:
            _refuse_fault(key, place)
            _refuse_fault(value, (key, place))
            if type(value) is dict or type(value) is list:
                waiting.append((value, (key, place)))


def _refuse_fault(leaf: object, place: _Place) -> None:
    if type(leaf) is _Fault:
        raise Invalid.at(dotted(place, below=leaf.key), leaf.code, _MESSAGES[leaf.code])
    if type(leaf) is str and (bad := find_bad_text(leaf)):
        raise Invalid.at(dotted(place), *bad)
