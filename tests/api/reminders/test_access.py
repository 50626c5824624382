"""Who reaches what about reminders: a table of everybody and every address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from core.tenancy import clinic_context
from patients.models import Carer, CareTeamMembership
from tests.api.caller import Caller
from tests.api.patients.stored import change_seq
from tests.api.reminders.choosing import again, choice, stored
from tests.factories import people, reminders
from tests.factories.people import World

NOW = "2026-11-26T10:00:00Z"
EVERYBODY = ("nobody", "ana", "carer", "rui", "marta", "admin", "far_patient", "far_therapist")
OWN = {"ana": 200, "carer": 200, "far_patient": 404}
# Staff have no record of their own, and nobody chooses Ana's who is not Ana or her carer.
MINE = {"nobody": 401, "rui": 404, "marta": 404, "admin": 404, "far_therapist": 404} | OWN
THEIRS = {
    "nobody": 401, "ana": 403, "carer": 403, "rui": 200, "marta": 404, "admin": 403,
    "far_patient": 403, "far_therapist": 404,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def asking(caller: Caller, world: World, who: str) -> Caller:
    return caller if who == "nobody" else caller.as_(getattr(world, who))


def test_the_table_of_who_reads(caller: Caller, world: World) -> None:
    reminders.preferences(world.ana, "09:00")
    team = f"patients/{world.ana.pk}/reminders"

    for who in EVERYBODY:
        one = asking(caller, world, who)
        for path in ("me/reminders", "me/contacts"):
            where = {} if who == "nobody" else {"record": world.ana}
            assert one.get(path, **where).status_code == MINE[who], (who, path)
        assert one.get(team).status_code == THEIRS[who], who


def test_the_table_of_who_writes(caller: Caller, world: World) -> None:
    assert world.ana.user is not None
    reminders.preferences(world.ana, "09:00", follows_phone=True)
    shown = caller.as_(world.ana).get("me/reminders").json()
    before = (stored(world.ana), change_seq(world.ana))
    contact = reminders.contact(world.clinic, world.ana.user)
    mail = {"channel": "email", "address": "another@example.org"}

    for who in set(EVERYBODY) - {"ana", "carer"}:
        one = asking(caller, world, who)
        where = {} if who == "nobody" else {"record": world.ana}
        answers = [
            one.put("me/reminders", again(shown, is_paused=True), **where),
            one.put("me/time-zone", {"time_zone": "Europe/Oslo"}, **where),
            one.post("me/contacts", mail, **where),
            one.post(f"me/contacts/{contact.pk}/confirm", {"code": "123456"}, **where),
            one.delete(f"me/contacts/{contact.pk}", **where),
        ]
        assert {each.status_code for each in answers} == {MINE[who]}, who

    assert (stored(world.ana), change_seq(world.ana)) == before


def test_a_carer_whose_consent_ended_reaches_nothing_at_the_next_request(
    caller: Caller, world: World
) -> None:
    joao = caller.as_(world.carer)
    shown = joao.get("me/reminders")
    assert shown.status_code == 200
    with clinic_context(world.clinic.pk):
        Carer.objects.update(revoked_at=dt.datetime.fromisoformat(NOW))

    assert joao.get("me/reminders").status_code == 404
    assert joao.put("me/reminders", again(shown.json(), is_paused=True)).status_code == 404
    assert joao.get("me/contacts").status_code == 404
    assert stored(world.ana) == (None, [])


def test_a_therapist_who_left_the_care_team_sees_nothing_at_the_next_request(
    caller: Caller, world: World
) -> None:
    rui, path = caller.as_(world.rui), f"patients/{world.ana.pk}/reminders"
    assert rui.get(path).status_code == 200
    with clinic_context(world.clinic.pk):
        CareTeamMembership.objects.all().delete()

    assert rui.get(path).status_code == 404


def test_somebody_with_two_records_chooses_for_each(caller: Caller, world: World) -> None:
    """Ana is treated in Fjord Clinic too: other times there, another zone, other contacts."""
    assert world.ana.user is not None
    far = people.patient(world.far_clinic, "Ana Silva", login=world.ana.user)
    reminders.contact(world.clinic, world.ana.user)
    ana = caller.as_(world.ana)
    body: dict[str, Any] = choice("09:00")

    assert ana.put("me/reminders", body).json()["code"] == "record_required"
    here = ana.put("me/reminders", body, record=world.ana)
    there = ana.put("me/reminders", choice("12:00"), record=far)

    assert (here.json()["time_zone"], there.json()["time_zone"]) == ("Europe/Lisbon", "Europe/Oslo")
    assert [one["at"].hour for one in stored(world.ana)[1]] == [9]
    assert [one["at"].hour for one in stored(far)[1]] == [12]
    assert len(ana.get("me/contacts", record=world.ana).json()["results"]) == 1
    assert ana.get("me/contacts", record=far).json() == {"results": []}
