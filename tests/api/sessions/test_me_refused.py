"""What a phone sends wrongly is named, and nothing of it is stored."""

from __future__ import annotations

import json
import uuid

import pytest

from patients.models import Line
from sessions.models import Alert, ExerciseResult, ExerciseSession, SafetyCheck
from tests.api.caller import Caller
from tests.api.sessions.asking_as_ana import NOW, a_session, in_clinic
from tests.factories import people, prescribed


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture
def ana(caller: Caller, world: people.World, line: Line) -> Caller:
    return caller.as_(world.ana)


MALFORMED = {
    "not an object": b"[]",
    "empty": b"",
    "cut off": b'{"id": ',
    "duplicate key": b'{"id": "a", "id": "b"}',
    "nan": b'{"effort": NaN}',
    "infinite": b'{"effort": 1e400}',
    "nul": b'{"note": "a\\u0000"}',
    "surrogate": b'{"note": "\\ud800"}',
    "too deep": b'{"a":' * 20 + b"1" + b"}" * 20,
    "far too deep": b"[" * 100_000,
    "not utf-8": b'{"note": "\xff"}',
    "huge integer": b'{"effort": ' + b"9" * 5_000 + b"}",
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "me/sessions"),
        ("post", "me/sessions/batch"),
        ("post", "me/safety-checks"),
        ("put", "me/sessions/0d5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a10"),
        ("post", "me/sessions/0d5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a10/withdraw"),
    ],
)
def test_malformed_json_is_a_clear_400_and_stores_nothing(ana, world, method, path, raw):
    answer = getattr(ana, method)(path, raw)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"]
    with in_clinic(world):
        assert not ExerciseSession.objects.exists()


WRONG = [
    ({"effort": "4"}, "effort"),
    ({"effort": 5.0}, "effort"),
    ({"effort": -1}, "effort"),
    ({"effort": 11}, "effort"),
    ({"effort": True}, "effort"),
    ({"pain_before": 10.5}, "pain_before"),
    ({"duration_seconds": 21_601}, "duration_seconds"),
    ({"note": "x" * 2001}, "note"),
    ({"note": None}, "note"),
    ({"id": "1"}, "id"),
    ({"clinic_id": "0d5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a10"}, "clinic_id"),
    ({"status": "counted"}, "status"),
    ({"performed_at": "2026-11-23T09:30:00"}, "performed_at"),
    ({"performed_at": "9999-11-23T09:30:00Z"}, "performed_at"),
    ({"performed_at": 1_700_000_000}, "performed_at"),
    ({"sent_at": "yesterday"}, "sent_at"),
    ({"symptoms": ["headache"]}, "symptoms.0"),
    ({"help": "lots"}, "help"),
    ({"results": {}}, "results"),
    ({"results": [{}] * 61}, "results"),
]


@pytest.mark.parametrize(("change", "field"), WRONG, ids=[str(each[0])[:40] for each in WRONG])
def test_what_is_wrong_with_a_session_is_named(ana, line, world, change, field):
    answer = ana.post("me/sessions", a_session(line) | change)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    with in_clinic(world):
        assert not ExerciseSession.objects.exists()


WRONG_RESULT = [
    ({"sets": [{"repetitions": -1}]}, "sets.0.repetitions"),
    ({"sets": [{"repetitions": 1001}]}, "sets.0.repetitions"),
    ({"sets": [{"repetitions": "1_000"}]}, "sets.0.repetitions"),
    ({"sets": [{"repetitions": 10, "reps": 10}]}, "sets.0.reps"),
    ({"sets": [{"repetitions": 10, "load_kg": 0.3}]}, "sets.0.load_kg"),
    ({"sets": [{}]}, "sets.0.repetitions"),
    ({"sets": [{"repetitions": 1}] * 51}, "sets"),
    ({"side": "each"}, "side"),
    ({"line": "0d5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a10"}, "line"),
    ({"checks": {"heel-down": "maybe"}}, "checks"),
    ({"pain": 11}, "pain"),
    ({"skipped": "pain"}, ""),
]


