"""Countries, by their ISO 3166-1 codes of two letters. The list is the pinned tzdata's."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

from django.utils.translation import gettext as _

from core.sorting import sorted_as

# Where the list says in brackets which one it means: as people look for it, by its first letters.
CALLED: Final[dict[str, str]] = {
    "AS": "American Samoa",
    "BQ": "Caribbean Netherlands",
    "CD": "Congo (Democratic Republic)",
    "CG": "Congo (Republic)",
    "CZ": "Czechia",
    "GB": "United Kingdom",
    "KP": "North Korea",
    "KR": "South Korea",
    "SZ": "Eswatini",
    "WS": "Samoa",
}


@cache
def _table() -> dict[str, str]:
    """Return `iso3166.tab` by code, which the time zone database keeps up with ISO/TC 46."""
    table = resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab")
    lines = table.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {code: CALLED.get(code, name) for code, name in rows}


@cache
def country_codes() -> frozenset[str]:
    return frozenset(_table())


def is_country(code: str) -> bool:
    return code in country_codes()


def country_name(code: str) -> str:
    """Name a country in the language that is shown; what is none is shown as it is."""
    return _(_table()[code]) if code in _table() else code


def country_choices() -> list[tuple[str, str]]:
    """Return code and `Name (CODE)` of each, in the order of the names that are shown."""
    shown = [(code, f"{country_name(code)} ({code})") for code in _table()]
    return sorted(shown, key=lambda one: (sorted_as(one[1]), one[0]))
