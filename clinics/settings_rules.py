"""What a clinic's settings must not be, each with its words: for the API, pages and commands alike."""

from __future__ import annotations

import re
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.calendar import is_known_zone
from core.countries import is_country
from core.errors import FieldError, Invalid

PHONE_NUMBER: Final = r"^[+]?[0-9][0-9 ()./-]{1,30}$"
# What people write for a country beside its code: a top-level domain, a language, the EU's own way.
MEANT: Final[dict[str, str | Promise]] = {
    "UK": _("Give GB for the United Kingdom."),
    "EN": _("EN is a language. Give GB for the United Kingdom, or another country's code."),
    "EL": _("Give GR for Greece."),
}


def refuse_faults(**settings: str) -> None:
    """:raises Invalid: with each of these that cannot be, by its field"""
    found = [fault for name, value in settings.items() if (fault := fault_of(name, value))]
    if found:
        raise Invalid(found)


def fault_of(name: str, value: str) -> FieldError | None:
    """Return why a setting cannot have this value; nothing where it can, or nothing is ruled."""
    rule = _RULES.get(name)
    found = rule(value) if rule else None
    return FieldError(field=name, code=found[0], detail=str(found[1])) if found else None


_Fault = tuple[str, str | Promise] | None


def _name(value: str) -> _Fault:
    if value and value == value.strip() and not re.search(r"[\t\r\n]", value):
        return None
    return "malformed", _("Give the name in one line, without space around it.")


def _time_zone(value: str) -> _Fault:
    if is_known_zone(value):
        return None
    return "unknown_zone", _("Give a zone by area and city, such as Europe/Lisbon.")


def _country(value: str) -> _Fault:
    if is_country(value):
        return None
    usual = _("Give the country's code of two capital letters (ISO 3166-1), such as PT.")
    return "unknown_country", MEANT.get(value.upper(), usual)


def _phone_number(value: str) -> _Fault:
    if re.fullmatch(PHONE_NUMBER, value):
        return None
    return "malformed", _("Give a number that can be dialled, such as +351 21 000 0000.")


_RULES: Final = {
    "name": _name,
    "time_zone": _time_zone,
    "country": _country,
    "phone_number": _phone_number,
}
RULED: Final = tuple(_RULES)
