from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest

from core.tenancy import clinic_context
from sessions.models import Alert, ExerciseSession
from tests.api.caller import Caller
from tests.api.patients.stored import events, record_of
from tests.factories import people, prescribed
from tests.factories.people import World

# Wednesday 25 November 2026, 10:00 in Lisbon.
NOW = "2026-11-25T10:00:00Z"
COMPLETED = {"reason": "completed", "note": "Walks alone."}


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def discharges(world: World) -> str:
    return f"patients/{world.ana.pk}/discharges"


def readmit(world: World) -> str:
    return f"patients/{world.ana.pk}/readmit"


def a_session(line, performed_at: str, **more) -> dict:
    made = {"id": str(uuid.uuid4()), "performed_at": performed_at}
    sets = [{"repetitions": 10}]
    return made | {"results": [{"line": str(line.pk), "side": "both", "sets": sets}]} | more


def test_a_therapist_ends_a_patients_care(caller: Caller, world: World) -> None:
    response = caller.as_(world.rui).post(discharges(world), COMPLETED)

    assert response.status_code == 201
    shown = response.json()
    assert shown == {
        "discharge": {
            "id": shown["discharge"]["id"],
            "discharged_on": "2026-11-25",
            "reason": "completed",
            "note": "Walks alone.",
            "made_by": "Rui Costa",
            "made_at": NOW,
            "readmitted_on": None,
            "readmitted_by": None,
            "readmitted_at": None,
            "readmission_note": "",
        },
        "open_alerts": 0,
        "held_sessions": 0,
    }
    record = caller.as_(world.rui).get(f"patients/{world.ana.pk}").json()
    assert (record["status"], record["discharged_on"]) == ("discharged", "2026-11-25")
    assert [one.target_id for one in events(world, "patient_discharged")] == [
        uuid.UUID(shown["discharge"]["id"])
    ]


def test_twice_is_answered_as_once(caller: Caller, world: World) -> None:
    me = caller.as_(world.rui)

    first = me.post(discharges(world), COMPLETED)
    again = me.post(discharges(world), COMPLETED)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(me.get(discharges(world)).json()["results"]) == 1


def test_a_date_that_is_over_needs_a_second_word(caller: Caller, world: World) -> None:
    me = caller.as_(world.rui)
    body = COMPLETED | {"on": "2026-11-20"}

    asked = me.post(discharges(world), body)
    untouched = record_of(world.ana)["status"]
    done = me.post(discharges(world), body | {"confirm": asked.json()["confirm"]})

    assert (asked.status_code, asked.json()["code"]) == (409, "discharged_in_past")
    assert asked.json()["confirm"] == ["discharged_in_past"]
    assert untouched == "active"
    assert done.json()["discharge"]["discharged_on"] == "2026-11-20"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"on": "2026-11-26"}, "on", "in_future"),
        ({"on": "2025-11-23"}, "on", "too_long_ago"),
        ({"on": "tomorrow"}, "on", "not_a_date"),
        ({"reason": "bored"}, "reason", None),
        ({"reason": None}, "reason", None),
        ({"note": "x" * 501}, "note", "too_long"),
        ({"confirm": ["everything"]}, "confirm.0", None),
        ({"force": True}, "force", "unknown_field"),
    ],
)
def test_what_cannot_be_is_refused_by_name(caller, world, change, field, code) -> None:
    before = record_of(world.ana)

    response = caller.as_(world.rui).post(discharges(world), COMPLETED | change)

    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["field"] == field
    assert code is None or error["code"] == code
    assert record_of(world.ana) == before


def test_another_date_names_the_one_that_stands(caller: Caller, world: World) -> None:
    me = caller.as_(world.rui)
    me.post(discharges(world), COMPLETED)

    response = me.post(discharges(world), COMPLETED | {"on": "2026-11-24"})

    assert (response.status_code, response.json()["code"]) == (409, "already_discharged")
    assert response.json()["discharged_on"] == "2026-11-25"


def test_what_stays_open_is_said(caller: Caller, world: World) -> None:
    line = prescribed.line(world.ana)
    ana = caller.as_(world.ana)
    ana.post("me/sessions", a_session(line, "2026-09-01T09:00:00Z", symptoms=["chest_pain"]))

    shown = caller.as_(world.rui).post(discharges(world), COMPLETED).json()

    assert (shown["open_alerts"], shown["held_sessions"]) == (1, 1)
    with clinic_context(world.clinic.pk):
        assert Alert.objects.get().status == "open"


