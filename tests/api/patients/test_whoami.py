from __future__ import annotations

import uuid
from typing import Any

import pytest

from clinics.models import Membership
from core.models import AuditEvent
from core.tenancy import clinic_context
from tests.api.caller import Caller
from tests.factories import people
from tests.factories.people import World


def test_a_therapist_has_a_place_of_work(caller: Caller, world: World) -> None:
    shown = caller.as_(world.rui).get("auth/whoami").json()

    assert shown == {
        "id": str(world.rui.user_id),
        "email": world.rui.user.email,
        "name": "Rui Costa",
        "memberships": [
            {
                "id": str(world.rui.pk),
                "clinic": str(world.clinic.pk),
                "clinic_name": "Harbour Clinic",
                "role": "therapist",
            }
        ],
        "records": [],
    }


def test_one_login_in_two_clinics_sees_all_its_places(caller: Caller, world: World) -> None:
    ana = world.ana.user
    assert ana
    far_record = people.patient(world.far_clinic, "Ana Silva Berg", login=ana)
    people.membership(world.far_clinic, "admin", user=ana)
    with clinic_context(world.far_clinic.pk):
        world.far_patient.carers.create(
            clinic=world.far_clinic,
            user=ana,
            consented_at=people.LONG_AGO,
            consent_recorded_by=ana,
        )

    shown = caller.as_(ana).get("auth/whoami").json()

    assert [(one["clinic_name"], one["role"]) for one in shown["memberships"]] == [
        ("Fjord Clinic", "admin")
    ]
    seen = {(one["clinic_name"], one["name"], one["acting_as"]) for one in shown["records"]}
    assert seen == {
        ("Harbour Clinic", "Ana Silva", "patient"),
        ("Fjord Clinic", "Ana Silva Berg", "patient"),
        ("Fjord Clinic", "Per Berg", "carer"),
    }
    assert str(far_record.pk) in {one["id"] for one in shown["records"]}


def test_the_answer_leads_to_the_record(caller: Caller, world: World) -> None:
    (record,) = caller.as_(world.carer).get("auth/whoami").json()["records"]

    assert record == {
        "id": str(world.ana.pk),
        "clinic": str(world.clinic.pk),
        "clinic_name": "Harbour Clinic",
        "name": "Ana Silva",
        "acting_as": "carer",
    }


def test_a_place_one_has_left_is_gone(caller: Caller, world: World) -> None:
    with clinic_context(world.clinic.pk):
        Membership.objects.filter(pk=world.rui.pk).update(deactivated_at=people.LONG_AGO)

    assert caller.as_(world.rui).get("auth/whoami").json()["memberships"] == []


def test_an_archived_clinic_is_no_place(caller: Caller, world: World) -> None:
    world.clinic.archived_at = people.LONG_AGO
    world.clinic.save(update_fields=["archived_at"])

    assert caller.as_(world.rui).get("auth/whoami").json()["memberships"] == []
    assert caller.as_(world.ana).get("auth/whoami").json()["records"] == []


def test_who_reads_a_name_leaves_a_trace(caller: Caller, world: World) -> None:
    caller.as_(world.carer).get("auth/whoami")

    with clinic_context(world.clinic.pk):
        event = AuditEvent.objects.get(action="read_who_am_i")
    assert event.actor_id == world.carer.user_id
    assert event.details == {"patients": [str(world.ana.pk)]}


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer short", "Basic abc", f"Bearer {'x' * 43}", "Bearer é" * 9]
)
def test_without_a_good_token_nobody_is_anybody(caller: Caller, db: None, header: str) -> None:
    response = caller.get("auth/whoami", headers={"Authorization": header} if header else None)

    assert response.status_code == 401
    assert "memberships" not in response.json()


def test_an_ended_login_is_nobody(caller: Caller, world: World) -> None:
    me = caller.as_(world.rui)
    world.rui.user.is_active = False
    world.rui.user.save(update_fields=["is_active"])

    assert me.get("auth/whoami").status_code == 401


def test_places_cost_a_fixed_number_of_queries_each(
    caller: Caller, world: World, django_assert_num_queries: Any
) -> None:
    """Three for each clinic with a record; a second record in the same clinic costs none."""
    me = caller.as_(world.carer)
    me.get("auth/whoami")

    with django_assert_num_queries(QUERIES):
        me.get("auth/whoami")
    people.patient(world.clinic, "João Silva", login=world.carer.user)
    with django_assert_num_queries(QUERIES):
        assert len(me.get("auth/whoami").json()["records"]) == 2
    people.patient(world.far_clinic, "João Silva", login=world.carer.user)
    with django_assert_num_queries(QUERIES + 3):
        assert len(me.get("auth/whoami").json()["records"]) == 3


QUERIES = 11


def test_a_token_of_no_one_is_not_told_from_an_ended_one(caller: Caller, world: World) -> None:
    token = people.device_token(world.rui.user)
    world.rui.user.devices.update(ended_at=people.LONG_AGO)

    ended = caller.get("auth/whoami", headers={"Authorization": f"Bearer {token}"})
    unknown = caller.get("auth/whoami", headers={"Authorization": f"Bearer {uuid.uuid4().hex}"})

    assert ended.status_code == unknown.status_code == 401
    assert ended.json()["code"] == unknown.json()["code"] == "token_invalid"
