"""Contacts that were disabled or taken away, and whose they are."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from core.tenancy import clinic_context
from patients.models import Patient
from reminders.models import Contact
from tests.api.caller import Caller
from tests.api.patients.stored import events
from tests.api.reminders.test_contacts import (
    AT,
    MAIL,
    MINUTE,
    NOW,
    added,
    confirmed,
    mailed_code,
    messages,
    stored,
)
from tests.factories import people, reminders
from tests.factories.people import World


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def test_a_disabled_address_is_confirmed_anew_before_it_is_used_again(
    caller: Caller, world: World
) -> None:
    row = reminders.contact(
        world.clinic, world.ana.user, address=MAIL["address"],
        disabled_at=AT - MINUTE, disabled_because="bounced",
    )  # fmt: skip

    contact = added(caller, world.ana)

    assert (contact["id"], contact["confirmed_at"], contact["disabled_because"]) == (
        str(row.pk), None, "bounced",
    )  # fmt: skip
    with clinic_context(world.clinic.pk):
        assert Contact.objects.usable().count() == 0
    shown = confirmed(caller, world.ana, contact, mailed_code()).json()
    assert (shown["confirmed_at"], shown["disabled_at"], shown["disabled_because"]) == (
        NOW, None, "",
    )  # fmt: skip


def test_one_that_works_stays_as_it_is(caller: Caller, world: World) -> None:
    reminders.contact(world.clinic, world.ana.user, address=MAIL["address"])
    before = stored(world)

    response = caller.as_(world.ana).post("me/contacts", MAIL)

    assert response.status_code == 200
    assert (stored(world), messages(world)) == (before, [])


def test_what_is_taken_away_is_gone_and_the_login_s_address_is_not_put_back(
    caller: Caller, world: World
) -> None:
    other = reminders.contact(world.clinic, world.ana.user, address=MAIL["address"])
    own = reminders.contact(world.clinic, world.ana.user)
    ana = caller.as_(world.ana)

    for one in (other, own):
        assert ana.delete(f"me/contacts/{one.pk}").status_code == 204
        assert ana.delete(f"me/contacts/{one.pk}").status_code == 404
        assert ana.post(f"me/contacts/{one.pk}/confirm", {"code": "123456"}).status_code == 404

    assert ana.get("me/contacts").json() == {"results": []}
    [kept] = stored(world)
    assert (kept["id"], kept["disabled_because"]) == (own.pk, "removed")
    assert len(events(world, "contact_removed")) == 2
    back = ana.post("me/contacts", {"channel": "email", "address": own.address})
    assert (back.status_code, back.json()["disabled_because"]) == (201, "")
    assert back.json()["confirmed_at"] is None
    assert confirmed(caller, world.ana, back.json(), mailed_code()).status_code == 200


# ---- who ----------------------------------------------------------------------------------------


def test_each_has_their_own(caller: Caller, world: World) -> None:
    mine = added(caller, world.ana)
    code = mailed_code()

    for other in (world.carer, world.far_patient):
        asking = caller.as_(other)
        assert asking.get("me/contacts").json() == {"results": []}
        assert confirmed(caller, other, mine, code).status_code == 404
        assert asking.delete(f"me/contacts/{mine['id']}").status_code == 404
        unknown = asking.delete(f"me/contacts/{uuid.uuid4()}")
        assert unknown.json()["code"] == "not_found"
    joao = added(caller, world.carer)
    assert joao["id"] != mine["id"]
    assert len(stored(world)) == 2


def test_after_discharge_nothing_is_added_and_everything_may_be_taken_away(
    caller: Caller, world: World
) -> None:
    contact = added(caller, world.ana)
    code = mailed_code()
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(status="discharged", discharged_on=AT.date())

    refused = [caller.as_(world.ana).post("me/contacts", MAIL), confirmed(caller, world.ana, contact, code)]  # fmt: skip

    assert [(one.status_code, one.json()["code"]) for one in refused] == [
        (409, "patient_discharged")
    ] * 2
    assert caller.as_(world.ana).delete(f"me/contacts/{contact['id']}").status_code == 204
    assert stored(world) == []


def test_a_carer_s_contacts_are_for_the_clinic_of_the_record(caller: Caller, world: World) -> None:
    far = people.carer(world.far_patient, "Kari Holm")
    contact = added(caller, far)

    with clinic_context(world.far_clinic.pk):
        row = Contact.objects.get(pk=contact["id"])
    assert (row.clinic_id, row.user_id) == (world.far_clinic.pk, far.user_id)