def test_the_login_reads_on_and_writes_no_more(caller: Caller, world: World) -> None:
    line = prescribed.line(world.ana)
    caller.as_(world.rui).post(discharges(world), COMPLETED | {
        "on": "2026-11-24", "confirm": ["discharged_in_past"],
    })  # fmt: skip
    ana = caller.as_(world.ana)

    reads = {path: ana.get(path).status_code for path in ("me/plan", "me/sessions", "me/progress")}
    late = ana.post("me/sessions", a_session(line, "2026-11-24T23:59:00Z"))
    after = ana.post("me/sessions", a_session(line, "2026-11-25T00:00:00Z"))
    unwell = ana.post("me/safety-checks", {
        "id": str(uuid.uuid4()), "checked_at": NOW, "symptoms": ["dizziness"],
        "answers": {"well": "no"},
    })  # fmt: skip

    assert set(reads.values()) == {200}
    assert late.status_code == 201
    assert (after.status_code, after.json()["code"]) == (409, "patient_discharged")
    assert unwell.status_code == 201
    assert ana.get("me/plan").json()["lines"] == []


def test_a_batch_keeps_what_was_done_up_to_the_date(caller: Caller, world: World) -> None:
    line = prescribed.line(world.ana)
    caller.as_(world.rui).post(discharges(world), COMPLETED | {
        "on": "2026-11-24", "confirm": ["discharged_in_past"],
    })  # fmt: skip
    days = ("2026-11-24T09:00:00Z", "2026-11-25T09:00:00Z")
    batch = {"sent_at": NOW, "sessions": [a_session(line, day) for day in days]}

    answers = caller.as_(world.ana).post("me/sessions/batch", batch).json()["sessions"]

    assert [one["status"] for one in answers] == ["created", "conflict"]
    assert "patient_discharged" in str(answers[1])
    with clinic_context(world.clinic.pk):
        assert ExerciseSession.objects.get().performed_on == dt.date(2026, 11, 24)


def test_a_therapist_readmits_and_hears_that_nothing_came_back(caller, world) -> None:
    me = caller.as_(world.rui)
    me.post(discharges(world), COMPLETED)

    response = me.post(readmit(world), {"note": "Second stroke."})
    again = me.post(readmit(world), {"note": "Another word."})

    assert response.status_code == 200
    shown = response.json()
    assert (shown["patient"], shown["status"]) == (str(world.ana.pk), "active")
    assert shown["discharge"]["readmitted_on"] == "2026-11-25"
    assert shown["discharge"]["readmitted_by"] == "Rui Costa"
    assert shown["discharge"]["readmission_note"] == "Second stroke."
    assert shown["detail"].startswith("Nothing was restored")
    assert again.json() == shown


def test_the_history_of_both_is_listed_latest_first(caller: Caller, world: World) -> None:
    people.discharge(world.ana, by=world.marta.user)
    me = caller.as_(world.rui)
    me.post(discharges(world), COMPLETED)

    first = me.get(discharges(world), {"limit": 1}).json()
    rest = me.get(discharges(world), {"limit": 1, "cursor": first["next"]}).json()

    assert [one["discharged_on"] for one in first["results"] + rest["results"]] == [
        "2026-11-25", "2026-03-01",
    ]  # fmt: skip
    assert rest["results"][0]["made_by"] == "Marta Dias"
    assert rest["next"] is None
    assert events(world, "read_discharges")[0].patient_id == world.ana.pk


@pytest.mark.parametrize(
    ("who", "status"),
    [("rui", 200), ("marta", 404), ("admin", 403), ("ana", 403), ("far_therapist", 404)],
)
def test_who_may(caller: Caller, world: World, who: str, status: int) -> None:
    me = caller.as_(getattr(world, who))
    before = record_of(world.ana)

    answers = [
        me.get(discharges(world)),
        me.post(discharges(world), COMPLETED),
        me.post(readmit(world), {}),
    ]

    wanted = [status, 201 if status == 200 else status, status]
    assert [one.status_code for one in answers] == wanted
    if status != 200:
        assert record_of(world.ana) == before
