"""The context of a clinic: what a transaction sees, and that it ends with its block."""

from __future__ import annotations

import uuid
from contextlib import suppress

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.tenancy import EnableTenancy, clinic_context, current_clinic, set_clinic
from patients.models import Patient
from tests.factories import people

pytestmark = pytest.mark.django_db

HERE, THERE = uuid.UUID(int=1), uuid.UUID(int=2)


def names() -> list[str]:
    return sorted(Patient.objects.values_list("name", flat=True))


def test_outside_a_context_there_is_no_clinic_and_no_row():
    people.world()

    assert current_clinic() is None
    assert names() == []


def test_a_block_sees_its_clinics_rows_and_no_others():
    world = people.world()

    with clinic_context(world.clinic.pk):
        assert current_clinic() == world.clinic.pk
        assert names() == ["Ana Silva"]
    with clinic_context(world.far_clinic.pk):
        assert names() == ["Per Berg"]
    assert names() == []


def test_contexts_nest_and_the_outer_one_comes_back():
    with clinic_context(HERE):
        with clinic_context(THERE):
            assert current_clinic() == THERE
            with clinic_context(None):
                assert current_clinic() is None
            assert current_clinic() == THERE
        assert current_clinic() == HERE
    assert current_clinic() is None


def test_a_context_in_a_transaction_costs_two_statements(django_assert_num_queries):
    """One that chooses the clinic and remembers the one before, one that puts that back."""
    with django_assert_num_queries(2), clinic_context(HERE):
        pass
    with clinic_context(HERE), django_assert_num_queries(2), clinic_context(THERE):
        pass


@pytest.mark.django_db(transaction=True)
def test_a_context_that_begins_the_transaction_ends_with_it():
    """It costs one statement; after an error nothing of it is left."""
    world = people.world()

    with CaptureQueriesContext(connection) as captured, clinic_context(world.clinic.pk):
        assert connection.in_atomic_block
        assert names() == ["Ana Silva"]
    assert len([one for one in captured if "app.clinic_id" in one["sql"]]) == 1
    assert (current_clinic(), connection.in_atomic_block) == (None, False)

    with suppress(ZeroDivisionError), clinic_context(world.clinic.pk):
        Patient.objects.update(name="Somebody Else")
        raise ZeroDivisionError
    assert (current_clinic(), names()) == (None, [])
    with clinic_context(world.clinic.pk):
        assert names() == ["Ana Silva"]


def test_a_context_of_no_clinic_sees_nothing():
    world = people.world()

    with clinic_context(world.clinic.pk), clinic_context(None):
        assert names() == []


def test_a_clinic_chosen_in_a_savepoint_goes_with_it():
    with clinic_context(HERE):
        with suppress(ZeroDivisionError), transaction.atomic():
            set_clinic(THERE)
            raise ZeroDivisionError
        assert current_clinic() == HERE


def test_after_an_error_nothing_of_the_block_is_left():
    world = people.world()

    def fail() -> None:
        with transaction.atomic(), clinic_context(world.clinic.pk):
            Patient.objects.update(name="Somebody Else")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert current_clinic() is None
    with clinic_context(world.clinic.pk):
        assert names() == ["Ana Silva"]


@pytest.mark.parametrize("clinic_id", ["nonsense", "1; DROP TABLE patients_patient", "0" * 31])
def test_a_context_that_is_no_clinics_id_reads_nothing(clinic_id):
    people.world()

    set_clinic(clinic_id)

    with pytest.raises(DatabaseError), transaction.atomic():
        names()


def test_a_row_cannot_be_written_into_another_clinic():
    world = people.world()

    with clinic_context(world.clinic.pk):
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Patient.objects.filter(pk=world.ana.pk).update(clinic=world.far_clinic)
        assert Patient.objects.filter(pk=world.far_patient.pk).update(name="Mine") == 0
        assert Patient.objects.filter(pk=world.far_patient.pk).delete()[0] == 0
    with clinic_context(world.far_clinic.pk):
        assert names() == ["Per Berg"]


def test_counts_and_sums_see_one_clinic_too():
    world = people.world()

    with clinic_context(world.clinic.pk), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(name) FROM patients_patient")
        assert cursor.fetchone() == (1, "Ana Silva")


def test_the_walls_are_named_for_the_migration_and_never_taken_down():
    wall = EnableTenancy("Patient")

    assert wall.describe() == "Row-level security and composite keys for Patient"
    assert wall.deconstruct() == ("EnableTenancy", ["Patient"], {})
    alone = EnableTenancy("Patient", is_referred_to=False)
    assert alone.deconstruct() == ("EnableTenancy", ["Patient"], {"is_referred_to": False})
    assert wall.reversible is False
    with pytest.raises(NotImplementedError, match="not taken down"):
        wall.database_backwards("patients", None, None, None)
