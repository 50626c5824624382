from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.tenancy import clinic_context
from patients.models import Patient, PauseRequest
from tests.api.caller import Caller
from tests.api.patients.stored import change_seq, events, pauses_of
from tests.factories import people
from tests.factories.people import World, pause_request

# Wednesday 25 November 2026, 10:00 in Lisbon.
NOW = "2026-11-25T10:00:00Z"
TODAY = dt.date(2026, 11, 25)
DAY = dt.timedelta(days=1)
AWAY = {"starts_on": "2026-12-24", "ends_on": "2026-12-26", "reason": "holiday", "note": "Family."}


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def requests(world: World) -> list[dict[str, Any]]:
    with clinic_context(world.clinic.pk):
        return list(PauseRequest.objects.order_by("pk").values())


def asked_of(world: World, request: PauseRequest, verb: str = "accept") -> str:
    return f"patients/{world.ana.pk}/pause-requests/{request.pk}/{verb}"


def away(**fields: Any) -> dict[str, Any]:
    return AWAY | {name: _sent(value) for name, value in fields.items()}


def _sent(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


# ---- asking -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "asked_as", "name"),
    [("ana", "patient", "Ana Silva"), ("carer", "carer", "João Silva")],
)
def test_a_patient_or_a_carer_asks_and_nothing_is_paused(caller, world, who, asked_as, name):
    response = caller.as_(getattr(world, who)).post("me/pause-requests", AWAY)

    assert response.status_code == 201
    shown = response.json()
    assert shown == AWAY | {
        "id": shown["id"],
        "status": "waiting",
        "asked_by": name,
        "asked_as": asked_as,
        "asked_at": NOW,
        "decided_by": None,
        "decided_at": None,
        "decision_note": "",
        "pause": None,
    }
    assert pauses_of(world.ana) == []
    assert change_seq(world.ana) == 1
    [event] = events(world, "pause_asked")
    assert (event.patient_id, event.target_id) == (world.ana.pk, uuid.UUID(shown["id"]))


def test_the_same_request_while_it_waits_is_the_same(caller: Caller, world: World) -> None:
    ana = caller.as_(world.ana)
    first = ana.post("me/pause-requests", AWAY)
    before = requests(world)

    again = ana.post("me/pause-requests", away(note="Other words."))
    other = ana.post("me/pause-requests", away(reason="illness"))

    assert (again.status_code, again.json()) == (200, first.json())
    assert requests(world)[:1] == before
    assert other.status_code == 201


def test_what_was_declined_may_be_asked_again(caller: Caller, world: World) -> None:
    ana, rui = caller.as_(world.ana), caller.as_(world.rui)
    first = ana.post("me/pause-requests", AWAY).json()["id"]
    path = f"patients/{world.ana.pk}/pause-requests/{first}/decline"
    assert rui.post(path, {"note": "Let us talk."}).status_code == 200

    again = ana.post("me/pause-requests", AWAY)

    assert again.status_code == 201
    assert again.json()["id"] != first


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"starts_on": TODAY - 31 * DAY}, "starts_on", "too_long_ago"),
        ({"starts_on": TODAY - 30 * DAY}, None, None),
        ({"starts_on": TODAY + 366 * DAY, "ends_on": None}, None, None),
        ({"starts_on": TODAY + 367 * DAY, "ends_on": None}, "starts_on", "too_far_ahead"),
        ({"starts_on": TODAY, "ends_on": TODAY - DAY}, "ends_on", "before_start"),
        ({"starts_on": TODAY, "ends_on": TODAY}, None, None),
        ({"starts_on": TODAY, "ends_on": TODAY + 366 * DAY}, None, None),
        ({"starts_on": TODAY, "ends_on": TODAY + 367 * DAY}, "ends_on", "too_long"),
        ({"starts_on": TODAY, "ends_on": None}, None, None),
        ({"reason": "safety_hold"}, "reason", None),
        ({"note": "x" * 501}, "note", "too_long"),
        ({"status": "accepted"}, "status", "unknown_field"),
    ],
)
def test_the_bounds_of_what_is_asked(caller, world, fields, field, code) -> None:
    response = caller.as_(world.ana).post("me/pause-requests", away(**fields))

    if field is None:
        assert response.status_code == 201
        return
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["field"] == field
    assert code is None or error["code"] == code
    assert requests(world) == []


def test_five_may_wait_and_a_sixth_not(caller: Caller, world: World) -> None:
    ana = caller.as_(world.ana)
    answers = [ana.post("me/pause-requests", away(starts_on=TODAY + day * DAY)) for day in range(6)]

    assert [one.status_code for one in answers] == [201] * 5 + [409]
    assert answers[-1].json()["code"] == "too_many_pause_requests"
    assert len(requests(world)) == 5


