"""Countries by their codes: the standard's, and nothing that only looks like one."""

from __future__ import annotations

import pytest

from core.countries import country_codes, is_country
from sessions.emergency_numbers import NUMBERS


@pytest.mark.parametrize("code", ["PT", "GB", "GR", "CH", "NZ", "AX", "ZW", "AD", "SS", "US", "TR"])
def test_a_country_is_known_by_its_code(code: str) -> None:
    assert is_country(code)


@pytest.mark.parametrize(
    "code",
    ["UK", "EN", "EL", "ZZ", "XX", "EU", "XK", "SU", "AN", "pt", "PRT", "P", "", "#i", "\tP"],
)
def test_what_is_none_is_not(code: str) -> None:
    assert not is_country(code)


def test_there_are_as_many_as_the_standard_has() -> None:
    assert len(country_codes()) == 249
    assert all(len(code) == 2 and code.isascii() and code.isupper() for code in country_codes())


def test_each_country_with_a_number_of_its_own_can_be_chosen() -> None:
    """A number that no clinic's country leads to would never be told."""
    assert set(NUMBERS) - country_codes() == set()
