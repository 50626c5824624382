from __future__ import annotations

import datetime as dt

import pytest

from clinics.models import User
from clinics.tokens import clinic_of_code, hash_token, place_code
from core.delivery import deliver
from core.models import AuditEvent, Message
from core.tenancy import clinic_context
from rehab_platform.mails import WRITERS
from tests.api.caller import Caller
from tests.api.clinics.inviting import (
    DAY,
    EVA,
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
from tests.factories.people import World
from tests.mail_server import mail_server, text_of
from tests.mailed import mailed_code

SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _clock(request: pytest.FixtureRequest) -> None:
    if "world" in request.fixturenames:
        request.getfixturevalue("stop_clock")(NOW.isoformat())


@pytest.fixture
def helena(caller: Caller, world: World) -> Caller:
    return caller.as_(world.admin)


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