def test_after_discharge_nothing_is_asked(caller: Caller, world: World) -> None:
    waiting = pause_request(world.ana, starts_on=TODAY)
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(status="discharged", discharged_on=TODAY)
    before = requests(world)

    asked = caller.as_(world.ana).post("me/pause-requests", AWAY)
    accepted = caller.as_(world.rui).post(asked_of(world, waiting), {})

    assert [(one.status_code, one.json()["code"]) for one in (asked, accepted)] == [
        (409, "patient_discharged")
    ] * 2
    assert asked.json()["detail"] == "Care at this clinic has ended."
    assert requests(world) == before
    assert caller.as_(world.ana).get("me/pause-requests").status_code == 200


# ---- taking back --------------------------------------------------------------------------------


def test_a_request_is_taken_back_once(caller: Caller, world: World) -> None:
    request = pause_request(world.ana)
    path = f"me/pause-requests/{request.pk}/withdraw"

    first = caller.as_(world.ana).post(path)
    again = caller.as_(world.ana).post(path)

    assert (first.status_code, first.json()["status"]) == (200, "withdrawn")
    assert (first.json()["decided_by"], first.json()["decided_at"]) == ("Ana Silva", NOW)
    assert again.json() == first.json()
    assert len(events(world, "pause_request_withdrawn")) == 1


# ---- deciding -----------------------------------------------------------------------------------


def test_a_therapist_accepts_and_the_pause_is_made(caller: Caller, world: World) -> None:
    request = pause_request(world.ana, note="Family.")

    response = caller.as_(world.rui).post(asked_of(world, request), {"note": "Enjoy it."})

    [pause] = pauses_of(world.ana)
    shown = response.json()
    assert response.status_code == 200
    assert (shown["status"], shown["pause"]) == ("accepted", str(pause["id"]))
    assert (shown["decided_by"], shown["decision_note"]) == ("Rui Costa", "Enjoy it.")
    assert (pause["starts_on"], pause["ends_on"]) == (request.starts_on, request.ends_on)
    assert (pause["reason"], pause["note"]) == ("holiday", "Family.")
    assert pause["made_by_id"] == world.rui.user_id
    assert len(events(world, "pause_created")) == len(events(world, "pause_request_accepted")) == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"starts_on": "2026-12-25"}, ("2026-12-25", "2026-12-26")),
        ({"ends_on": "2026-12-24"}, ("2026-12-24", "2026-12-24")),
        ({"ends_on": None}, ("2026-12-24", None)),
    ],
)
def test_with_other_dates_if_they_are_said(caller, world, body, expected) -> None:
    request = pause_request(world.ana)

    caller.as_(world.rui).post(asked_of(world, request), body)

    [pause] = pauses_of(world.ana)
    assert (_sent(pause["starts_on"]), _sent(pause["ends_on"])) == expected
    assert requests(world)[0]["starts_on"] == request.starts_on


def test_dates_that_are_over_ask_first(caller: Caller, world: World) -> None:
    request = pause_request(world.ana, starts_on=TODAY - 3 * DAY, ends_on=TODAY)
    before = requests(world)

    asked = caller.as_(world.rui).post(asked_of(world, request), {})
    untouched = (requests(world), pauses_of(world.ana))
    done = caller.as_(world.rui).post(asked_of(world, request), {"confirm": ["past_dates"]})

    assert (asked.status_code, asked.json()["code"]) == (409, "changes_past_dates")
    assert untouched == (before, [])
    assert done.json()["status"] == "accepted"


def test_a_decline_says_why(caller: Caller, world: World) -> None:
    request = pause_request(world.ana)
    rui = caller.as_(world.rui)

    silent = rui.post(asked_of(world, request, "decline"), {"note": " \u200b"})
    declined = rui.post(asked_of(world, request, "decline"), {"note": "Let us talk first."})
    again = rui.post(asked_of(world, request, "decline"), {"note": "Let us talk first."})

    assert (silent.status_code, silent.json()["errors"][0]["field"]) == (400, "note")
    assert (declined.json()["status"], declined.json()["decision_note"]) == (
        "declined", "Let us talk first.",
    )  # fmt: skip
    assert again.json() == declined.json()
    assert pauses_of(world.ana) == []
    assert caller.as_(world.ana).get("me/pause-requests").json()["results"] == [declined.json()]


VERBS = {"accept": {}, "decline": {"note": "No."}, "withdraw": None}
MADE = {"accept": "accepted", "decline": "declined", "withdraw": "withdrawn"}


