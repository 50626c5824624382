from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from clinics.models import Invitation, User
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Carer, Patient
from tests.api.caller import Caller
from tests.factories import people
from tests.factories.people import World
from tests.mailed import mailed_code

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
NEW = "four words are plenty"
BO_MAIL = "bo@example.org"


@pytest.fixture(autouse=True)
def _clock(stop_clock) -> None:
    stop_clock(NOW.isoformat())


@pytest.fixture
def bo(world: World) -> Patient:
    """A patient of Rui's without a login."""
    return people.patient(world.clinic, "Bo Lund", care_team=[world.rui], email=None)


def invite(who: Caller, patient: Patient, **fields: Any):
    body = {"kind": "patient", "email": BO_MAIL} | fields
    return who.post(f"patients/{patient.pk}/invitations", body)


def carer_of(patient: Patient) -> dict[str, Any]:
    return {"kind": "carer", "email": "eva@example.org", "consent": "given"}


def join(caller: Caller, code: str):
    body = {"code": code, "name": "Bo Lund", "password": NEW, "device_name": "Bo's phone"}
    return caller.post("auth/invitations/join", body)


def login_of(patient: Patient) -> str | None:
    with clinic_context(patient.clinic_id):
        patient = Patient.objects.select_related("user").get(pk=patient.pk)
        return patient.user.email if patient.user else None


def invited(patient: Patient) -> list[Invitation]:
    with clinic_context(patient.clinic_id):
        return list(Invitation.objects.filter(patient_id=patient.pk).order_by("pk"))


def test_a_patient_makes_a_login_and_sees_the_plan(world, caller, bo):
    made = invite(caller.as_(world.rui), bo)
    assert (made.status_code, made.json()["kind"], made.json()["roles"]) == (201, "patient", [])

    joined = join(caller, mailed_code(now=NOW))

    assert joined.status_code == 201
    phone = Caller(joined.json()["token"])
    assert phone.get("me/plan").status_code == 200
    [record] = phone.get("auth/whoami").json()["records"]
    assert (record["id"], record["acting_as"]) == (str(bo.pk), "patient")
    assert login_of(bo) == BO_MAIL


def test_a_carer_accepts_and_the_consent_names_who_vouched(world, caller):
    eva = people.user("Eva Lima", "eva@example.org")
    invite(caller.as_(world.rui), world.ana, **carer_of(world.ana))

    taken = caller.as_(eva).post("auth/invitations/accept", {"code": mailed_code(now=NOW)})

    assert taken.status_code == 200
    assert taken.json() == {
        "clinic": str(world.clinic.pk), "kind": "carer", "record": str(world.ana.pk),
    }  # fmt: skip
    assert caller.as_(eva).get("me/plan").status_code == 200
    with clinic_context(world.clinic.pk):
        carer = Carer.objects.get(user=eva)
        event = AuditEvent.objects.get(action="invitation_accepted")
    assert (carer.consent_recorded_by_id, carer.consented_at) == (world.rui.user_id, NOW)
    assert (event.patient_id, event.actor_id) == (world.ana.pk, eva.pk)


def test_a_carer_needs_consent_that_is_recorded(world, caller):
    refused = invite(caller.as_(world.rui), world.ana, kind="carer", email="eva@example.org")

    assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [
        ("consent", "missing")
    ]
    assert invited(world.ana) == []


def test_one_login_has_one_record_in_a_clinic(world, caller, bo):
    invite(caller.as_(world.rui), bo, email=world.ana.user.email)

    refused = caller.as_(world.ana).post("auth/invitations/accept", {"code": mailed_code(now=NOW)})

    assert (refused.status_code, refused.json()["code"]) == (409, "login_has_record")
    assert login_of(bo) is None
    assert invited(bo)[0].accepted_at is None


def test_a_record_that_got_a_login_meanwhile_is_not_given_away(world, caller, bo):
    rui = caller.as_(world.rui)
    invite(rui, bo)
    code = mailed_code(now=NOW)
    people.user("Bo Lund", "other@example.org")
    rui.put(f"patients/{bo.pk}/login", {"email": "other@example.org"})

    refused = join(caller, code)

    assert (refused.status_code, refused.json()["code"]) == (409, "patient_has_login")
    assert login_of(bo) == "other@example.org"
    assert not User.objects.filter(email=BO_MAIL).exists()


