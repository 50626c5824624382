from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection

from benchmarks.inserts import KINDS, id_of, insert, key
from clinics.models import User
from patients.models import Line, Patient


def test_an_id_is_the_same_in_sql_and_in_python(db):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key(Line, '255 + 1')}, {key(Patient, '1')}")
        row = cursor.fetchone()

    assert row == (id_of(Line, 256), id_of(Patient, 1))
    assert row[0] == UUID("11000000-0000-7000-8000-000000000100")


def test_no_two_tables_share_an_id():
    assert len(set(KINDS.values())) == len(KINDS)
    assert all(len(kind) == 2 for kind in KINDS.values())


def test_ids_grow_with_their_number():
    assert sorted(map(str, (id_of(Line, n) for n in (9, 10, 99, 4096)))) == [
        str(id_of(Line, n)) for n in (9, 10, 99, 4096)
    ]


@pytest.fixture
def users(db):
    statement = insert(
        User,
        {"id": key(User, "n"), "email": "'p' || n || '@example.org'", "name": "'Ana Silva'"},
        "generate_series(1, 3) AS n",
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
    return User.objects.filter(name="Ana Silva").order_by("pk")


def test_an_insert_makes_a_row_for_each_of_the_source(users):
    assert [each.email for each in users] == [f"p{n}@example.org" for n in (1, 2, 3)]
    assert [each.pk for each in users] == [id_of(User, n) for n in (1, 2, 3)]


def test_what_was_not_said_is_what_the_model_gives(users):
    made = users[0]

    assert made.is_active is True
    assert made.token_epoch == User._meta.get_field("token_epoch").get_default()
    assert made.created_at is not None
