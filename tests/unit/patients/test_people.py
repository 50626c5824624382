from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from clinics.actors import Actor, system
from core.errors import Forbidden, NotFound
from core.tenancy import clinic_context
from patients.actions.carers import add_carer
from patients.actions.change import lock_patient, lock_person, raise_change
from patients.actions.people import register_patient
from patients.bodies.people import NewPatient
from patients.models import Carer, Patient
from tests.factories import people
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC)
BRUNO = NewPatient(
    name="Bruno Lopes",
    date_of_birth=dt.date(1949, 9, 30),
    medical_record_number="H-2041",
    affected_side="right",
)


def actor(world: World, who: str) -> Actor:
    if who == "patient":
        return people.acting_for(world.ana)
    if who == "carer":
        return people.acting_for(world.ana, world.carer.user)
    if who == "system":
        return system(world.clinic.pk)
    if who == "nobody":
        return Actor(user_id=world.rui.user_id, acting_as="user")
    return people.acting(getattr(world, who))


@pytest.mark.parametrize(
    ("who", "may_use", "may_manage"),
    [
        ("rui", True, True),
        ("admin", False, True),
        ("patient", True, False),
        ("carer", True, False),
        ("marta", False, False),
        ("far_therapist", False, False),
        ("system", False, False),
        ("nobody", False, False),
    ],
)
def test_who_may_lock_a_record(world: World, who: str, may_use: bool, may_manage: bool) -> None:
    by = actor(world, who)

    with clinic_context(world.clinic.pk):
        for lock, allowed in ((lock_patient, may_use), (lock_person, may_manage)):
            if allowed:
                assert lock(world.ana.pk, by) == world.ana
            else:
                with pytest.raises(NotFound):
                    lock(world.ana.pk, by)


def test_the_locked_record_is_whole(world: World) -> None:
    """Nothing of it is read in a statement more, whatever a writer looks at or saves."""
    with clinic_context(world.clinic.pk):
        stored = Patient.objects.get(pk=world.ana.pk)
        locked = lock_patient(world.ana.pk, people.acting_for(world.ana))

    assert locked.get_deferred_fields() == set()
    for field in Patient._meta.concrete_fields:
        assert getattr(locked, field.attname) == getattr(stored, field.attname), field.name


def test_the_lock_is_held_before_access_is_looked_at(world: World) -> None:
    with clinic_context(world.clinic.pk), CaptureQueriesContext(connection) as captured:
        lock_patient(world.ana.pk, people.acting(world.rui))

    first, second = (
        query["sql"] for query in captured.captured_queries if "set_config" not in query["sql"]
    )
    assert first.endswith("FOR NO KEY UPDATE")
    assert "patients_careteammembership" not in first
    assert "patients_careteammembership" in second


def test_each_change_raises_the_sequence_by_one(world: World) -> None:
    with clinic_context(world.clinic.pk):
        ana = lock_patient(world.ana.pk, people.acting(world.rui))
        raise_change(ana)
        raise_change(ana)

        assert ana.change_seq == 2
        assert Patient.objects.get(pk=ana.pk).change_seq == 2


def test_only_staff_register(world: World) -> None:
    with clinic_context(world.clinic.pk):
        for who in ("patient", "carer", "system", "nobody"):
            with pytest.raises(Forbidden):
                register_patient(asked=BRUNO, by=actor(world, who), now=NOW)
        assert Patient.objects.count() == 1


def test_only_a_person_vouches_for_consent(world: World) -> None:
    with clinic_context(world.clinic.pk):
        with pytest.raises(Forbidden):
            add_carer(
                patient_id=world.ana.pk,
                email=world.rui.user.email,
                by=system(world.clinic.pk),
                now=NOW,
            )
        assert Carer.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"affected_side": "centre"}, "patient_affected_side_is_known"),
        ({"status": "discharged"}, "patient_discharge_has_its_date"),
        ({"discharged_on": NOW.date()}, "patient_discharge_has_its_date"),
        ({"medical_record_number": "H-2041"}, "one_patient_for_a_medical_record_number"),
    ],
)
def test_the_database_refuses_too(world: World, change: dict[str, object], constraint: str) -> None:
    people.patient(world.clinic, "Bruno Lopes", medical_record_number="H-2041")

    with (
        clinic_context(world.clinic.pk),
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
    ):
        Patient.objects.filter(pk=world.ana.pk).update(**change)


def test_the_database_holds_one_record_for_a_login_in_a_clinic(world: World) -> None:
    with pytest.raises(IntegrityError, match="one_record_for_a_user"), transaction.atomic():
        people.patient(world.clinic, "Ana Again", login=world.ana.user)


def test_the_database_holds_one_standing_consent(world: World) -> None:
    with (
        clinic_context(world.clinic.pk),
        pytest.raises(IntegrityError, match="one_standing_consent"),
        transaction.atomic(),
    ):
        Carer.objects.create(
            clinic=world.clinic,
            patient=world.ana,
            user=world.carer.user,
            consented_at=NOW,
            consent_recorded_by=world.rui.user,
        )
