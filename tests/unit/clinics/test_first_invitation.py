"""Asking a clinic's first administrator again."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from clinics.actions.invitations import InvitationAccepted, InvitationRevoked, SentOften
from clinics.actions.operating import (
    ClinicArchived,
    archive_clinic,
    create_clinic,
    resend_first_invitation,
)
from clinics.actors import Actor, system
from clinics.models import Clinic, Invitation
from core.errors import DomainError, Forbidden, NotFound
from core.models import AuditEvent, Message
from core.tenancy import clinic_context
from tests.factories import people

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=20)


@pytest.fixture
def olga(db: None) -> Actor:
    return people.operating(people.operator())


@pytest.fixture
def lake(olga: Actor) -> Clinic:
    return create_clinic(
        name="Lake Clinic", time_zone="Europe/Zurich", country="CH",
        phone_number="+41 44 000 00 00", admin_email="eva@lake.example", by=olga, now=NOW,
    )  # fmt: skip


def stored(clinic: Clinic) -> Invitation:
    with clinic_context(clinic.pk):
        return Invitation.objects.order_by("invited_at", "pk")[0]


def mails(clinic: Clinic) -> list[tuple[str, dt.datetime]]:
    with clinic_context(clinic.pk):
        return list(Message.objects.order_by("due_at").values_list("address", "due_at"))


def test_it_is_sent_again_for_fourteen_more_days_and_kept(lake: Clinic, olga: Actor) -> None:
    sent = resend_first_invitation(clinic_id=lake.pk, by=olga, now=LATER)

    again = stored(lake)
    assert sent.pk == again.pk
    assert (again.times_sent, again.ends_at) == (2, LATER + dt.timedelta(days=14))
    assert mails(lake) == [("eva@lake.example", NOW), ("eva@lake.example", LATER)]
    with clinic_context(lake.pk):
        kept = AuditEvent.objects.order_by("at", "pk").values_list("action", "actor_id", "at")
        assert list(kept)[-1] == ("invitation_sent_again", olga.user_id, LATER)


def test_it_is_the_operator_s_own_one_not_what_the_clinic_sent(lake: Clinic, olga: Actor) -> None:
    helena = people.admin(lake)
    people.invitation(lake, helena.user, roles=["admin"], invited_at=NOW - dt.timedelta(days=1))
    with clinic_context(lake.pk):
        first = Invitation.objects.get(email="eva@lake.example")

    assert resend_first_invitation(clinic_id=lake.pk, by=olga, now=LATER).pk == first.pk


SETTLED: list[tuple[dict[str, Any], type[DomainError]]] = [
    ({"revoked_at": NOW}, InvitationRevoked),
    ({"times_sent": 10, "revoked_at": None}, SentOften),
]


def test_what_is_settled_or_was_sent_ten_times_is_not_sent(lake: Clinic, olga: Actor) -> None:
    accepted = {"accepted_at": NOW, "accepted_by": people.user("Eva Lima")}
    cases: list[tuple[dict[str, Any], type[DomainError]]] = [
        *SETTLED,
        (accepted, InvitationAccepted),
    ]
    for fields, refusal in cases:
        with clinic_context(lake.pk):
            Invitation.objects.update(**fields)

        with pytest.raises(refusal):
            resend_first_invitation(clinic_id=lake.pk, by=olga, now=LATER)

        assert len(mails(lake)) == 1


def test_the_tenth_time_is_the_last(lake: Clinic, olga: Actor) -> None:
    for number in range(1, 10):
        moment = NOW + dt.timedelta(hours=number)
        resend_first_invitation(clinic_id=lake.pk, by=olga, now=moment)

    with pytest.raises(SentOften):
        resend_first_invitation(clinic_id=lake.pk, by=olga, now=LATER)
    assert (stored(lake).times_sent, len(mails(lake))) == (10, 10)


def test_nobody_is_asked_into_an_archived_clinic(lake: Clinic, olga: Actor) -> None:
    archive_clinic(clinic_id=lake.pk, by=olga, now=NOW)

    with pytest.raises(ClinicArchived):
        resend_first_invitation(clinic_id=lake.pk, by=olga, now=LATER)

    assert stored(lake).times_sent == 1


def test_an_unknown_clinic_and_one_whose_people_no_operator_asked(olga: Actor) -> None:
    for key in (uuid.uuid4(), people.clinic().pk):
        with pytest.raises(NotFound):
            resend_first_invitation(clinic_id=key, by=olga, now=LATER)


def test_operators_alone_ask_again(lake: Clinic, olga: Actor) -> None:
    helena = people.admin(lake)
    others = [
        people.acting(helena),
        system(lake.pk),
        Actor(user_id=helena.user_id, acting_as="user"),
        Actor(user_id=olga.user_id, acting_as="operator", clinic_id=lake.pk),
    ]
    for by in others:
        with pytest.raises(Forbidden):
            resend_first_invitation(clinic_id=lake.pk, by=by, now=LATER)
    assert (stored(lake).times_sent, len(mails(lake))) == (1, 1)
