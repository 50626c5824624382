"""msgspec's messages, read: which field, which stable code, and words for a person."""

from __future__ import annotations

import re
from typing import Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.body_types import VISIBLE, BadValue
from core.errors import FieldError

MAX_FIELD_LENGTH: Final = 200

_PATH = re.compile(r"(?P<what>.*?)(?: - at (?:`key` in )?`\$(?P<path>[^`]*)`)?", re.DOTALL)
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")

# The first that matches names the code; its group, where it has one, fills the words.
_Rule = tuple[re.Pattern[str], str, str | Promise]
_RULES: Final[tuple[_Rule, ...]] = (
    (re.compile(r"Object missing required field `(?P<name>.+)`"), "missing", _("This is missing.")),
    (
        re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL),
        "unknown_field",
        _("There is no such field."),
    ),
    (
        re.compile(r"Expected `(?:str|bytes)[^`]*` of length >= (?P<bound>\d+)"),
        "too_short",
        _("At least %(bound)s characters."),
    ),
    (
        re.compile(r"Expected `(?:str|bytes)[^`]*` of length <= (?P<bound>\d+)"),
        "too_long",
        _("At most %(bound)s characters."),
    ),
    (
        re.compile(r"Expected `[^`]*` of length >= (?P<bound>\d+)"),
        "too_few",
        _("At least %(bound)s of these."),
    ),
    (
        re.compile(r"Expected `[^`]*` of length <= (?P<bound>\d+)"),
        "too_many",
        _("At most %(bound)s of these."),
    ),
    (
        re.compile(rf"Expected `str` matching regex '.*{re.escape(repr(VISIBLE)[1:-1])}'"),
        "blank",
        _("Write something here."),
    ),
    (
        re.compile(r"Expected `[^`]*` matching regex"),
        "malformed",
        _("This does not have the form that it should."),
    ),
    (
        re.compile(r"Expected `[^`]*` >=? (?P<bound>\S+)"),
        "out_of_range",
        _("The least is %(bound)s."),
    ),
    (
        re.compile(r"Expected `[^`]*` <=? (?P<bound>\S+)"),
        "out_of_range",
        _("The most is %(bound)s."),
    ),
    (
        re.compile(r"Expected `[^`]*` that's a multiple of (?P<bound>\S+)"),
        "not_a_multiple",
        _("This goes in steps of %(bound)s."),
    ),
    (re.compile(r"Invalid (?:enum )?value"), "not_a_choice", _("This is none of the choices.")),
    (re.compile(r"Invalid UUID"), "not_a_uuid", _("Expected a UUID.")),
    (re.compile(r"Number out of range"), "out_of_range", _("This number is too large.")),
    (re.compile(r"Integer value out of range"), "out_of_range", _("This number is too large.")),
    (
        re.compile(r"Expected `(?P<bound>[a-z]+)[^`]*`"),
        "wrong_type",
        _("This is of another type than it should be (%(bound)s)."),
    ),
)


def field_error(error: msgspec.ValidationError) -> FieldError:
    """Name the field, the code and the words. What the client sent is not repeated."""
    match = _PATH.fullmatch(str(error))
    what, path = (match["what"], match["path"] or "") if match else (str(error), "")
    place = [step["key"] or step["index"] for step in _STEP.finditer(path)]
    # A key that the client chose is not in msgspec's path: the member that holds it is named.
    if "..." in place:
        place = place[: place.index("...")]
    if isinstance(error.__cause__, BadValue):
        return _from_bad_value(error.__cause__, place)
    return _from_message(what, place)


def _from_bad_value(bad: BadValue, place: list[str]) -> FieldError:
    return FieldError(field=_join([*place, bad.field]), code=bad.code, detail=str(bad.message))


def _from_message(what: str, place: list[str]) -> FieldError:
    for pattern, code, words in _RULES:
        if found := pattern.match(what):
            known = found.groupdict()
            detail = str(words) % known if "bound" in known else str(words)
            return FieldError(
                field=_join([*place, known.get("name", "")]), code=code, detail=detail
            )
    return FieldError(field=_join(place), code="invalid", detail=str(_("This is not valid.")))


def _join(place: list[str]) -> str:
    return ".".join(part for part in place if part)[:MAX_FIELD_LENGTH]
