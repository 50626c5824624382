"""Invitations sent again and taken back, what is refused, and the database's own rules."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail as outgoing
from django.db import IntegrityError, connection, transaction

from clinics.actions.invitations import InvitationAccepted, invite_member
from clinics.models import Device, Invitation, Membership, User
from core.delivery import deliver
from core.models import Message
from core.tenancy import clinic_context
from patients.actions.invitations import join_by_invitation
from rehab_platform.mails import WRITERS
from tests.api.caller import Caller
from tests.api.clinics.inviting import (
    DAY,
    EVA,
    NEW,
    NOW,
    _accept,
    _expire,
    _revoke,
    accept,
    invite,
    join,
    roles_of,
    show,
    stored,
)
from tests.factories import people
from tests.factories.database import checked_at_once
from tests.factories.people import World
from tests.mailed import mailed_code


@pytest.fixture(autouse=True)
def _clock(request: pytest.FixtureRequest) -> None:
    if "world" in request.fixturenames:
        request.getfixturevalue("stop_clock")(NOW.isoformat())


@pytest.fixture
def helena(caller: Caller, world: World) -> Caller:
    return caller.as_(world.admin)


# ---- sending again, taking back ----------------------------------------------------------------


def test_sending_again_gives_a_new_code_and_fourteen_days_more(world, helena, caller, stop_clock):
    made = invite(helena).json()
    old = mailed_code(now=NOW)
    stop_clock((NOW + 20 * DAY).isoformat())

    again = helena.post(f"invitations/{made['id']}/resend")

    assert again.status_code == 200
    assert (again.json()["state"], again.json()["times_sent"], again.json()["ends_at"]) == (
        "open", 2, "2026-12-27T18:02:00Z",
    )  # fmt: skip
    new = mailed_code(now=NOW + 20 * DAY)
    assert new != old
    assert show(caller, old).status_code == 404
    assert join(caller, new).status_code == 201


def test_a_mail_that_was_overtaken_by_a_newer_one_is_dropped(world, helena):
    made = invite(helena).json()
    helena.post(f"invitations/{made['id']}/resend")

    deliver(writers=WRITERS, now=NOW)

    assert len(outgoing.outbox) == 1
    with clinic_context(world.clinic.pk):
        assert list(Message.objects.order_by("pk").values_list("state", flat=True)) == [
            "dropped", "sent",
        ]  # fmt: skip


@pytest.mark.parametrize("end", [_revoke, _accept, _expire])
def test_an_invitation_that_ended_before_its_mail_is_not_mailed(world, helena, end):
    invite(helena)
    end(world, helena)

    deliver(writers=WRITERS, now=NOW)

    assert outgoing.outbox == []


def test_it_is_sent_ten_times_and_not_eleven(world, helena):
    made = invite(helena).json()
    answers = [helena.post(f"invitations/{made['id']}/resend").status_code for _ in range(9)]

    eleventh = helena.post(f"invitations/{made['id']}/resend")

    assert set(answers) == {200}
    assert (eleventh.status_code, eleventh.json()["code"]) == (409, "sent_often")
    assert stored(world).times_sent == 10


SETTLED = [
    (_revoke, "resend", 409, "invitation_revoked"),
    (_accept, "resend", 409, "invitation_accepted"),
    (_accept, "revoke", 409, "invitation_accepted"),
    (_revoke, "revoke", 200, None),
    (_expire, "revoke", 200, None),
    (_expire, "resend", 200, None),
]


@pytest.mark.parametrize(("end", "doing", "status", "code"), SETTLED)
def test_what_can_be_done_with_one_that_ended(world, helena, end, doing, status, code):
    made = invite(helena).json()
    end(world, helena)

    answer = helena.post(f"invitations/{made['id']}/{doing}")

    assert (answer.status_code, answer.json().get("code")) == (status, code)


def test_an_address_has_one_open_invitation_and_is_asked_again_once_it_was_taken_back(
    world, helena
):
    first = invite(helena).json()

    second = invite(helena, "EVA@example.org", ("admin",))

    assert (second.status_code, second.json()["code"]) == (409, "already_invited")
    assert second.json()["invitation"] == first["id"]
    _revoke(world, helena)
    assert invite(helena).status_code == 201


def test_who_works_here_is_invited_to_new_roles_alone(world, helena, caller):
    marta = world.marta.user.email
    refused = invite(helena, marta, ("therapist",))
    assert (refused.status_code, refused.json()["code"]) == (409, "already_member")

    assert invite(helena, marta, ("admin", "therapist")).status_code == 201
    accept(caller.as_(world.marta), mailed_code(now=NOW))

    assert roles_of(world, marta) == ["admin", "therapist"]


WRONG = [
    ({"email": "nobody"}, "email"),
    ({"roles": []}, "roles"),
    ({"roles": ["operator"]}, "roles.0"),
    ({"roles": ["admin", "admin", "therapist"]}, "roles"),
    ({"clinic": "x"}, "clinic"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG)
def test_what_is_sent_wrongly_is_refused_by_name(world, helena, wrong, field):
    refused = helena.post("invitations", {"email": EVA, "roles": ["therapist"]} | wrong)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field)
    with clinic_context(world.clinic.pk):
        assert not Invitation.objects.exists()


@pytest.mark.parametrize("who", ["rui", "marta", "ana", "carer"])
def test_administrators_alone_invite(world, helena, caller, who):
    made = invite(helena).json()
    sender = caller.as_(getattr(world, who))

    for answer in (
        sender.get("invitations"),
        invite(sender, "other@example.org"),
        sender.post(f"invitations/{made['id']}/resend"),
        sender.post(f"invitations/{made['id']}/revoke"),
    ):
        assert answer.status_code == 403
    assert (stored(world).times_sent, stored(world).revoked_at) == (1, None)


def test_another_clinic_s_invitation_is_unknown(world, helena, caller):
    made = invite(helena).json()
    sigrid = caller.as_(people.admin(world.far_clinic, "Sigrid Lie"))

    assert sigrid.get("invitations").json()["results"] == []
    assert sigrid.post(f"invitations/{made['id']}/revoke").status_code == 404
    assert stored(world).revoked_at is None


HELD: list[tuple[str, dict[str, Any]]] = [
    ("invitation_kind_is_known", {"kind": "guest", "roles": [], "patient_id": "ana"}),
    ("invitation_is_to_roles_or_a_record", {"roles": []}),
    ("invitation_is_to_roles_or_a_record", {"roles": ["operator"]}),
    ("invitation_is_to_roles_or_a_record", {"patient_id": "ana"}),
    ("invitation_is_to_roles_or_a_record", {"kind": "carer"}),
    ("invitation_is_to_roles_or_a_record", {"kind": "carer", "roles": []}),
    ("invitation_is_to_roles_or_a_record", {"kind": "carer", "patient_id": "ana"}),
    ("invitation_email_is_lower_case", {"email": "Eva@example.org"}),
    ("invitation_email_is_lower_case", {"email": ""}),
    ("invitation_ends_after_it_begins", {"ends_at": people.LONG_AGO}),
    ("invitation_is_sent_ten_times", {"times_sent": 11}),
    ("invitation_is_sent_ten_times", {"times_sent": 0}),
    ("invitation_is_accepted_or_revoked", {"accepted_at": NOW}),
]


@pytest.mark.parametrize(("constraint", "wrong"), HELD)
def test_the_database_refuses(world, constraint, wrong):
    people.invitation(world.clinic, world.admin.user)
    values = {key: world.ana.pk if value == "ana" else value for key, value in wrong.items()}
    with clinic_context(world.clinic.pk), checked_at_once():
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            Invitation.objects.update(**values)

        assert refused.value.__cause__.diag.constraint_name == constraint
        assert Invitation.objects.update(kind="carer", roles=[], patient_id=world.ana.pk) == 1


def test_the_database_refuses_an_invitation_to_another_clinic_s_record(world):
    people.invitation(world.clinic, world.admin.user, patient_id=world.ana.pk)
    with clinic_context(world.clinic.pk), checked_at_once():
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            Invitation.objects.update(patient_id=world.far_patient.pk)

        name = refused.value.__cause__.diag.constraint_name
        assert name == "clinics_invitation_patient_id_tenant_fk"


@pytest.mark.django_db(transaction=True)
def test_an_invitation_that_is_accepted_four_times_at_once_is_accepted_once():
    clinic = people.clinic()
    helena = people.admin(clinic)
    with clinic_context(clinic.pk):
        invite_member(email=EVA, roles=["therapist"], by=people.acting(helena), now=NOW)
    code = mailed_code(now=NOW)
    barrier = threading.Barrier(4)

    def take(number: int) -> str:
        barrier.wait(timeout=30)
        try:
            join_by_invitation(
                code=code, name=f"Eva {number}", password=NEW, device_name="x",
                address="::1", now=NOW,
            )  # fmt: skip
        except InvitationAccepted:
            return "accepted before"
        finally:
            connection.close()
        return "joined"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(take, range(4)))

    assert outcomes == ["accepted before"] * 3 + ["joined"]
    assert User.objects.filter(email=EVA).count() == 1
    assert Device.objects.count() == 1
    with clinic_context(clinic.pk):
        assert Membership.objects.filter(user__email=EVA).count() == 1
