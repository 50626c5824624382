"""Who is calling is looked up by index: what a request costs does not grow with the patients."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from clinics.models import Clinic, User
from clinics.tokens import hash_token
from core.tenancy import clinic_context
from patients.models import Patient
from tests.factories import people

# Each test works in a savepoint of its own.
pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
MANY = 2_000


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[people.World]:
    """Harbour Clinic with two thousand patients more, each with a login: made once for the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = people.world()
        logins = User.objects.bulk_create(
            User(email=f"crowd.{number}@example.org", name="Crowd", password="!")
            for number in range(MANY)
        )
        with clinic_context(made.clinic.pk):
            Patient.objects.bulk_create(_record(made.clinic, login) for login in logins)
        connection.check_constraints()  # once: else at the end of each test's savepoint
        yield made
        transaction.set_rollback(True)


def _record(clinic: Clinic, login: User) -> Patient:
    return Patient(
        clinic=clinic, user=login, name="Crowd", date_of_birth=dt.date(1958, 4, 17),
        medical_record_number=login.email, affected_side="left", time_zone="Europe/Lisbon",
    )  # fmt: skip


def rows_read() -> int:
    """How many rows of patients this transaction has read, by scan or by index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
            " WHERE relname IN ('patients_patient', 'patients_carer')"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("who", "scope"), [("ana", "record"), ("carer", "record"), ("rui", "clinic"), ("ana", "user")]
)
def test_a_caller_is_found_among_thousands_by_a_few_rows(world, who, scope):
    token = hash_token(people.device_token(getattr(world, who).user))
    before = rows_read()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM identify(%s, %s, NULL, %s)", [token, scope, NOW])
        assert len(cursor.fetchall()) == 1

    assert rows_read() - before <= 5


def test_who_cares_for_their_own_record_acts_as_its_patient(world):
    """A consent of oneself for oneself gives no second choice, and no lesser one."""
    with clinic_context(world.clinic.pk):
        caring = people._consent(world.ana, world.ana.user)
        caring.save(force_insert=True)
    token = hash_token(people.device_token(world.ana.user))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM identify(%s, 'record', NULL, %s)", [token, NOW])
        [row] = cursor.fetchall()

    assert (row[2], row[4], row[5]) == (1, world.ana.pk, "patient")
