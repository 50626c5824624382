"""Countries by their codes: the standard's, and nothing that only looks like one."""

from __future__ import annotations

import pytest

from core import countries
from core.countries import country_choices, country_codes, country_name, is_country
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


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("PT", "Portugal"),
        ("GB", "United Kingdom"),
        ("KR", "South Korea"),
        ("CD", "Congo (Democratic Republic)"),
        ("AX", "Åland Islands"),
        ("CI", "Côte d’Ivoire"),
        ("UK", "UK"),
        ("", ""),
    ],
)
def test_a_country_is_named_as_people_look_for_it(code: str, name: str) -> None:
    assert country_name(code) == name


def test_each_is_offered_once_by_name_and_code_in_the_order_of_names() -> None:
    offered = country_choices()

    assert {code for code, _words in offered} == country_codes()
    assert len(offered) == 249
    words = [words for _code, words in offered]
    assert words[:3] == ["Afghanistan (AF)", "Åland Islands (AX)", "Albania (AL)"]
    assert words[-1] == "Zimbabwe (ZW)"
    assert words.index("Portugal (PT)") < words.index("Puerto Rico (PR)")
    assert words.index("Costa Rica (CR)") < words.index("Côte d’Ivoire (CI)")
    assert words.index("Côte d’Ivoire (CI)") < words.index("Croatia (HR)")


def test_the_order_is_that_of_the_language_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    german = {"Austria": "Österreich", "Germany": "Deutschland", "Denmark": "Dänemark"}
    monkeypatch.setattr(countries, "_", lambda name: german.get(name, name))

    words = [words for _code, words in country_choices()]

    assert country_name("AT") == "Österreich"
    assert words.index("Dänemark (DK)") < words.index("Deutschland (DE)")
    assert words.index("Oman (OM)") < words.index("Österreich (AT)")
    assert words.index("Österreich (AT)") < words.index("Pakistan (PK)")


def test_what_the_list_calls_otherwise_is_in_it() -> None:
    assert set(countries.CALLED) <= country_codes()