@pytest.mark.parametrize(
    ("change", "field"), WRONG_RESULT, ids=[str(each[0])[:40] for each in WRONG_RESULT]
)
def test_what_is_wrong_with_a_result_is_named(ana, line, world, change, field):
    body = a_session(line)
    body["results"][0] |= change

    answer = ana.post("me/sessions", body)

    assert answer.status_code == 400
    named = answer.json()["errors"][0]["field"]
    assert named.startswith("results.0") or named == "results"
    assert field.split(".")[-1] in named
    with in_clinic(world):
        assert not ExerciseResult.objects.exists()


def test_a_body_over_256_kib_is_refused_and_a_batch_may_be_larger(ana, line, world):
    big = json.dumps(a_session(line) | {"note": "x" * 2000}).encode()
    padded = big[:-1] + b" " * (256 * 1024) + b"}"

    alone = ana.post("me/sessions", padded)
    batch = ana.post("me/sessions/batch", b'{"sessions": [' + padded + b"]}")
    far_too_big = ana.post("me/sessions/batch", b'{"sessions": []' + b" " * 2**21 + b"}")

    assert (alone.status_code, alone.json()["code"]) == (413, "body_too_large")
    assert (batch.status_code, far_too_big.status_code) == (200, 413)


def test_of_two_contents_under_one_id_the_first_in_the_batch_is_kept(ana, line):
    first = a_session(line, performed_at="2026-11-22T09:00:00+00:00")
    second = first | {"performed_at": "2026-11-20T09:00:00+00:00"}

    said = ana.post("me/sessions/batch", {"sessions": [first, second]}).json()

    assert [each["status"] for each in said["sessions"]] == ["created", "conflict"]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"answers": {}}, "answers", "missing"),
        ({"symptoms": ["other", "other"]}, "symptoms", "duplicate"),
        ({"answers": {"well": "maybe"}}, "answers", None),
        ({"checked_at": "2026-11-23T09:00:00"}, "checked_at", "offset_missing"),
        ({"answers": {"zzz": "yes"}}, "answers.zzz", "unknown_question"),
        ({"answers": {"well": "yes", "zzz": "no"}}, "answers.zzz", "unknown_question"),
    ],
)
def test_what_is_wrong_with_a_safety_check_is_named(ana, world, change, field, code):
    body = {
        "id": str(uuid.uuid4()),
        "checked_at": "2026-11-23T09:00:00Z",
        "answers": {"well": "yes"},
    }

    answer = ana.post("me/safety-checks", body | change)

    [error] = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (400, field)
    assert code in (None, error["code"])
    with in_clinic(world):
        assert not SafetyCheck.objects.exists()


def checked(**answers: str) -> dict:
    return {"id": str(uuid.uuid4()), "checked_at": "2026-11-23T09:00:00Z", "answers": answers}


def test_the_questions_that_there_are_and_what_answers_them_are_named(ana):
    unknown = ana.post("me/safety-checks", checked(zzz="yes")).json()["errors"]
    no_answer = ana.post("me/safety-checks", checked(well="maybe")).json()["errors"]
    in_batch = ana.post(
        "me/sessions/batch", {"safety_checks": [checked(zzz="yes"), checked(floor="no")]}
    ).json()["safety_checks"]

    assert unknown[0]["detail"] == "One of: well, floor, shoes, aid."
    assert sorted(no_answer[0]["detail"]) == sorted("One of: yes, no.")
    assert [each["status"] for each in in_batch] == ["refused", "created"]
    assert [each["field"] for each in in_batch[0]["errors"]] == ["answers.zzz"]


def test_a_symptom_is_kept_whatever_else_the_check_says(ana, world):
    answer = ana.post("me/safety-checks", checked(zzz="yes") | {"symptoms": ["chest_pain"]})

    assert (answer.status_code, answer.json()["safety"]["verdict"]) == (201, "stop")
    with in_clinic(world):
        assert SafetyCheck.objects.get().answers == {"zzz": "yes"}
        assert Alert.objects.get().severity == "emergency"


def test_what_was_kept_once_is_answered_again_though_nobody_asks_it_now(ana, monkeypatch):
    body, known = checked(stairs="yes"), "sessions.actions.safety_checks.safety_questions"
    with monkeypatch.context() as then:
        then.setattr(known, lambda: ["stairs"])
        made = ana.post("me/safety-checks", body)
        changed = ana.post("me/safety-checks", body | checked(well="yes"))

    again = ana.post("me/safety-checks", body)

    assert [one.status_code for one in (made, changed, again)] == [201, 400, 200]
    assert made.content == again.content
