from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from core.errors import Invalid, NotFound
from core.tenancy import clinic_context
from patients.actions.care_team import find_therapist, put_on_care_team
from patients.models import CareTeamMembership, Patient
from tests.factories import people
from tests.factories.database import checked_at_once
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("is_lead", "membership", "constraint"),
    [(True, "marta", "one_lead_of_a_care_team"), (False, "rui", "one_place_in_a_care_team")],
)
def test_the_database_refuses_too(
    world: World, is_lead: bool, membership: str, constraint: str
) -> None:
    with (
        clinic_context(world.clinic.pk),
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
    ):
        CareTeamMembership.objects.create(
            clinic=world.clinic,
            patient=world.ana,
            membership=getattr(world, membership),
            is_lead=is_lead,
        )


def test_the_database_refuses_another_clinics_therapist(world: World) -> None:
    with (
        clinic_context(world.clinic.pk),
        checked_at_once(),
        pytest.raises(IntegrityError, match="tenant_fk"),
    ):
        CareTeamMembership.objects.create(
            clinic=world.clinic, patient=world.ana, membership=world.far_therapist
        )


def test_an_unknown_therapist_is_an_error_of_the_field_that_named_them(world: World) -> None:
    by = people.acting(world.rui)

    with clinic_context(world.clinic.pk):
        with pytest.raises(Invalid) as refused:
            find_therapist(world.far_therapist.pk, by=by, field="lead")
        with pytest.raises(NotFound):
            find_therapist(world.far_therapist.pk, by=by)

    assert [(one.field, one.code) for one in refused.value.errors] == [
        ("lead", "unknown_therapist")
    ]


def test_a_care_team_decides_what_a_therapist_sees(world: World) -> None:
    marta = people.acting(world.marta)

    with clinic_context(world.clinic.pk):
        assert list(Patient.objects.visible_to(marta)) == []
        put_on_care_team(
            patient_id=world.ana.pk,
            membership_id=world.marta.pk,
            is_lead=False,
            by=people.acting(world.rui),
            now=NOW,
        )
        assert list(Patient.objects.visible_to(marta)) == [world.ana]
        assert list(Patient.objects.known_to(marta)) == [world.ana]


def test_nobody_in_particular_sees_nobody(world: World) -> None:
    with clinic_context(world.clinic.pk):
        assert list(Patient.objects.visible_to(None)) == []
        assert list(Patient.objects.known_to(None)) == []
        assert list(Patient.objects.visible_to(people.acting(world.far_therapist))) == []
        assert list(Patient.objects.known_to(people.acting(world.far_therapist))) == []
