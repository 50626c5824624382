"""The numbers that a patient's changes get: each the next, none twice, the newest of each thing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction

from core.bulk import insert_together
from core.tenancy import clinic_context
from patients.actions.change import Kind, change_of, lock_patient, raise_change, raise_changes
from patients.models import Patient, PatientChange
from tests.factories import people
from tests.factories.database import checked_at_once
from tests.factories.people import World

ONE, TWO = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def ana(world: World) -> Iterator[Patient]:
    with clinic_context(world.clinic.pk):
        yield lock_patient(world.ana.pk, people.acting(world.rui))


def told(patient: Patient) -> list[tuple[int, str, uuid.UUID]]:
    rows = PatientChange.objects.filter(patient=patient).order_by("seq")
    return list(rows.values_list("seq", "kind", "target_id"))


def number(patient: Patient) -> int:
    return Patient.objects.get(pk=patient.pk).change_seq


def test_each_change_takes_the_next_number(ana):
    raise_change(ana, Kind.SESSION, ONE)
    raise_change(ana, Kind.SESSION, TWO)
    raise_change(ana, Kind.GOAL, ONE)

    assert told(ana) == [(1, "session", ONE), (2, "session", TWO), (3, "goal", ONE)]
    assert (ana.change_seq, number(ana)) == (3, 3)


def test_a_thing_that_changes_again_moves_up_and_leaves_no_copy(ana):
    raise_change(ana, Kind.SESSION, ONE)
    raise_change(ana, Kind.SESSION, TWO)
    raise_change(ana, Kind.SESSION, ONE)

    assert told(ana) == [(2, "session", TWO), (3, "session", ONE)]


def test_without_a_target_it_is_the_one_thing_of_its_kind(ana):
    raise_change(ana)
    raise_change(ana, Kind.PLAN)
    raise_change(ana)

    assert told(ana) == [(2, "plan", ana.pk), (3, "record", ana.pk)]


def test_several_things_at_once_take_a_number_each(ana):
    raise_change(ana, Kind.SESSION, TWO, ONE, TWO)

    assert told(ana) == [(1, "session", ONE), (2, "session", TWO)]
    assert (ana.change_seq, number(ana)) == (2, 2)


def test_many_records_at_once_take_their_own_next_number_in_one_statement(
    world, ana, django_assert_num_queries
):
    bo = people.patient(world.clinic, "Bo Lund", care_team=[world.rui])
    raise_change(ana, Kind.SESSION, ONE)
    raise_change(ana)
    raise_change(ana, Kind.GOAL, TWO)

    with django_assert_num_queries(1):
        raise_changes([ana, bo])

    assert told(ana) == [(1, "session", ONE), (3, "goal", TWO), (4, "record", ana.pk)]
    assert told(bo) == [(1, "record", bo.pk)]
    assert (ana.change_seq, number(ana), bo.change_seq, number(bo)) == (4, 4, 1, 1)


def test_of_no_record_nothing_is_asked(ana, django_assert_num_queries):
    with django_assert_num_queries(0):
        raise_changes([])

    assert number(ana) == 0


def test_things_of_several_kinds_go_with_other_rows_in_one_statement(
    ana, django_assert_num_queries
):
    things = change_of(ana, (Kind.GOAL, TWO), (Kind.SESSION, ONE), (Kind.GOAL, TWO))

    with django_assert_num_queries(1):
        insert_together([], also=things)

    assert told(ana) == [(1, "goal", TWO), (2, "session", ONE)]
    assert number(ana) == 2


def test_an_older_copy_of_the_record_does_not_matter(ana):
    """The number is read from the table: a writer may hold a copy from before another's change."""
    copy = Patient.objects.get(pk=ana.pk)
    raise_change(ana, Kind.SESSION, ONE)
    raise_change(copy, Kind.SESSION, TWO)

    assert told(ana) == [(1, "session", ONE), (2, "session", TWO)]


def test_one_patient_s_numbers_are_not_another_s(ana, world):
    bruno = people.patient(world.clinic, "Bruno", care_team=[world.rui])
    raise_change(ana, Kind.SESSION, ONE)
    raise_change(lock_patient(bruno.pk, people.acting(world.rui)), Kind.SESSION, ONE)

    assert told(ana) == told(bruno) == [(1, "session", ONE)]


def test_what_is_undone_takes_no_number(ana):
    with transaction.atomic():
        raise_change(ana, Kind.SESSION, ONE)
        transaction.set_rollback(True)
    raise_change(Patient.objects.get(pk=ana.pk), Kind.SESSION, TWO)

    assert told(ana) == [(1, "session", TWO)]


WRONG = {
    "change_number_is_positive": {"seq": 0},
    "change_kind_is_known": {"kind": "gossip"},
    "one_change_for_a_number": {"target_id": TWO},
    "one_newest_change_of_a_thing": {"seq": 2},
}


@pytest.mark.parametrize(("constraint", "wrong"), WRONG.items(), ids=WRONG.keys())
def test_the_database_refuses(ana, constraint, wrong):
    right = {"seq": 1, "kind": "session", "target_id": ONE}
    raise_change(ana, Kind.SESSION, ONE)
    whole = right | wrong if "one" in constraint else right | {"seq": 9, "target_id": TWO} | wrong

    with pytest.raises(IntegrityError, match=constraint), checked_at_once():
        PatientChange.objects.create(clinic_id=ana.clinic_id, patient=ana, **whole)


def test_who_may_read_the_record_may_read_its_changes(ana, world):
    raise_change(ana)

    seen = {
        name: PatientChange.objects.visible_to(who).count()
        for name, who in {
            "the patient": people.acting_for(world.ana),
            "the carer": people.acting_for(world.ana, world.carer.user),
            "the therapist": people.acting(world.rui),
            "a colleague": people.acting(world.marta),
            "the administrator": people.acting(world.admin),
            "another patient": people.acting_for(world.far_patient),
            "nobody": None,
        }.items()
    }

    assert [name for name, count in seen.items() if count] == [
        "the patient", "the carer", "the therapist",
    ]  # fmt: skip
