from __future__ import annotations

import datetime as dt

from core.tenancy import clinic_context
from patients.actions.carers import add_carer, revoke_carer
from patients.models import Carer, Patient
from tests.factories import people
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC)


def test_consent_is_recorded_with_who_vouches_and_when(world: World) -> None:
    eva = people.user("Eva Silva", "eva@example.org")

    with clinic_context(world.clinic.pk):
        carer = add_carer(
            patient_id=world.ana.pk, email=" Eva@Example.org ", by=people.acting(world.rui), now=NOW
        )
        stored = Carer.objects.get(pk=carer.pk)

    assert (stored.user, stored.clinic_id, stored.patient_id) == (
        eva,
        world.clinic.pk,
        world.ana.pk,
    )
    assert (stored.consented_at, stored.consent_recorded_by) == (NOW, world.rui.user)
    assert stored.revoked_at is None


def test_the_moment_of_the_first_revocation_stays(world: World) -> None:
    by = people.acting(world.rui)
    later = NOW + dt.timedelta(hours=1)

    with clinic_context(world.clinic.pk):
        revoke_carer(patient_id=world.ana.pk, carer_id=world.carer.pk, by=by, now=NOW)
        revoke_carer(patient_id=world.ana.pk, carer_id=world.carer.pk, by=by, now=later)

        assert Carer.objects.get(pk=world.carer.pk).revoked_at == NOW
        assert Patient.objects.get(pk=world.ana.pk).change_seq == 1


def test_a_carer_sees_the_record_they_act_for_and_no_other(world: World) -> None:
    people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui])
    joao = people.acting_for(world.ana, world.carer.user)

    with clinic_context(world.clinic.pk):
        assert list(Patient.objects.visible_to(joao)) == [world.ana]
        assert list(Carer.objects.visible_to(joao)) == [world.carer]
        assert list(Patient.objects.known_to(joao)) == []