def _mail_of(world: World, name: str) -> str:
    return str(getattr(world, name).user.email)


NOTHING_TO_ASK = [
    ("patient", lambda world: "new@example.org", 409, "patient_has_login"),
    ("carer", lambda world: _mail_of(world, "ana"), 400, "invalid"),
    ("carer", lambda world: _mail_of(world, "carer"), 409, "already_carer"),
]


@pytest.mark.parametrize(("kind", "email", "status", "code"), NOTHING_TO_ASK)
def test_an_invitation_that_would_lead_to_nothing_is_refused(
    world, caller, kind, email, status, code
):
    refused = invite(
        caller.as_(world.rui), world.ana, kind=kind, email=email(world), consent="given"
    )

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert invited(world.ana) == []


def test_a_carer_is_not_invited_as_the_patient(world, caller, bo):
    carer = people.carer(bo, "Eva Lima")

    refused = invite(caller.as_(world.rui), bo, email=carer.user.email)

    assert (refused.status_code, refused.json()["code"]) == (409, "login_is_carer")


def test_the_same_address_may_be_asked_to_two_records_and_once_to_each(world, caller, bo):
    rui = caller.as_(world.rui)
    assert invite(rui, bo, **carer_of(bo)).status_code == 201
    assert invite(rui, world.ana, **carer_of(world.ana)).status_code == 201

    again = invite(rui, bo, **carer_of(bo))

    assert (again.status_code, again.json()["code"]) == (409, "already_invited")


def test_sent_again_and_taken_back(world, caller, bo):
    rui = caller.as_(world.rui)
    path = f"patients/{bo.pk}/invitations/{invite(rui, bo).json()['id']}"
    old = mailed_code(now=NOW)

    assert rui.post(f"{path}/resend").json()["times_sent"] == 2
    new = mailed_code(now=NOW)
    assert join(caller, old).status_code == 404
    assert rui.post(f"{path}/revoke").json()["state"] == "revoked"

    assert join(caller, new).json()["code"] == "invitation_revoked"
    [listed] = rui.get(f"patients/{bo.pk}/invitations").json()["results"]
    assert (listed["state"], listed["email"]) == ("revoked", BO_MAIL)
    assert login_of(bo) is None


ACCESS = [
    ("rui", 201, 200), ("admin", 201, 200), ("marta", 404, 404),
    ("far_therapist", 404, 404), ("ana", 403, 403), ("carer", 403, 403),
]  # fmt: skip


@pytest.mark.parametrize(("who", "asking", "reading"), ACCESS)
def test_the_care_team_and_administrators_invite_to_a_record(
    world, caller, bo, who, asking, reading
):
    sender = caller.as_(getattr(world, who))
    standing = people.invitation(world.clinic, world.rui.user, patient_id=bo.pk)
    path = f"patients/{bo.pk}/invitations"
    expected = 200 if asking == 201 else asking

    assert invite(sender, bo).status_code == asking
    assert sender.get(path).status_code == reading
    assert sender.post(f"{path}/{standing.pk}/resend").status_code == expected
    assert sender.post(f"{path}/{standing.pk}/revoke").status_code == expected

    assert len(invited(bo)) == (2 if asking == 201 else 1)
    assert (invited(bo)[0].revoked_at is None) is (asking != 201)


def test_an_invitation_is_found_below_its_own_patient_alone(world, caller, bo):
    rui = caller.as_(world.rui)
    of_ana = people.invitation(world.clinic, world.rui.user, kind="carer", patient_id=world.ana.pk)
    to_work = people.invitation(world.clinic, world.admin.user)
    helena = caller.as_(world.admin)

    for one in (of_ana.pk, to_work.pk, uuid.uuid4()):
        for sender in (rui, helena):
            answer = sender.post(f"patients/{bo.pk}/invitations/{one}/revoke")
            assert answer.status_code == 404
    assert helena.post(f"invitations/{of_ana.pk}/revoke").status_code == 404


def test_the_mail_to_a_patient_says_nothing_of_health(world, caller, bo, mailoutbox):
    invite(caller.as_(world.rui), bo)
    mailed_code(now=NOW)

    [mail] = mailoutbox
    told = f"{mail.subject} {mail.body} {mail.alternatives[0][0]}".lower()
    for word in ("bo lund", "patient", "stroke", "exercise", "therap", "rui", "<img"):
        assert word not in told
