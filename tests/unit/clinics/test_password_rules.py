from __future__ import annotations

import pytest

from clinics.actions.passwords import refuse_weak
from clinics.models import User
from core.errors import Invalid

ANA = User(email="ana.silva@example.org", name="Ana Silva")

WEAK = [
    ("short", ["password_too_short"]),
    ("elevenchars", ["password_too_short"]),
    ("1029384756564", ["password_entirely_numeric"]),
    ("ana.silva@example.org", ["password_too_similar"]),
    ("Password2026!!", ["password_too_guessable"]),
    ("!!!password!!!", ["password_too_guessable"]),
    ("p4ssw0rd1234", ["password_too_guessable"]),
    ("sunshinesunshine", ["password_too_guessable"]),
    ("aaaaaaaaaaaa", ["password_too_guessable"]),
    ("abcdabcdabcd", ["password_too_guessable"]),
    ("password", ["password_too_short", "password_too_common", "password_too_guessable"]),
]


@pytest.mark.parametrize(("password", "codes"), WEAK)
def test_a_weak_password_is_refused_by_every_rule_that_it_breaks(password, codes):
    with pytest.raises(Invalid) as refused:
        refuse_weak(password, ANA)

    assert [error.code for error in refused.value.errors] == codes
    assert {error.field for error in refused.value.errors} == {"password"}
    assert all(error.detail for error in refused.value.errors)


@pytest.mark.parametrize(
    "password",
    [
        "twelve chars",
        "four words are plenty",
        "Größe ist nicht alles",
        "x9!Kq2#Lm4$Z",
        "abcdeabcdeab",
    ],
)
def test_a_password_that_is_hard_to_guess_is_taken(password):
    refuse_weak(password, ANA)


def test_the_error_names_the_field_that_was_sent():
    with pytest.raises(Invalid) as refused:
        refuse_weak("short", ANA, field="new_password")

    assert refused.value.errors[0].field == "new_password"
