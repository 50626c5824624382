"""Many items at once: each has its own outcome, in order, and the bounds hold exactly."""

from __future__ import annotations

import json
import random
import uuid

import pytest

from core.tenancy import clinic_context
from patients.models import Line
from sessions.actions.batch import MOST_ITEMS
from sessions.models import ExerciseSession, SafetyCheck
from tests.api.caller import Caller
from tests.api.sessions.phone import NOW, a_check, a_session
from tests.factories import people, prescribed

BATCH = "me/sessions/batch"
TWO_MIB = 2 * 1024 * 1024


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture
def ana(caller: Caller, world: people.World, line: Line) -> Caller:
    return caller.as_(world.ana)


def kept(world: people.World) -> tuple[int, int]:
    with clinic_context(world.clinic.pk):
        return ExerciseSession.objects.count(), SafetyCheck.objects.count()


def statuses(answer) -> list[str]:
    return [each["status"] for each in answer.json()["sessions"]]


def only_symptoms(minute: int) -> dict:
    """The smallest session that there is: nothing to judge, so that a hundred go quickly."""
    at = f"2026-11-23T{minute // 60:02}:{minute % 60:02}:00+00:00"
    return {"id": str(uuid.uuid4()), "performed_at": at, "symptoms": ["other"]}


def test_a_hundred_items_are_stored_and_one_more_is_refused_whole(ana, world):
    assert MOST_ITEMS == 100
    sessions = [only_symptoms(minute) for minute in range(95)]
    checks = [a_check() for _ in range(5)]

    refused = ana.post(BATCH, {"sessions": [*sessions, only_symptoms(99)], "safety_checks": checks})
    nothing = kept(world)
    stored = ana.post(BATCH, {"sessions": sessions, "safety_checks": checks})

    assert refused.status_code == 400
    assert [(each["field"], each["code"]) for each in refused.json()["errors"]] == [
        ("sessions", "too_many")
    ]
    assert nothing == (0, 0)
    assert stored.status_code == 200
    assert statuses(stored) == ["created"] * 95
    assert kept(world) == (95, 5)


@pytest.mark.parametrize("name", ["sessions", "safety_checks"])
def test_one_list_alone_is_bounded_too(ana, world, name):
    refused = ana.post(BATCH, {name: [{}] * 101})

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] in (name, "sessions")
    assert kept(world) == (0, 0)


@pytest.mark.parametrize("body", [{}, {"sessions": []}, {"sessions": [], "safety_checks": []}])
def test_a_batch_of_nothing_is_refused(ana, world, body):
    refused = ana.post(BATCH, body)

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "missing"


@pytest.mark.parametrize(("length", "status"), [(TWO_MIB, 200), (TWO_MIB + 1, 413)])
def test_a_batch_may_be_two_mib_long_and_not_a_byte_more(ana, world, line, length, status):
    text = json.dumps({"sessions": [a_session(line)]})
    body = text.encode() + b" " * (length - len(text))

    answer = ana.post(BATCH, body)

    assert answer.status_code == status
    assert kept(world) == ((1, 0) if status == 200 else (0, 0))
    if status == 413:
        assert (answer.json()["code"], answer.json()["max_bytes"]) == ("body_too_large", TWO_MIB)


