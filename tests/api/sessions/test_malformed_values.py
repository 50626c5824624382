"""Well-formed JSON whose values cannot be: each is refused by its path, and stores nothing."""

from __future__ import annotations

import json

import pytest

from core.tenancy import clinic_context
from patients.models import Line
from sessions.models import ExerciseSession, SafetyCheck
from tests.api.caller import Caller
from tests.api.sessions.phone import NOW, a_check, a_session
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


def nothing_stored(world: people.World) -> bool:
    with clinic_context(world.clinic.pk):
        return not ExerciseSession.objects.exists() and not SafetyCheck.objects.exists()


def told(answer) -> list[str]:
    assert answer.status_code == 400, answer.content
    return [each["field"] for each in answer.json()["errors"]]


# No number is read from a text, in whatever digits, and none is rounded.
NOT_COUNTS = ["4", "1_000", "٤", "４", "0x4", "", " 4", 4.0, 4.5, 1e3, True, False, [4], {"a": 4}]


@pytest.mark.parametrize("value", NOT_COUNTS, ids=repr)
@pytest.mark.parametrize("field", ["effort", "pain_before", "pain_after", "duration_seconds"])
def test_a_count_is_a_json_integer(ana, world, line, field, value):
    assert told(ana.post("me/sessions", a_session(line, **{field: value}))) == [field]
    assert nothing_stored(world)


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("effort", 0, 10),
        ("pain_before", 0, 10),
        ("pain_after", 0, 10),
        ("duration_seconds", 0, 21_600),
    ],
)
def test_a_count_is_within_its_bounds(ana, world, line, field, least, most):
    for beyond in (least - 1, most + 1, -(2**63), 2**63, 10**17):
        assert told(ana.post("me/sessions", a_session(line, **{field: beyond}))) == [field]
    assert nothing_stored(world)
    for bound in (least, most):
        assert ana.post("me/sessions", a_session(line, **{field: bound})).status_code == 201


@pytest.mark.parametrize(
    ("amount", "most"),
    [
        ("repetitions", 1_000),
        ("hold_seconds", 21_600),
        ("duration_seconds", 21_600),
        ("distance_m", 50_000),
        ("steps", 50_000),
    ],
)
def test_an_amount_of_a_set_is_within_its_bounds(ana, world, line, amount, most):
    def with_set(value: object) -> dict:
        body = a_session(line)
        body["results"][0]["sets"][0][amount] = value
        return body

    for wrong in (-1, most + 1, 1.0, "1"):
        assert told(ana.post("me/sessions", with_set(wrong))) == [f"results.0.sets.0.{amount}"]
    assert nothing_stored(world)
    for right in (0, most):
        assert ana.post("me/sessions", with_set(right)).status_code == 201


@pytest.mark.parametrize("load", [-0.5, 0.25, 500.5, 501, "2.5", True, 1e300])
def test_a_load_is_in_halves_of_a_kilogram(ana, world, line, load):
    body = a_session(line)
    body["results"][0]["sets"][0]["load_kg"] = load

    assert told(ana.post("me/sessions", body)) == ["results.0.sets.0.load_kg"]
    assert nothing_stored(world)


NOT_INSTANTS = [
    "2026-11-23T09:30:00",
    "2026-11-23 09:30",
    "2026-11-23",
    "09:30:00Z",
    "2026-02-29T09:30:00Z",
    "2026-11-23T24:00:00Z",
    "2026-11-23T09:60:00Z",
    "2026-11-23T09:30:00+25:00",
    "2026-11-23T09:30:00 Europe/Lisbon",
    "20261123T093000Z",
    "٢٠٢٦-11-23T09:30:00Z",
    "1999-12-31T23:59:59Z",
    "2100-01-01T00:00:01Z",
    "9999-12-31T23:59:59Z",
    "0000-00-00T00:00:00Z",
    "now",
    "",
    1_763_890_200,
    1_763_890_200.5,
    None,
    True,
]


@pytest.mark.parametrize("value", NOT_INSTANTS, ids=repr)
def test_a_moment_has_a_date_a_time_and_an_offset(ana, world, line, value):
    body = a_session(line)

    assert told(ana.post("me/sessions", body | {"performed_at": value})) == ["performed_at"]
    assert told(ana.post("me/safety-checks", a_check() | {"checked_at": value})) == ["checked_at"]
    if value is not None:
        assert told(ana.post("me/sessions", body | {"sent_at": value})) == ["sent_at"]
    assert nothing_stored(world)


@pytest.mark.parametrize(
    "value", ["", "1", "0d5c9f0e6c1b4a559d590a4f7b8e5a1", "zd5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a10", 5,
              None, [], {}, "{0d5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a10}", "urn:uuid:0d5c9f0e"],
    ids=repr,
)  # fmt: skip
def test_an_id_is_a_uuid(ana, world, line, value):
    body = a_session(line)
    of_line = a_session(line)
    of_line["results"][0]["line"] = value

    assert told(ana.post("me/sessions", body | {"id": value})) == ["id"]
    assert told(ana.post("me/sessions", of_line)) == ["results.0.line"]
    assert nothing_stored(world)


@pytest.mark.parametrize("field", ["clinic_id", "clinic", "patient_id", "patient", "logged_as",
                                   "logged_by", "status", "version", "verdict", "completion",
                                   "received_at", "performed_on", "__class__", "pk"])  # fmt: skip
@pytest.mark.parametrize("where", ["session", "result", "set"])
def test_what_a_phone_may_not_say_is_an_unknown_field(ana, world, line, field, where):
    body = a_session(line)
    inside = {
        "session": (body, ""),
        "result": (body["results"][0], "results.0."),
        "set": (body["results"][0]["sets"][0], "results.0.sets.0."),
    }
    place, path = inside[where]
    place[field] = str(world.far_clinic.pk)

    answer = ana.post("me/sessions", body)

    assert told(answer) == [f"{path}{field}"]
    assert answer.json()["errors"][0]["code"] == "unknown_field"
    assert nothing_stored(world)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "a\ud83d"], ids=repr)
@pytest.mark.parametrize("where", ["note", "check", "answer", "key"])
def test_text_that_no_database_holds_is_refused_wherever_it_stands(ana, world, line, text, where):
    body, check = a_session(line), a_check()
    if where == "note":
        body["note"] = text
    elif where == "check":
        body["results"][0]["checks"] = {text: "yes"}
    elif where == "key":
        body[text] = 1
    else:
        check["answers"] = {text: "yes"}
    path = "me/safety-checks" if where == "answer" else "me/sessions"

    answer = ana.post(path, json.dumps(check if where == "answer" else body).encode())

    assert answer.status_code == 400
    assert nothing_stored(world)


@pytest.mark.parametrize("length", [1_999, 2_000, 2_001])
def test_a_note_is_counted_in_characters_not_in_bytes(ana, world, line, length):
    answer = ana.post("me/sessions", a_session(line, note="é" * length))

    assert answer.status_code == (201 if length <= 2_000 else 400)
