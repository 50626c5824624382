"""msgspec's messages, read: which field, which stable code, and words for a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.body_choices import choices_at
from core.body_types import ONE_LINE, VISIBLE, BadValue
from core.errors import FieldError

MAX_FIELD_LENGTH: Final = 200

_NO_CHOICE: Final = ("Invalid value", "Invalid enum value")
_PATH = re.compile(r"(?P<what>.*?)(?: - at (?:`key` in )?`\$(?P<path>[^`]*)`)?", re.DOTALL)
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")

MALFORMED: Final = "malformed"
NOT_A_CHOICE: Final = "not_a_choice"
NO_FORM: Final = _("This does not have the form that it should.")
# Every pattern that a body asks for, in words; a test looks for one that is not here.
FORMS: Final[Mapping[str, Promise]] = {
    ONE_LINE: _("Expected words on one line, with no space before or after them."),
    r"^[^\s@]+@[^\s@]+$(?!\n)": _("Expected an address such as ana@example.org."),
    r"^([^\s@]+@[^\s@]+)?$(?!\n)": _("Expected an address such as ana@example.org, or nothing."),
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)": _("Expected a time of day such as 08:30."),
    r"^[a-z]{2,3}(-[A-Z]{2})?$(?!\n)": _("Expected a language such as en or pt-PT."),
    r"^[A-Z]{2}$(?!\n)": _("Expected a country such as PT."),
    r"^[0-9]{6}$(?!\n)": _("Expected six digits."),
    "^[a-z][a-z0-9_]{0,59}$": _("Expected a name such as wall_stretch, of up to 60 characters."),
    "^[a-z0-9-]+$": _("Expected a name such as heels-lift."),
    "^[a-z][a-z0-9]*(-[a-z0-9]+)*$": _("Expected a name such as heels-lift."),
}
# As msgspec repeats them.
_FORMS_SAID: Final = {repr(pattern)[1:-1]: words for pattern, words in FORMS.items()}

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
        re.compile(r"Expected `(?:str|bytes)[^`]*` of length >= 1\b"),
        "too_short",
        _("This must not be empty."),
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
    (re.compile(r"Expected `[^`]*` of length >= 1\b"), "too_few", _("At least one of these.")),
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
    (re.compile(r"Expected `[^`]*` matching regex '(?P<form>.*)'"), MALFORMED, NO_FORM),
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
    (re.compile(r"Invalid (?:enum )?value"), NOT_A_CHOICE, _("This is none of the choices.")),
    (re.compile(r"Invalid UUID"), "not_a_uuid", _("Expected a UUID.")),
    (re.compile(r"Number out of range"), "out_of_range", _("This number is too large.")),
    (re.compile(r"Integer value out of range"), "out_of_range", _("This number is too large.")),
    (
        re.compile(r"Expected `(?P<bound>[a-z]+)[^`]*`"),
        "wrong_type",
        _("This is of another type than it should be (%(bound)s)."),
    ),
)


def field_error(error: msgspec.ValidationError, kind: object = None) -> FieldError:
    """
    Name the field, the code and the words. What the client sent is not repeated.

    `kind` is the struct that was asked for: of a member with choices the words name them.
    """
    match = _PATH.fullmatch(str(error))
    what, path = (match["what"], match["path"] or "") if match else (str(error), "")
    place = [step["key"] or step["index"] for step in _STEP.finditer(path)]
    choices = choices_at(kind, place) if what.startswith(_NO_CHOICE) else []
    # A key that the client chose is not in msgspec's path: the member that holds it is named.
    if "..." in place:
        place = place[: place.index("...")]
    if isinstance(error.__cause__, BadValue):
        return _from_bad_value(error.__cause__, place)
    if choices:
        words = str(_("One of: %(names)s.")) % {"names": ", ".join(choices)}
        return FieldError(field=_join(place), code=NOT_A_CHOICE, detail=words)
    return _from_message(what, place)


def _from_bad_value(bad: BadValue, place: list[str]) -> FieldError:
    return FieldError(field=_join([*place, bad.field]), code=bad.code, detail=str(bad.message))


def _from_message(what: str, place: list[str]) -> FieldError:
    for pattern, code, words in _RULES:
        if found := pattern.match(what):
            known = found.groupdict()
            said = str(_FORMS_SAID.get(known.get("form", ""), words))
            detail = said % known if "bound" in known else said
            return FieldError(
                field=_join([*place, known.get("name", "")]), code=code, detail=detail
            )
    return FieldError(field=_join(place), code="invalid", detail=str(_("This is not valid.")))


def _join(place: list[str]) -> str:
    return ".".join(part for part in place if part)[:MAX_FIELD_LENGTH]
