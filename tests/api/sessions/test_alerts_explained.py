"""What an alert is about, who answered it, and where its session and safety check are read."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Line
from sessions.models import ExerciseSession, SafetyCheck, SessionVersion
from tests.api.caller import Caller
from tests.factories import people, prescribed

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
MORNING = "2026-11-23T09:30:00+00:00"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture
def walk(world: people.World) -> Line:
    return prescribed.line(world.ana, "walking_stick", measure="duration", duration_seconds=600)


@pytest.fixture
def rui(caller: Caller, world: people.World) -> Caller:
    return caller.as_(world.rui)


@pytest.fixture
def ana(caller: Caller, world: people.World) -> Caller:
    return caller.as_(world.ana)


def done(line: Line, **more: Any) -> dict[str, Any]:
    return {"line": str(line.pk), "side": "both", "sets": [{"repetitions": 10}] * 3} | more


def say(ana: Caller, *results: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"id": str(uuid.uuid4()), "performed_at": MORNING, "results": list(results), **more}
    assert ana.post("me/sessions", body).status_code == 201
    return body


def one_alert(rui: Caller, rule: str) -> dict[str, Any]:
    [found] = [one for one in rui.get("alerts").json()["results"] if one["rule"] == rule]
    return found


def safety_question(line: Line) -> tuple[str, str]:
    checks = line.exercise.current.content["checks"]
    return next((one["id"], one["ask"]) for one in checks if one.get("safety"))


# ---- What it is about ----------------------------------------------------------------------------


def test_pain_of_an_exercise_names_the_exercise(ana, rui, world, line):
    bridge = prescribed.line(world.ana, "bridging")
    say(ana, done(line, pain=2), done(bridge, pain=7))

    alert = one_alert(rui, "exercise_pain")

    assert (alert["line"], alert["exercise"], alert["question"]) == (
        str(bridge.pk), "Bridge", None,
    )  # fmt: skip
    [occurred] = alert["occurrences"]
    assert occurred["because"] == {"amount": 7, "line": str(bridge.pk)}
    assert (occurred["exercise"], occurred["question"]) == ("Bridge", None)


def test_a_safety_check_names_its_question_and_exercise(ana, rui, walk):
    check, asked = safety_question(walk)
    say(ana, done(walk, sets=[{"duration_seconds": 600}], checks={check: "no"}))

    alert = one_alert(rui, "safety_check")

    assert (alert["line"], alert["question"]) == (str(walk.pk), asked)
    assert alert["exercise"] == walk.exercise.current.name
    [occurred] = alert["occurrences"]
    assert occurred["because"] == {"line": str(walk.pk), "check": check}
    assert (occurred["exercise"], occurred["question"]) == (alert["exercise"], asked)


def test_each_occurrence_names_its_own_and_the_alert_the_newest(ana, rui, world, line):
    bridge = prescribed.line(world.ana, "bridging")
    say(ana, done(line, pain=7))
    say(ana, done(bridge, pain=6))

    alert = one_alert(rui, "exercise_pain")

    assert [one["exercise"] for one in alert["occurrences"]] == ["Bridge", "Heel raises"]
    assert (alert["severity"], alert["exercise"]) == ("critical", "Bridge")


def test_of_the_whole_session_nothing_is_named(ana, rui, line):
    say(ana, done(line), pain_after=8)

    alert = one_alert(rui, "pain_after")

    assert (alert["line"], alert["exercise"], alert["question"]) == (None, None, None)
    assert alert["occurrences"][0]["exercise"] is None


# ---- Who answered --------------------------------------------------------------------------------


def test_who_acknowledged_and_resolved_it_is_named(ana, caller, rui, world, line):
    say(ana, done(line), pain_after=8)
    alert = one_alert(rui, "pain_after")
    assert (alert["acknowledged_by"], alert["resolved_by"]) == (None, None)
    with clinic_context(world.clinic.pk):
        people.CareTeamMembership.objects.create(
            clinic=world.clinic, patient=world.ana, membership=world.marta
        )

    seen = rui.post(f"alerts/{alert['id']}/acknowledge", {"note": "I am calling her."}).json()
    closed = caller.as_(world.marta).post(f"alerts/{alert['id']}/resolve", {"note": "Well."}).json()

    assert (seen["acknowledged_by"], seen["acknowledged_at"], seen["resolved_by"]) == (
        "Rui Costa", "2026-11-23T18:02:00Z", None,
    )  # fmt: skip
    assert (closed["acknowledged_by"], closed["resolved_by"], closed["resolved_at"]) == (
        "Rui Costa", "Marta Dias", "2026-11-23T18:02:00Z",
    )  # fmt: skip
    assert one_alert(rui, "pain_after") == closed


# ---- Its session ---------------------------------------------------------------------------------


def reads(world: people.World, action: str) -> list[tuple[uuid.UUID, uuid.UUID]]:
    with clinic_context(world.clinic.pk):
        events = AuditEvent.objects.filter(action=action)
        return list(events.values_list("actor_id", "patient_id"))


def test_an_alert_s_session_is_read_with_every_version(ana, rui, world, line):
    body = say(ana, done(line), pain_after=8, note="My knee.")
    put = ana.put(f"me/sessions/{body['id']}", body | {"corrects": 1, "pain_after": 7})
    assert put.status_code == 200
    key = one_alert(rui, "pain_after")["occurrences"][0]["session"]

    told = rui.get(f"sessions/{key}").json()

    assert (told["id"], told["patient"], told["version"], told["pain_after"]) == (
        key, str(world.ana.pk), 2, 7,
    )  # fmt: skip
    assert (told["logged_by"], told["logged_as"], told["note"]) == (
        "Ana Silva", "patient", "My knee.",
    )  # fmt: skip
    assert [one["exercise"] for one in told["results"]] == ["Heel raises"]
    assert [(one["number"], one["content"]["pain_after"]) for one in told["versions"]] == [
        (2, 7), (1, 8),
    ]  # fmt: skip
    assert {one["made_by"] for one in told["versions"]} == {"Ana Silva"}
    assert told["versions"][1]["content"]["results"][0]["line"] == str(line.pk)
    assert reads(world, "read_session") == [(world.rui.user_id, world.ana.pk)]


def test_who_withdrew_it_and_why_is_said(ana, rui, world, line):
    body = say(ana, done(line), pain_after=8)
    ana.post(f"me/sessions/{body['id']}/withdraw", {"reason": "Logged twice."})
    key = one_alert(rui, "pain_after")["occurrences"][0]["session"]

    told = rui.get(f"sessions/{key}").json()

    assert (told["status"], told["withdrawn_by"], told["withdrawn_reason"]) == (
        "withdrawn", "Ana Silva", "Logged twice.",
    )  # fmt: skip
    assert told["decided_by"] is None


def test_a_hundred_versions_are_shown_in_as_many_statements_as_one(ana, rui, world, line):
    body = say(ana, done(line), pain_after=8)
    with clinic_context(world.clinic.pk):
        key = ExerciseSession.objects.get(phone_id=body["id"]).pk
        first = SessionVersion.objects.get()

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert rui.get(f"sessions/{key}").status_code == 200
        return len(captured)

    statements()
    one = statements()
    with clinic_context(world.clinic.pk):
        SessionVersion.objects.bulk_create(
            SessionVersion(
                clinic_id=first.clinic_id, patient_id=first.patient_id, session_id=key,
                number=number, content=first.content, content_hash=first.content_hash,
                answer=first.answer, made_by_id=first.made_by_id, made_as="patient", made_at=NOW,
            )
            for number in range(2, 103)
        )  # fmt: skip

    shown = rui.get(f"sessions/{key}").json()["versions"]
    assert [shown[0]["number"], shown[-1]["number"], len(shown)] == [102, 3, 100]
    assert statements() == one


# ---- Its safety check ----------------------------------------------------------------------------


def check(ana: Caller) -> None:
    body = {
        "id": str(uuid.uuid4()), "checked_at": MORNING,
        "answers": {"well": "no"}, "symptoms": ["dizziness"],
    }  # fmt: skip
    assert ana.post("me/safety-checks", body).status_code == 201


def test_an_alert_s_safety_check_is_read(ana, rui, world, line):
    check(ana)
    key = one_alert(rui, "dizziness")["occurrences"][0]["safety_check"]

    told = rui.get(f"safety-checks/{key}")

    assert told.status_code == 200
    assert told.json() == {
        "id": key, "patient": str(world.ana.pk), "checked_at": "2026-11-23T09:30:00Z",
        "checked_on": "2026-11-23", "received_at": "2026-11-23T18:02:00Z",
        "answers": {"well": "no"}, "symptoms": ["dizziness"], "has_red_flag": True,
        "logged_by": "Ana Silva", "logged_as": "patient",
    }  # fmt: skip
    assert reads(world, "read_safety_check") == [(world.rui.user_id, world.ana.pk)]


# who, what they are answered
ACCESS = [
    ("rui", 200), ("marta", 404), ("admin", 403), ("ana", 403), ("carer", 403),
    ("far_therapist", 404),
]  # fmt: skip


@pytest.mark.parametrize(("who", "status"), ACCESS)
def test_who_reads_them(caller, ana, world, line, who, status):
    say(ana, done(line), pain_after=8)
    check(ana)
    with clinic_context(world.clinic.pk):
        session, safety = ExerciseSession.objects.get().pk, SafetyCheck.objects.get().pk
    someone = caller.as_(getattr(world, who))

    assert someone.get(f"sessions/{session}").status_code == status
    assert someone.get(f"safety-checks/{safety}").status_code == status
    read = reads(world, "read_session") + reads(world, "read_safety_check")
    assert len(read) == (2 if status == 200 else 0)


def test_an_unknown_one_is_not_found(rui):
    for path in ("sessions", "safety-checks"):
        assert rui.get(f"{path}/{uuid.uuid4()}").status_code == 404
