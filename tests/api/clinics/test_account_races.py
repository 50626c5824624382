"""What two people do to one login, invitation or clinic at the same moment."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from clinics.actions.invitations import invite_member, revoke_member_invitation
from clinics.actions.members import grant_role
from clinics.actions.passwords import change_password
from clinics.actors import Actor
from clinics.models import Clinic, Device, Invitation, Membership, User
from core.errors import DomainError
from core.tenancy import clinic_context
from patients.actions.invitations import accept_invitation, join_by_invitation
from tests.factories import people
from tests.mailed import mailed_code

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
EVA = "eva@example.org"

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> list[str]:
    """Make the calls at the same moment, each on a connection of its own; return how they ended."""
    barrier = threading.Barrier(len(calls))

    def make(call: Callable[[], object]) -> str:
        barrier.wait(timeout=30)
        try:
            call()
        except DomainError as refused:
            return refused.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(make, calls))


def invited(clinic: Clinic, helena: Membership) -> tuple[Invitation, str]:
    with clinic_context(clinic.pk):
        made = invite_member(email=EVA, roles=["therapist"], by=people.acting(helena), now=NOW)
    return made, mailed_code(now=NOW)


def join(code: str, name: str = "Eva Lima") -> None:
    join_by_invitation(
        code=code, name=name, password="four words are plenty", device_name="x",
        address="::1", now=NOW,
    )  # fmt: skip


def working(clinic: Clinic) -> int:
    with clinic_context(clinic.pk):
        return Membership.objects.filter(user__email=EVA, deactivated_at=None).count()


def test_two_clinics_that_invite_one_person_make_one_login():
    places = []
    for name in ("Harbour Clinic", "Bay Clinic"):
        clinic = people.clinic(name)
        places.append((clinic, invited(clinic, people.admin(clinic))[1]))

    ends = at_once(*[lambda code=code: join(code) for _clinic, code in places])

    assert sorted(ends) == ["done", "login_exists"]
    assert User.objects.filter(email=EVA).count() == 1
    assert [working(clinic) for clinic, _code in places] == [int(end == "done") for end in ends]


def test_an_invitation_is_taken_back_or_accepted_and_never_both():
    clinic = people.clinic()
    helena = people.admin(clinic)
    made, code = invited(clinic, helena)

    def revoke() -> None:
        with clinic_context(clinic.pk), transaction.atomic():
            revoke_member_invitation(invitation_id=made.pk, by=people.acting(helena), now=NOW)

    ends = at_once(revoke, lambda: join(code))

    assert ends in (["done", "invitation_revoked"], ["invitation_accepted", "done"])
    assert working(clinic) == int(ends[1] == "done")
    with clinic_context(clinic.pk):
        stored = Invitation.objects.get()
    assert (stored.revoked_at is None) is (ends[1] == "done")


def test_one_who_accepts_from_two_devices_at_once_accepts_once():
    clinic = people.clinic()
    eva = people.user("Eva Lima", EVA)
    _made, code = invited(clinic, people.admin(clinic))
    who = Actor(user_id=eva.pk, acting_as="user")

    def accept() -> None:
        with transaction.atomic():
            accept_invitation(code=code, by=who, now=NOW)

    assert at_once(accept, accept) == ["done", "done"]
    assert working(clinic) == 1


def test_two_invitations_of_one_address_at_once_are_one():
    clinic = people.clinic()
    admins = [people.admin(clinic), people.admin(clinic, "Nuno Reis")]

    def invite(admin: Membership) -> None:
        with clinic_context(clinic.pk):
            invite_member(email=EVA, roles=["admin"], by=people.acting(admin), now=NOW)

    ends = at_once(*[lambda admin=admin: invite(admin) for admin in admins])

    assert sorted(ends) == ["already_invited", "done"]
    with clinic_context(clinic.pk):
        assert Invitation.objects.count() == 1


def test_a_role_that_is_given_twice_at_once_is_held_once():
    clinic = people.clinic()
    helena, marta = people.admin(clinic), people.therapist(clinic, "Marta Dias")

    def grant() -> None:
        with clinic_context(clinic.pk):
            grant_role(user_id=marta.user_id, role="admin", by=people.acting(helena), now=NOW)

    assert at_once(grant, grant, grant) == ["done"] * 3
    with clinic_context(clinic.pk):
        assert Membership.objects.filter(user=marta.user, role="admin").count() == 1


def test_of_two_changes_of_a_password_at_once_the_second_does_not_know_it_any_more():
    eva = people.user("Eva Lima", EVA, password=people.PASSWORD)
    for _ in range(2):
        people.device_token(eva)
    devices = list(Device.objects.order_by("pk"))

    def change(number: int) -> None:
        with transaction.atomic():
            change_password(
                current_password=people.PASSWORD,
                password=f"four words are plenty {number}",
                by=Actor(user_id=eva.pk, acting_as="user", device_id=devices[number].pk),
                now=NOW,
            )

    ends = at_once(lambda: change(0), lambda: change(1))

    assert sorted(ends) == ["done", "wrong_password"]
    eva.refresh_from_db()
    winner = ends.index("done")
    assert eva.check_password(f"four words are plenty {winner}")
    assert eva.token_epoch == 1
    assert list(Device.objects.working(now=NOW)) == [devices[winner]]
