from __future__ import annotations

import pytest

from core.sorting import sorted_as


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("", ""),
        ("Álvaro", "alvaro"),
        ("A\u0301lvaro", "alvaro"),
        ("Åland", "aland"),
        ("Straße", "strasse"),
        ("ÉLODIE d'Arc", "elodie d'arc"),
        ("Łukasz", "łukasz"),
        ("山田", "山田"),
    ],
)
def test_a_name_is_sorted_without_case_and_accents(name: str, key: str) -> None:
    assert sorted_as(name) == key


def test_names_stand_as_a_person_looks_for_them() -> None:
    names = ["Zimbabwe", "Álvaro", "alba", "Åland", "Albania"]

    assert sorted(names, key=sorted_as) == ["Åland", "alba", "Albania", "Álvaro", "Zimbabwe"]
