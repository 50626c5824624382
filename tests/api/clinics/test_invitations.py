from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail as outgoing
from django.db import IntegrityError, connection, transaction

from clinics.actions.invitations import InvitationAccepted, invite_member
from clinics.models import Device, Invitation, Membership, User
from clinics.tokens import clinic_of_code, hash_token, place_code
from core.delivery import deliver
from core.models import AuditEvent, Message
from core.tenancy import clinic_context
from patients.actions.invitations import join_by_invitation
from rehab_platform.mails import WRITERS
from tests.api.caller import Caller
from tests.factories import people
from tests.factories.database import checked_at_once
from tests.factories.people import World
from tests.mail_server import mail_server, text_of
from tests.mailed import mailed_code

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
NEW = "four words are plenty"
EVA = "eva@example.org"


@pytest.fixture(autouse=True)
def _clock(request: pytest.FixtureRequest) -> None:
    if "world" in request.fixturenames:
        request.getfixturevalue("stop_clock")(NOW.isoformat())


@pytest.fixture
def helena(caller: Caller, world: World) -> Caller:
    return caller.as_(world.admin)


def invite(who: Caller, email: str = EVA, roles: tuple[str, ...] = ("therapist",)):
    return who.post("invitations", {"email": email, "roles": list(roles)})


def join(caller: Caller, code: str, password: str = NEW):
    body = {"code": code, "name": "Eva Lima", "password": password, "device_name": "Eva's laptop"}
    return caller.post("auth/invitations/join", body)


def accept(who: Caller, code: str):
    return who.post("auth/invitations/accept", {"code": code})


def show(caller: Caller, code: str):
    return caller.post("auth/invitations/show", {"code": code})


def stored(world: World) -> Invitation:
    with clinic_context(world.clinic.pk):
        return Invitation.objects.get()


def roles_of(world: World, email: str) -> list[str]:
    with clinic_context(world.clinic.pk):
        working = Membership.objects.filter(user__email=email, deactivated_at=None)
        return sorted(working.values_list("role", flat=True))


def events(world: World) -> list[str]:
    with clinic_context(world.clinic.pk):
        return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_from_the_invitation_to_work_over_a_real_mail_server(world, helena, caller, settings):
    settings.APP_URL = "https://app.example.org"
    made = invite(helena, "Eva@Example.org", ("therapist", "admin"))
    assert made.status_code == 201
    assert made.json() == {
        "id": str(stored(world).pk),
        "kind": "member",
        "email": EVA,
        "roles": ["admin", "therapist"],
        "state": "open",
        "invited_by": "Helena Prata",
        "invited_at": "2026-11-23T18:02:00Z",
        "ends_at": "2026-12-07T18:02:00Z",
        "times_sent": 1,
    }

    with mail_server() as server:
        deliver(writers=WRITERS, now=NOW)
    [mail] = server.mails
    code = next(line for line in text_of(mail).splitlines() if len(line) == 65)

    assert (mail["To"], mail["Subject"]) == (EVA, "Harbour Clinic invites you")
    assert f"https://app.example.org/invitation#{code}" in text_of(mail)
    assert show(caller, code).json() == {
        "clinic_name": "Harbour Clinic", "kind": "member", "email": EVA, "has_login": False,
    }  # fmt: skip
    joined = join(caller, code)
    assert joined.status_code == 201
    eva = Caller(joined.json()["token"])
    assert eva.get("members").status_code == 200
    assert eva.get("patients").status_code == 200
    assert roles_of(world, EVA) == ["admin", "therapist"]
    assert User.objects.get(email=EVA).name == "Eva Lima"
    assert [one for one in events(world) if one.startswith("invitation")] == [
        "invitation_made", "invitation_accepted",
    ]  # fmt: skip


def test_the_database_holds_no_code_only_the_hash_of_the_newest(world, helena):
    invite(helena)
    assert stored(world).code_hash is None

    code = mailed_code(now=NOW)

    assert bytes(stored(world).code_hash) == hash_token(code)
    with clinic_context(world.clinic.pk):
        [message] = Message.objects.all()
    assert (message.about, message.address) == ({"invitation": str(stored(world).pk)}, EVA)


