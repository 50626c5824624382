"""What a clinic's settings must not be, and the words for it."""

from __future__ import annotations

import pytest

from clinics.settings_rules import MEANT, fault_of, refuse_faults
from core.countries import is_country
from core.errors import Invalid

HARBOUR = {
    "name": "Harbour Clinic",
    "time_zone": "Europe/Lisbon",
    "country": "PT",
    "phone_number": "+351 210 000 000",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *HARBOUR.items(),
        ("name", "X"),
        ("time_zone", "UTC"),
        ("time_zone", "America/Argentina/Buenos_Aires"),
        ("country", "GB"),
        ("phone_number", "12"),
        ("phone_number", "0" * 31),
        ("phone_number", "0(0)12-34.5/6"),
        ("language", "nothing is ruled of it here"),
    ],
)
def test_what_can_be_has_no_fault(name: str, value: str) -> None:
    assert fault_of(name, value) is None


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("name", "", "malformed"),
        ("name", " Harbour", "malformed"),
        ("name", "Harbour ", "malformed"),
        ("name", "Harbour\nClinic", "malformed"),
        ("name", "Harbour Clinic\n", "malformed"),
        ("time_zone", "Etc/GMT+1", "unknown_zone"),
        ("time_zone", "europe/lisbon", "unknown_zone"),
        ("country", "", "unknown_country"),
        ("country", "pt", "unknown_country"),
        ("country", "UK", "unknown_country"),
        ("phone_number", "", "malformed"),
        ("phone_number", "1", "malformed"),
        ("phone_number", "0" * 32, "malformed"),
        ("phone_number", "+351 21\n", "malformed"),
        ("phone_number", "٣٥١٢١٠", "malformed"),
    ],
)
def test_what_cannot_be_has_one_at_its_field(name: str, value: str, code: str) -> None:
    fault = fault_of(name, value)

    assert fault is not None
    assert (fault.field, fault.code) == (name, code)
    assert fault.detail.endswith(".")


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        refuse_faults(**HARBOUR | {"country": "UK", "phone_number": "hello"})

    assert [(one.field, one.code) for one in refused.value.errors] == [
        ("country", "unknown_country"),
        ("phone_number", "malformed"),
    ]
    refuse_faults(**HARBOUR)


def test_what_was_meant_is_said_of_what_is_no_code_and_names_one() -> None:
    for given, words in MEANT.items():
        assert not is_country(given)
        named = [word.strip(".,") for word in str(words).split() if word.strip(".,").isupper()]
        assert [code for code in named if is_country(code)]