def decide(caller: Caller, world: World, request: PauseRequest, verb: str) -> Any:
    if verb == "withdraw":
        return caller.as_(world.ana).post(f"me/pause-requests/{request.pk}/withdraw")
    return caller.as_(world.rui).post(asked_of(world, request, verb), VERBS[verb])


@pytest.mark.parametrize("second", VERBS)
@pytest.mark.parametrize("first", VERBS)
def test_the_first_decision_stands(caller, world, first, second) -> None:
    request = pause_request(world.ana)
    decide(caller, world, request, first)
    before = (requests(world), pauses_of(world.ana))

    response = decide(caller, world, request, second)

    if first == second:
        assert (response.status_code, response.json()["status"]) == (200, MADE[first])
    else:
        assert (response.status_code, response.json()["code"]) == (409, "pause_request_decided")
        assert response.json()["decided"] == MADE[first]
    assert (requests(world), pauses_of(world.ana)) == before


def test_a_decline_in_other_words_is_refused(caller: Caller, world: World) -> None:
    request = pause_request(world.ana)
    decide(caller, world, request, "decline")

    again = caller.as_(world.rui).post(asked_of(world, request, "decline"), {"note": "Other."})

    assert (again.status_code, again.json()["code"]) == (409, "pause_request_decided")


# ---- lists and access ---------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ana", "carer", "rui"])
def test_all_concerned_see_the_same_list_latest_first(caller, world, who) -> None:
    pause_request(world.ana, starts_on=TODAY)
    late = pause_request(world.ana, asked_at=dt.datetime.fromisoformat(NOW))
    path = f"patients/{world.ana.pk}/pause-requests" if who == "rui" else "me/pause-requests"
    me = caller.as_(getattr(world, who))

    first = me.get(path, {"limit": 1}).json()
    rest = me.get(path, {"limit": 1, "cursor": first["next"]}).json()

    assert first["results"][0]["id"] == str(late.pk)
    assert [one["starts_on"] for one in rest["results"]] == [TODAY.isoformat()]
    assert me.get(path, {"status": "declined"}).json()["results"] == []
    assert len(me.get(path, {"status": "waiting"}).json()["results"]) == 2


@pytest.mark.parametrize(
    ("who", "listed", "decided"),
    [
        ("rui", 200, 200),
        ("marta", 404, 404),
        ("admin", 403, 403),
        ("ana", 403, 403),
        ("far_therapist", 404, 404),
    ],
)
@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_who_may_decide(caller, world, verb, who, listed, decided) -> None:
    request = pause_request(world.ana)
    before = requests(world)
    me = caller.as_(getattr(world, who))

    assert me.get(f"patients/{world.ana.pk}/pause-requests").status_code == listed
    assert me.post(asked_of(world, request, verb), VERBS[verb]).status_code == decided
    if decided != 200:
        assert requests(world) == before


def test_a_request_of_another_patient_is_unknown(caller: Caller, world: World) -> None:
    other = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui])
    request = pause_request(other)

    answers = [
        caller.as_(world.rui).post(asked_of(world, request), {}),
        caller.as_(world.ana).post(f"me/pause-requests/{request.pk}/withdraw"),
    ]

    assert [one.status_code for one in answers] == [404, 404]
    assert requests(world)[0]["status"] == "waiting"


# ---- the database's walls -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"ends_on": dt.date(2026, 12, 23)}, "asked_pause_does_not_end_before_it_starts"),
        ({"reason": "safety_hold"}, "asked_pause_reason_is_known"),
        ({"asked_as": "therapist"}, "pause_request_asked_as_is_known"),
        ({"status": "lost"}, "pause_request_(status_is_known|is_decided_as_a_whole)"),
        ({"status": "declined"}, "pause_request_is_decided_as_a_whole"),
        ({"status": "accepted"}, "pause_request_is_decided_as_a_whole"),
        ({"decision_note": "no"}, "pause_request_is_decided_as_a_whole"),
        ({"decided_at": people.LONG_AGO}, "pause_request_is_decided_as_a_whole"),
        ({}, "one_waiting_request_for_the_same_pause"),
    ],
)
def test_the_database_refuses_too(world: World, fields, constraint) -> None:
    if not fields:
        pause_request(world.ana)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        pause_request(world.ana, **fields)


def test_two_open_ended_requests_are_the_same_too(world: World) -> None:
    pause_request(world.ana, ends_on=None)

    with pytest.raises(IntegrityError, match="one_waiting"), transaction.atomic():
        pause_request(world.ana, ends_on=None)