def test_an_existing_login_accepts_signed_in_and_twice_is_as_once(world, helena, caller):
    eva = people.user("Eva Lima", EVA)
    invite(helena)
    code = mailed_code(now=NOW)
    assert show(caller, code).json()["has_login"] is True

    first, second = accept(caller.as_(eva), code), accept(caller.as_(eva), code)

    assert first.status_code == 200
    assert first.json() == {"clinic": str(world.clinic.pk), "kind": "member", "record": None}
    assert (second.status_code, second.json()) == (200, first.json())
    assert roles_of(world, EVA) == ["therapist"]


def test_an_address_with_a_login_is_not_given_another(world, helena, caller):
    people.user("Eva Lima", EVA, password=people.PASSWORD)
    invite(helena)

    refused = join(caller, mailed_code(now=NOW))

    assert (refused.status_code, refused.json()["code"]) == (409, "login_exists")
    assert User.objects.get(email=EVA).check_password(people.PASSWORD)
    assert stored(world).accepted_at is None
    assert roles_of(world, EVA) == []


def test_another_s_login_cannot_accept(world, helena, caller):
    invite(helena)
    code = mailed_code(now=NOW)

    refused = accept(caller.as_(world.ana), code)

    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_address")
    assert stored(world).accepted_at is None


def test_a_weak_password_is_refused_by_name_and_leaves_the_invitation_open(world, helena, caller):
    invite(helena)
    code = mailed_code(now=NOW)

    weak = join(caller, code, "short")

    assert (weak.status_code, weak.json()["errors"][0]["field"]) == (400, "password")
    assert not User.objects.filter(email=EVA).exists()
    assert join(caller, code).status_code == 201


def _revoke(world: World, helena: Caller) -> None:
    assert helena.post(f"invitations/{stored(world).pk}/revoke").status_code == 200


def _accept(world: World, helena: Caller) -> None:
    with clinic_context(world.clinic.pk):
        Invitation.objects.update(accepted_at=NOW, accepted_by=world.marta.user)


def _expire(world: World, helena: Caller) -> None:
    with clinic_context(world.clinic.pk):
        Invitation.objects.update(invited_at=NOW - DAY, ends_at=NOW)


ENDS = [
    (_revoke, 409, "invitation_revoked", "revoked"),
    (_accept, 409, "invitation_accepted", "accepted"),
    (_expire, 409, "invitation_expired", "expired"),
]


@pytest.mark.parametrize(("end", "status", "code", "state"), ENDS)
def test_an_invitation_that_ended_says_how(world, helena, caller, end, status, code, state):
    eva = people.user("Eva Lima", "eva.lima@example.org")
    invite(helena, "eva.lima@example.org")
    mailed = mailed_code(now=NOW)
    end(world, helena)

    for answer in (show(caller, mailed), join(caller, mailed), accept(caller.as_(eva), mailed)):
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    [listed] = helena.get("invitations").json()["results"]
    assert listed["state"] == state
    assert roles_of(world, "eva.lima@example.org") == []


@pytest.mark.parametrize(("before_its_end", "status"), [(SECOND, 201), (0 * SECOND, 409)])
def test_an_invitation_is_good_for_fourteen_days(
    world, helena, caller, stop_clock, before_its_end, status
):
    invite(helena)
    code = mailed_code(now=NOW)
    stop_clock((NOW + 14 * DAY - before_its_end).isoformat())

    assert join(caller, code).status_code == status


UNKNOWN = ["x", "x" * 65, "ä" * 65, "0" * 200, "=" * 22]


@pytest.mark.parametrize("code", UNKNOWN)
def test_a_code_that_nobody_was_sent_is_unknown(world, helena, caller, code):
    invite(helena)
    mailed_code(now=NOW)

    for answer in (show(caller, code), join(caller, code), accept(caller.as_(world.ana), code)):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_code_is_good_in_the_clinic_that_made_it(world, helena, caller):
    invite(helena)
    code = mailed_code(now=NOW)
    elsewhere = place_code(world.far_clinic.pk, code[22:])

    assert clinic_of_code(code) == world.clinic.pk
    assert clinic_of_code(elsewhere) == world.far_clinic.pk
    assert join(caller, elsewhere).status_code == 404


def test_guessing_codes_is_limited(world, caller):
    for number in range(30):
        assert show(caller, f"guess{number}").status_code == 404

    assert show(caller, "guess").status_code == 429
    assert join(caller, "guess").status_code == 429


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
