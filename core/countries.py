"""Countries, by their ISO 3166-1 codes of two letters. Pure: the list is the pinned tzdata's."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def country_codes() -> frozenset[str]:
    """Return the codes of `iso3166.tab`, which the time zone database keeps up with ISO/TC 46."""
    table = resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab")
    lines = table.read_text(encoding="utf-8").splitlines()
    return frozenset(line.split("\t")[0] for line in lines if line and not line.startswith("#"))


def is_country(code: str) -> bool:
    return code in country_codes()
