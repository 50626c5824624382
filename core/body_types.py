"""The types that fields of a body have beside the plain ones, and the JSON schema of each."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import calendar

FIRST_INSTANT: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
END_OF_INSTANTS: Final = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
FIRST_DATE: Final = dt.date(1900, 1, 1)
LAST_DATE: Final = dt.date(2100, 1, 1)
WIDEST_OFFSET: Final = dt.timedelta(hours=14)

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?P<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# A character that leaves a mark: neither space nor one of Unicode's that show nothing (soft hyphen,
# zero-width, direction marks, fillers, variation selectors).
VISIBLE: Final = (
    r"[^\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]"
)
# No line breaks and tabs, no space at either end, and something to see. (`$` alone would let a last
# line break pass.)
ONE_LINE = rf"^(?=.*{VISIBLE})\S([^\t\n\r]*\S)?$(?!\n)"
_NOTHING = r"^(?![\s\S])"


class BadValue(ValueError):
    """
    A value breaks a rule that its type alone does not say.

    Raised by a type's own parsing and by `__post_init__` of a body; `decode` puts the path of the
    body before `field`.
    """

    def __init__(self, code: str, message: str | Promise, *, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field


def text(most: int, *, least: int = 0) -> msgspec.Meta:
    """Several lines of text, in characters. Control characters never get this far."""
    return msgspec.Meta(min_length=least, max_length=most)


def line(most: int) -> msgspec.Meta:
    """One line that is not blank, without space around it: a name, a title, a reason."""
    return msgspec.Meta(min_length=1, max_length=most, pattern=ONE_LINE)


def visible_text(most: int, *, may_be_empty: bool = False) -> msgspec.Meta:
    """
    Text with something to see in it, of which spaces and what shows nothing are no part.

    One that `may_be_empty` is said or not; it is never blank.
    """
    if may_be_empty:
        return msgspec.Meta(max_length=most, pattern=f"{_NOTHING}|{VISIBLE}")
    return msgspec.Meta(min_length=1, max_length=most, pattern=VISIBLE)


def whole(least: int, most: int) -> msgspec.Meta:
    """A whole number between two bounds, both included."""
    return msgspec.Meta(ge=least, le=most)


class Instant:
    """
    A moment, with the offset that the phone had.

    `at` keeps that offset. RFC 3339 has two ways to say "UTC, and I do not know my zone" (`Z` and
    `-00:00`): `zone_unknown` tells them from a phone that really is at `+00:00`.
    """

    __slots__ = ("at", "zone_unknown")

    def __init__(self, at: dt.datetime, *, zone_unknown: bool = False) -> None:
        self.at = at
        self.zone_unknown = zone_unknown

    @classmethod
    def parse(cls, value: object) -> Instant:
        """Read an RFC 3339 time of the years 2000 to 2099. Raises BadValue."""
        match = _INSTANT.fullmatch(_string(value))
        if match is None:
            raise BadValue("not_a_time", _("Expected a time such as 2026-11-23T09:30:00+01:00."))
        if match["offset"] is None:
            raise BadValue("offset_missing", _("This time lacks its offset, such as +01:00."))
        try:
            at = dt.datetime.fromisoformat(match[0].upper())
            offset = at.utcoffset() or dt.timedelta()
        except ValueError:
            raise BadValue("not_a_time", _("There is no such time.")) from None
        if abs(offset) > WIDEST_OFFSET or not FIRST_INSTANT <= at < END_OF_INSTANTS:
            raise BadValue("out_of_range", _("Times lie in 2000 to 2099, offsets within 14 hours."))
        return cls(at, zone_unknown=match["offset"] in {"Z", "z", "-00:00"})

    def local_date(self, zone_name: str) -> dt.date:
        """The date where the phone was; in the zone given where the phone did not know its own."""
        return calendar.local_date(self.at, zone_name) if self.zone_unknown else self.at.date()

    def canonical(self) -> str:
        """The moment in UTC and what decides its local date, whatever way it was written."""
        offset = "?" if self.zone_unknown else str(self.at.utcoffset())
        return f"{self.at.astimezone(dt.UTC).isoformat(timespec='microseconds')} {offset}"

    def isoformat(self) -> str:
        plain = self.at.isoformat()
        return plain.removesuffix("+00:00") + "Z" if self.zone_unknown else plain

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Instant) and self.canonical() == other.canonical()

    def __hash__(self) -> int:
        return hash(self.canonical())

    def __repr__(self) -> str:
        return f"Instant({self.isoformat()})"


class LocalDate(dt.date):
    """A calendar date of 1900 to 2100 that came from outside. Otherwise a plain date."""

    @classmethod
    def parse(cls, value: object) -> LocalDate:
        """Read an ISO 8601 calendar date. Raises BadValue."""
        given = _string(value)
        try:
            day = cls.fromisoformat(given if _DATE.fullmatch(given) else "")
        except ValueError:
            raise BadValue("not_a_date", _("Expected a date such as 2026-11-23.")) from None
        if not FIRST_DATE <= day <= LAST_DATE:
            raise BadValue("out_of_range", _("Dates lie between 1900-01-01 and 2100-01-01."))
        return day


def parse_own(kind: type, value: object) -> Any:
    """Make one of the types above: msgspec's `dec_hook`."""
    if kind is Instant:
        return Instant.parse(value)
    if kind is LocalDate:
        return LocalDate.parse(value)
    raise NotImplementedError(kind)


def plain_own(value: Any) -> Any:
    """Make something that JSON has of what it has not: msgspec's `enc_hook`."""
    if isinstance(value, (Instant, dt.date)):
        return value.isoformat()
    if isinstance(value, Promise):
        return str(value)
    raise NotImplementedError(type(value))


def schema_own(kind: type) -> dict[str, Any]:
    """Describe one of the types above: msgspec's `schema_hook`."""
    if kind is Instant:
        return {"type": "string", "format": "date-time"}
    if kind is LocalDate:
        return {"type": "string", "format": "date"}
    raise NotImplementedError(kind)


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise BadValue("wrong_type", _("Expected text."))
    return value
