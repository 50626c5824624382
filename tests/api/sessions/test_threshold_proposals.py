"""A looser threshold waits until the clinician who was named signs it under her own login."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import msgspec
import pytest
from django.core import mail as outgoing

from core.delivery import deliver
from core.models import AuditEvent, Message
from core.tenancy import clinic_context
from rehab_platform.mails import WRITERS
from sessions.alert_facts import read_thresholds
from sessions.models import AlertThresholds, ThresholdProposal
from sessions.thresholds import DEFAULTS
from tests.api.caller import Caller
from tests.factories import people
from tests.factories.alerts import proposal, thresholds

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
PATH = "clinic/thresholds"
LIST = f"{PATH}/proposals"
OWN = msgspec.structs.asdict(DEFAULTS)
REASON = "They train three days a week."
NOTE = "Two of my patients would be heard of too late."


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def admin(caller: Caller, world: people.World) -> Caller:
    return caller.as_(world.admin)


@pytest.fixture
def rui(caller: Caller, world: people.World) -> Caller:
    return caller.as_(world.rui)


@pytest.fixture
def waiting(world: people.World) -> str:
    """Helena Prata asked Rui Costa to sign four expected days in place of three."""
    return str(proposal(world.rui, world.admin.user).pk)


def looser(
    clinician: Any,
    replaces: int = 0,
    reason: str = REASON,
    texts: dict | None = None,
    **numbers: int,
) -> dict[str, Any]:
    return {
        "replaces": replaces,
        "numbers": OWN | {"no_contact_expected_days": 4} | numbers,
        "texts": texts or {},
        "sign_off": {"membership": str(clinician.pk), "reason": reason},
    }


def stored(world: people.World) -> list[tuple[str, str]]:
    """Status and note of each proposal, oldest first."""
    with clinic_context(world.clinic.pk):
        rows = ThresholdProposal.objects.order_by("id")
        return list(rows.values_list("status", "decision_note"))


def versions(world: people.World) -> list[int]:
    with clinic_context(world.clinic.pk):
        return list(AlertThresholds.objects.order_by("number").values_list("number", flat=True))


def audited(world: people.World) -> list[tuple[str, uuid.UUID]]:
    with clinic_context(world.clinic.pk):
        events = AuditEvent.objects.filter(action__startswith="threshold").order_by("id")
        return list(events.values_list("action", "actor_id"))


def days_in_force(world: people.World) -> int:
    """After how many expected days of silence an alert is raised today."""
    with clinic_context(world.clinic.pk):
        return read_thresholds(world.clinic.pk).no_contact_expected_days


# ---- Proposing -----------------------------------------------------------------------------------


def test_naming_a_clinician_signs_nothing_and_the_stricter_number_holds(admin, world):
    asked = admin.put(PATH, looser(world.rui))

    told = asked.json()
    assert (asked.status_code, told["version"], told["sign_off"]) == (202, 0, None)
    assert told["numbers"] == OWN
    made = told["proposal"]
    assert (made["status"], made["clinician"], made["clinician_name"], made["proposed_by"]) == (
        "waiting", str(world.rui.pk), "Rui Costa", "Helena Prata",
    )  # fmt: skip
    assert (made["loosened"], made["reason"], made["is_mine_to_sign"]) == (
        ["no_contact_expected_days"], REASON, False,
    )  # fmt: skip
    assert made["numbers"]["no_contact_expected_days"] == 4
    assert (versions(world), days_in_force(world)) == ([], 3)
    assert admin.get(PATH).json() == told
    assert audited(world) == [("thresholds_proposed", world.admin.user_id)]


def test_the_clinician_is_mailed_that_something_waits_and_not_what(admin, world):
    admin.put(PATH, looser(world.rui))

    deliver(writers=WRITERS, now=NOW)

    [mail] = outgoing.outbox
    assert mail.to == [world.rui.user.email]
    assert mail.subject == "Harbour Clinic: a change waits for your signature"
    said = mail.body.lower()
    assert "sign it or decline it" in said
    assert not [word for word in ("contact", "pain", "days", "ana", "helena") if word in said]


@pytest.mark.parametrize("how", ["confirmed", "declined", "superseded", "left", "login ended"])
def test_once_it_does_not_wait_for_her_no_mail_goes(admin, rui, world, how):
    made = admin.put(PATH, looser(world.rui)).json()["proposal"]["id"]
    if how == "confirmed":
        rui.post(f"{LIST}/{made}/confirm")
    if how == "declined":
        rui.post(f"{LIST}/{made}/decline", {"note": NOTE})
    if how == "superseded":
        admin.put(PATH, {"replaces": 0, "numbers": OWN | {"pain_after_critical": 6}})
    if how == "left":
        with clinic_context(world.clinic.pk):
            people.Membership.objects.filter(pk=world.rui.pk).update(deactivated_at=NOW)
    if how == "login ended":
        people.User.objects.filter(pk=world.rui.user_id).update(is_active=False)

    deliver(writers=WRITERS, now=NOW)

    assert outgoing.outbox == []
    with clinic_context(world.clinic.pk):
        message = Message.objects.get()
    reasons = {"left": "the clinician has left", "login ended": "the login has ended"}
    assert (message.state, message.last_error) == (
        "dropped", reasons.get(how, f"the change is {how}"),
    )  # fmt: skip


def test_the_same_again_is_as_once(admin, world):
    first = admin.put(PATH, looser(world.rui))
    again = admin.put(PATH, looser(world.rui))

    assert (again.status_code, again.json()) == (202, first.json())
    assert stored(world) == [("waiting", "")]
    assert len(audited(world)) == 1
    with clinic_context(world.clinic.pk):
        assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [{"no_contact_expected_days": 5}, {"reason": "Winter."}, {"texts": {"fall": "Ring."}}],
)
def test_another_proposal_takes_the_place_of_the_one_that_waits(admin, world, changes):
    admin.put(PATH, looser(world.rui))

    second = admin.put(PATH, looser(world.rui, **changes))

    assert second.status_code == 202
    assert stored(world) == [("superseded", ""), ("waiting", "")]
    assert [action for action, _who in audited(world)] == [
        "thresholds_proposed", "threshold_proposal_superseded", "thresholds_proposed",
    ]  # fmt: skip


def test_another_clinician_may_be_asked_instead(admin, rui, world):
    first = admin.put(PATH, looser(world.rui)).json()["proposal"]["id"]
    admin.put(PATH, looser(world.marta))

    late = rui.post(f"{LIST}/{first}/confirm")

    assert (late.status_code, late.json()["code"], late.json()["decided"]) == (
        409, "threshold_proposal_decided", "superseded",
    )  # fmt: skip
    assert (versions(world), days_in_force(world)) == ([], 3)


def test_tightening_meanwhile_is_in_force_at_once_and_ends_what_waits(admin, rui, world, waiting):
    made = admin.put(PATH, {"replaces": 0, "numbers": OWN | {"pain_after_critical": 6}})

    assert (made.status_code, made.json()["version"], made.json()["proposal"]) == (200, 1, None)
    assert stored(world) == [("superseded", "")]
    assert rui.post(f"{LIST}/{waiting}/confirm").status_code == 409
    assert days_in_force(world) == 3


def test_what_waits_was_made_from_what_stands(admin, world):
    thresholds(world.clinic, world.admin.user)

    stale = admin.put(PATH, looser(world.rui))
    asked = admin.put(PATH, looser(world.rui, replaces=1))

    assert (stale.status_code, asked.status_code) == (409, 202)
    assert asked.json()["proposal"]["replaces"] == 1


# ---- Signing -------------------------------------------------------------------------------------


def test_she_signs_under_her_own_login_and_it_is_in_force(admin, rui, world):
    made = admin.put(PATH, looser(world.rui, texts={"fall": "Ring the ward."})).json()["proposal"]

    signed = rui.post(f"{LIST}/{made['id']}/confirm")

    told = signed.json()
    assert (signed.status_code, told["status"], told["decided_by"], told["decided_at"]) == (
        200, "confirmed", "Rui Costa", "2026-11-23T18:02:00Z",
    )  # fmt: skip
    stands = admin.get(PATH).json()
    assert (stands["version"], stands["proposal"], stands["texts"]) == (
        1, None, {"fall": "Ring the ward."},
    )  # fmt: skip
    assert stands["sign_off"] == {
        "name": "Rui Costa", "signed_at": "2026-11-23T18:02:00Z", "reason": REASON,
        "loosened": ["no_contact_expected_days"],
    }  # fmt: skip
    assert days_in_force(world) == 4
    assert audited(world)[1:] == [
        ("threshold_proposal_confirmed", world.rui.user_id),
        ("thresholds_set", world.rui.user_id),
    ]
    with clinic_context(world.clinic.pk):
        version = AlertThresholds.objects.get()
    assert (version.set_by_id, version.signed_off_by_id) == (world.admin.user_id, world.rui.pk)


def test_signing_twice_is_as_once(rui, world, waiting):
    first = rui.post(f"{LIST}/{waiting}/confirm")
    again = rui.post(f"{LIST}/{waiting}/confirm")

    assert (again.status_code, again.json()) == (200, first.json())
    assert versions(world) == [1]
    assert len(audited(world)) == 2


def test_an_administrator_who_is_a_therapist_signs_at_once_as_herself(admin, world):
    own = people.membership(world.clinic, "therapist", user=world.admin.user)

    made = admin.put(PATH, looser(own))

    assert (made.status_code, made.json()["version"]) == (200, 1)
    assert made.json()["sign_off"]["name"] == "Helena Prata"
    assert (stored(world), days_in_force(world)) == ([], 4)
    assert audited(world) == [("thresholds_set", world.admin.user_id)]


def test_as_a_therapist_too_she_signs_for_nobody_else(admin, world):
    people.membership(world.clinic, "therapist", user=world.admin.user)

    asked = admin.put(PATH, looser(world.rui))
    refused = admin.post(f"{LIST}/{asked.json()['proposal']['id']}/confirm")

    assert (asked.status_code, refused.status_code) == (202, 403)
    assert (versions(world), stored(world)) == ([], [("waiting", "")])


# who, lists, confirms, declines
ACCESS = [
    ("rui", 200, 200, 200),
    ("marta", 200, 403, 403),
    ("admin", 200, 403, 200),
    ("ana", 403, 403, 403),
    ("carer", 403, 403, 403),
    ("far_therapist", 200, 404, 404),
]


@pytest.mark.parametrize(("who", "lists", "confirms", "declines"), ACCESS)
def test_who_may(caller, world, who, lists, confirms, declines):
    someone = caller.as_(getattr(world, who))
    paths = {"confirm": confirms, "decline": declines}

    assert someone.get(LIST).status_code == lists
    for verb, status in paths.items():
        made = proposal(world.rui, world.admin.user).pk
        body = {"note": NOTE} if verb == "decline" else None
        before = (stored(world), versions(world), len(audited(world)))
        assert someone.post(f"{LIST}/{made}/{verb}", body).status_code == status
        if status != 200:
            assert (stored(world), versions(world), len(audited(world))) == before
        with clinic_context(world.clinic.pk):
            ThresholdProposal.objects.all().delete()


def test_who_has_left_signs_nothing(caller, world, waiting):
    rui = caller.as_(world.rui)
    with clinic_context(world.clinic.pk):
        people.Membership.objects.filter(pk=world.rui.pk).update(deactivated_at=NOW)
    people.membership(world.clinic, "therapist", user=world.rui.user)

    assert rui.post(f"{LIST}/{waiting}/confirm").status_code == 403
    assert (versions(world), stored(world)) == ([], [("waiting", "")])


def test_an_unknown_one_is_not_found(rui, world):
    for verb, body in (("confirm", None), ("decline", {"note": NOTE})):
        assert rui.post(f"{LIST}/{uuid.uuid4()}/{verb}", body).status_code == 404


# ---- Declining -----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["rui", "admin"])
def test_it_is_declined_with_a_reason_by_her_or_taken_back(caller, world, waiting, who):
    someone = caller.as_(getattr(world, who))

    first = someone.post(f"{LIST}/{waiting}/decline", {"note": NOTE})
    again = someone.post(f"{LIST}/{waiting}/decline", {"note": NOTE})
    other = someone.post(f"{LIST}/{waiting}/decline", {"note": "Never mind."})

    assert (first.json()["status"], first.json()["decision_note"]) == ("declined", NOTE)
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (409, "threshold_proposal_decided")
    assert (stored(world), days_in_force(world)) == ([("declined", NOTE)], 3)
    assert audited(world) == [("threshold_proposal_declined", getattr(world, who).user_id)]


def test_what_was_declined_is_not_signed_and_what_was_signed_not_declined(rui, world, waiting):
    rui.post(f"{LIST}/{waiting}/decline", {"note": NOTE})
    assert rui.post(f"{LIST}/{waiting}/confirm").status_code == 409
    second = proposal(world.rui, world.admin.user).pk
    rui.post(f"{LIST}/{second}/confirm")
    assert rui.post(f"{LIST}/{second}/decline", {"note": NOTE}).status_code == 409

    assert [status for status, _note in stored(world)] == ["declined", "confirmed"]
    assert versions(world) == [1]


@pytest.mark.parametrize("note", ["", " ", "\u200b", "x" * 501, None])
def test_a_no_says_why(rui, world, waiting, note):
    refused = rui.post(f"{LIST}/{waiting}/decline", {"note": note})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "note")
    assert stored(world) == [("waiting", "")]