def test_seven_kinds_of_bad_hold_back_none_of_the_good(ana, world, line):
    at = [f"2026-11-{day:02}T09:00:00+00:00" for day in range(10, 20)]
    good = [a_session(line, at=each) for each in at]
    foreign = prescribed.line(world.far_patient)
    bad = [
        (a_session(line, effort=11), "invalid", "effort"),
        (a_session(line, note="x" * 2001), "invalid", "note"),
        (a_session(line, clinic_id=str(world.clinic.pk)), "invalid", "clinic_id"),
        (a_session(line, at="2026-11-23T09:30:00"), "invalid", "performed_at"),
        (a_session(foreign), "invalid", "results.0.line"),
        (a_session(line) | {"id": "1"}, "invalid", "id"),
        (a_session(line, -1), "invalid", "results.0.sets.0.repetitions"),
    ]
    mixed = [(one, None, None) for one in good] + bad
    random.Random(7).shuffle(mixed)

    answer = ana.post(BATCH, {"sessions": [each[0] for each in mixed]})

    said = answer.json()["sessions"]
    assert [each["id"] for each in said] == [each[0]["id"] for each in mixed]
    for told, (_sent, code, field) in zip(said, mixed, strict=True):
        assert told["status"] == ("refused" if code else "created")
        assert told.get("code") == code
        if code:
            assert told["errors"][0]["field"] == field
    assert kept(world) == (10, 0)


def test_the_same_batch_again_stores_nothing_and_answers_the_same(ana, world, line):
    batch = {
        "sessions": [a_session(line, at=f"2026-11-{day}T09:00:00+00:00") for day in (20, 21, 26)],
        "safety_checks": [a_check(), a_check(well="no")],
    }

    first, again = ana.post(BATCH, batch), ana.post(BATCH, batch)

    assert statuses(first) == ["created", "created", "held"]
    assert statuses(again) == ["duplicate"] * 3
    assert [each["feedback"] for each in again.json()["sessions"]] == [
        each["feedback"] for each in first.json()["sessions"]
    ]
    assert [each["status"] for each in again.json()["safety_checks"]] == ["duplicate"] * 2
    assert kept(world) == (3, 2)


@pytest.mark.parametrize("seed", range(3))
def test_sessions_are_judged_oldest_first_in_whatever_order_they_come(ana, world, line, seed):
    """20 beats the 10 of the day before, and 30 the 20; the first had nothing to beat."""
    sent = [
        a_session(line, amount, at=f"2026-11-{20 + place}T09:00:00+00:00")
        for place, amount in enumerate((10, 20, 30))
    ]
    order = random.Random(seed).sample(range(3), 3)

    answer = ana.post(BATCH, {"sessions": [sent[place] for place in order]})

    told = {each["id"]: each["feedback"]["results"][0] for each in answer.json()["sessions"]}
    assert [told[one["id"]]["best"] for one in sent] == [False, True, True]
    assert [each["id"] for each in answer.json()["sessions"]] == [
        sent[place]["id"] for place in order
    ]


def test_a_red_flag_in_a_batch_is_told_with_its_item_and_no_other(ana, world, line):
    calm, grave = a_session(line, at="2026-11-22T09:00:00+00:00"), a_session(line)
    grave["symptoms"] = ["chest_pain"]

    said = ana.post(BATCH, {"sessions": [grave, calm]}).json()["sessions"]

    assert said[0]["feedback"]["safety"]["verdict"] == "stop"
    assert said[0]["feedback"]["safety"]["numbers"][0]["number"] == "112"
    assert said[1]["feedback"]["safety"] is None


@pytest.mark.parametrize(
    "item",
    [{}, {"id": None}, {"id": 5}, {"id": "x" * 5_000}, {"results": "none"}, {"a": {"b": [{}]}}],
)
def test_an_item_of_any_shape_is_refused_by_itself(ana, world, line, item):
    good = a_session(line)

    said = ana.post(BATCH, {"sessions": [item, good], "safety_checks": [item]}).json()

    assert [each["status"] for each in said["sessions"]] == ["refused", "created"]
    assert [each["status"] for each in said["safety_checks"]] == ["refused"]
    assert len(said["sessions"][0]["id"] or "") <= 64
    assert kept(world) == (1, 0)


@pytest.mark.parametrize("items", [[5], ["x"], [None], [[]], {"0": {}}, "all", None])
def test_what_is_no_list_of_objects_is_refused_whole(ana, world, items):
    refused = ana.post(BATCH, {"sessions": items})

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"].split(".")[0] == "sessions"
    assert kept(world) == (0, 0)
