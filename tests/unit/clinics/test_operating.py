"""What operators do with clinics and logins, and who is none."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from clinics.actions.logins import (
    LoginExists,
    OwnLogin,
    deactivate_login,
    make_operator,
    reactivate_login,
)
from clinics.actions.operating import (
    ClinicExists,
    archive_clinic,
    create_clinic,
    restore_clinic,
)
from clinics.actors import Actor, system
from clinics.models import Clinic, Device, Invitation, User
from clinics.policies import may_operate
from core.errors import Forbidden, Invalid, NotFound
from core.models import AuditEvent, Message
from core.tenancy import clinic_context
from tests.factories import people
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)
GIVEN: dict[str, Any] = {
    "name": "Lake Clinic",
    "time_zone": "Europe/Zurich",
    "country": "CH",
    "phone_number": "+41 44 000 00 00",
    "admin_email": "Eva@Lake.example",
}
Action = Callable[[World, Actor], Any]


@pytest.fixture
def olga(db: None) -> Actor:
    return people.operating(people.operator())


def events(clinic_id: uuid.UUID) -> list[tuple[str, str, uuid.UUID | None]]:
    with clinic_context(clinic_id):
        kept = AuditEvent.objects.order_by("at", "pk")
        return [(one.action, one.acting_as, one.actor_id) for one in kept]


def test_a_clinic_is_founded_and_its_administrator_is_asked(olga: Actor) -> None:
    clinic = create_clinic(**GIVEN, by=olga, now=NOW)

    stored = Clinic.objects.get(pk=clinic.pk)
    assert (stored.name, stored.time_zone, stored.country, stored.phone_number) == (
        "Lake Clinic", "Europe/Zurich", "CH", "+41 44 000 00 00",
    )  # fmt: skip
    with clinic_context(clinic.pk):
        asked = Invitation.objects.get()
        mail = Message.objects.get()
    assert (asked.kind, asked.email, asked.roles) == ("member", "eva@lake.example", ["admin"])
    assert (asked.invited_by_id, asked.ends_at) == (olga.user_id, NOW + dt.timedelta(days=14))
    assert (mail.kind, mail.address) == ("invitation", "eva@lake.example")
    assert events(clinic.pk) == [
        ("clinic_founded", "operator", olga.user_id),
        ("invitation_made", "operator", olga.user_id),
    ]


@pytest.mark.parametrize("archived", [False, True])
def test_a_name_is_given_once_whether_archived_or_not(olga: Actor, archived: bool) -> None:
    first = create_clinic(**GIVEN, by=olga, now=NOW)
    if archived:
        archive_clinic(clinic_id=first.pk, by=olga, now=NOW)

    with pytest.raises(ClinicExists) as refused:
        create_clinic(**GIVEN, by=olga, now=LATER)

    assert (refused.value.field, refused.value.extra) == ("name", {"clinic": str(first.pk)})
    assert Clinic.objects.count() == 1


@pytest.mark.parametrize("zone", ["Lisbon", "Europe/Atlantis", "Etc/GMT+1", ""])
def test_a_zone_that_is_none_is_refused_and_nothing_is_made(olga: Actor, zone: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_clinic(**GIVEN | {"time_zone": zone}, by=olga, now=NOW)

    assert [one.field for one in refused.value.errors] == ["time_zone"]
    assert not Clinic.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_request_four_times_at_once_founds_one() -> None:
    olga = people.operating(people.operator())
    barrier = Barrier(4)

    def found(_number: int) -> str:
        barrier.wait(timeout=30)
        try:
            return create_clinic(**GIVEN, by=olga, now=NOW).name
        except ClinicExists:
            return "exists"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(found, range(4)))

    assert outcomes == ["Lake Clinic", "exists", "exists", "exists"]
    assert Clinic.objects.count() == 1


def test_archiving_and_taking_back_are_kept_once_each(world: World, olga: Actor) -> None:
    key = world.clinic.pk

    for moment in (NOW, LATER):
        archive_clinic(clinic_id=key, by=olga, now=moment)
    assert Clinic.objects.get(pk=key).archived_at == NOW
    for moment in (NOW, LATER):
        restore_clinic(clinic_id=key, by=olga, now=moment)

    assert Clinic.objects.get(pk=key).archived_at is None
    assert [action for action, _as, _who in events(key)] == ["clinic_archived", "clinic_restored"]
    assert events(world.far_clinic.pk) == []


def test_a_login_that_is_deactivated_loses_its_devices_and_gets_none_back(
    world: World, olga: Actor
) -> None:
    rui, marta = world.rui.user, world.marta.user
    for user in (rui, rui, marta):
        people.device_token(user)

    for moment in (NOW, LATER):
        deactivate_login(user_id=rui.pk, by=olga, now=moment)

    rui.refresh_from_db()
    assert (rui.is_active, rui.token_epoch) == (False, 1)
    ended = Device.objects.filter(user=rui).values_list("ended_at", flat=True)
    assert list(ended) == [NOW, NOW]
    assert Device.objects.get(user=marta).ended_at is None

    for moment in (LATER, LATER):
        reactivate_login(user_id=rui.pk, by=olga, now=moment)
    rui.refresh_from_db()
    assert (rui.is_active, rui.token_epoch) == (True, 1)
    assert not Device.objects.filter(user=rui, ended_at=None).exists()


def test_nobody_locks_themselves_out(olga: Actor) -> None:
    assert olga.user_id is not None

    with pytest.raises(OwnLogin):
        deactivate_login(user_id=olga.user_id, by=olga, now=NOW)

    assert User.objects.get(pk=olga.user_id).is_active


def test_an_operator_is_made_by_command_alone(olga: Actor) -> None:
    said: dict[str, Any] = {"email": "nils@x.example", "name": "Nils", "password": "one two three"}

    with pytest.raises(Forbidden):
        make_operator(**said, by=olga, now=NOW)
    assert not User.objects.filter(email="nils@x.example").exists()

    made = make_operator(**said, by=system(), now=NOW)
    assert User.objects.get(pk=made.pk).is_operator
    with pytest.raises(LoginExists):
        make_operator(**said | {"email": "NILS@x.example"}, by=system(), now=NOW)


OPERATORS_ALONE: dict[str, Action] = {
    "create_clinic": lambda world, by: create_clinic(**GIVEN, by=by, now=NOW),
    "archive_clinic": lambda world, by: archive_clinic(clinic_id=world.clinic.pk, by=by, now=NOW),
    "restore_clinic": lambda world, by: restore_clinic(clinic_id=world.clinic.pk, by=by, now=NOW),
    "deactivate_login": lambda world, by: deactivate_login(
        user_id=world.marta.user_id, by=by, now=NOW
    ),
    "reactivate_login": lambda world, by: reactivate_login(
        user_id=world.marta.user_id, by=by, now=NOW
    ),
}
WHO: dict[str, Callable[[World], Actor]] = {
    "therapist": lambda world: people.acting(world.rui),
    "admin": lambda world: people.acting(world.admin),
    "patient": lambda world: people.acting_for(world.ana),
    "login": lambda world: Actor(user_id=world.rui.user_id, acting_as="user"),
    "system in a clinic": lambda world: system(world.clinic.pk),
    "operator in a clinic": lambda world: people.operating(people.operator(), world.clinic),
    "operator without a login": lambda world: Actor(user_id=None, acting_as="operator"),
}


@pytest.mark.parametrize("action", OPERATORS_ALONE)
@pytest.mark.parametrize("who", WHO)
def test_nobody_else_operates(world: World, action: str, who: str) -> None:
    by = WHO[who](world)

    assert not may_operate(by)
    with pytest.raises(Forbidden):
        OPERATORS_ALONE[action](world, by)

    assert Clinic.objects.filter(archived_at=None).count() == 2
    assert User.objects.filter(is_active=False).count() == 0


@pytest.mark.parametrize("action", [archive_clinic, restore_clinic])
def test_a_clinic_that_is_none_is_not_found(olga: Actor, action: Any) -> None:
    with pytest.raises(NotFound):
        action(clinic_id=uuid.uuid4(), by=olga, now=NOW)


@pytest.mark.parametrize("action", [deactivate_login, reactivate_login])
def test_a_login_that_is_none_is_not_found(olga: Actor, action: Any) -> None:
    with pytest.raises(NotFound):
        action(user_id=uuid.uuid4(), by=olga, now=NOW)


def test_who_sees_which_clinics(world: World, olga: Actor) -> None:
    def seen(who: Actor | None) -> set[str]:
        return set(Clinic.objects.visible_to(who).values_list("name", flat=True))

    assert seen(olga) == {"Harbour Clinic", "Fjord Clinic"}
    assert seen(people.operating(people.operator(), world.clinic)) == {"Harbour Clinic"}
    assert seen(people.acting(world.rui)) == {"Harbour Clinic"}
    assert seen(Actor(user_id=world.rui.user_id, acting_as="user")) == set()
    assert seen(system()) == set()
    assert seen(None) == set()
