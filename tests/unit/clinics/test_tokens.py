from __future__ import annotations

import base64
import hashlib
import string
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinics.tokens import (
    clinic_of_code,
    code_for,
    hash_short_code,
    hash_token,
    new_token,
    place_code,
    short_code_for,
)

HARBOUR = uuid.UUID("019aa9f4-0001-7f00-8000-9a8b7c6d5e4f")
ROW = uuid.UUID("019aa9f4-4d01-7c33-8e21-6f5a4b3c2d1e")
URL_SAFE = set(string.ascii_letters + string.digits + "-_")


def test_a_device_s_token_is_256_bits_and_another_each_time():
    tokens = {new_token() for _ in range(50)}

    assert len(tokens) == 50
    assert {len(token) for token in tokens} == {43}


def test_what_is_stored_is_the_sha_256():
    assert hash_token("secret") == hashlib.sha256(b"secret").digest()
    assert len(hash_token("secret")) == 32


def test_a_code_is_the_same_for_the_same_message():
    assert code_for("invitation", ROW) == code_for("invitation", ROW)


@pytest.mark.parametrize(
    ("purpose", "row"),
    [("password reset", ROW), ("invitation", HARBOUR), ("invitatio", ROW), ("", ROW)],
)
def test_a_code_is_another_for_another_purpose_or_message(purpose, row):
    assert code_for(purpose, row) != code_for("invitation", ROW)


def test_a_code_follows_from_the_server_s_secret_key(settings):
    before = code_for("invitation", ROW)
    settings.SECRET_KEY = f"{settings.SECRET_KEY}!"

    assert code_for("invitation", ROW) != before


@given(st.uuids())
def test_a_code_can_stand_in_an_address_and_holds_256_bits(row):
    code = code_for("password reset", row)

    assert len(code) == 43
    assert set(code) <= URL_SAFE
    assert len(base64.urlsafe_b64decode(f"{code}=")) == 32
    assert row.hex not in code


@given(st.uuids(), st.uuids())
def test_a_place_is_read_back_from_its_code(clinic, row):
    code = place_code(clinic, code_for("invitation", row))

    assert clinic_of_code(code) == clinic
    assert len(code) == 65
    assert set(code) <= URL_SAFE


@given(st.text(max_size=200))
def test_whatever_is_sent_as_a_code_names_a_clinic_or_none(code):
    found = clinic_of_code(code)

    assert found is None or isinstance(found, uuid.UUID)


@pytest.mark.parametrize("code", ["", "short", "ä" * 65, "=" * 65, "!" * 65, "x" * 21])
def test_what_names_no_clinic_is_none(code):
    assert clinic_of_code(code) is None


def test_a_short_code_is_six_digits_that_follow_from_the_row_and_the_key(settings):
    rows = [uuid.UUID(int=number) for number in range(300)]
    codes = [short_code_for("confirm", row) for row in rows]

    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes)
    assert len(set(codes)) > 290
    assert short_code_for("confirm", ROW) == short_code_for("confirm", ROW)
    assert short_code_for("confirm", ROW) != short_code_for("other", ROW)
    before = short_code_for("confirm", ROW)
    settings.SECRET_KEY = "another key"
    assert short_code_for("confirm", ROW) != before


def test_a_short_code_is_stored_under_the_key_and_for_its_row_alone(settings):
    stored = hash_short_code(ROW, "204817")

    assert len(stored) == 32
    assert stored == hash_short_code(ROW, "204817")
    assert stored != hash_short_code(HARBOUR, "204817")
    assert stored != hash_short_code(ROW, "204818")
    assert stored != hash_token("204817")
    settings.SECRET_KEY = "another key"
    assert stored != hash_short_code(ROW, "204817")
