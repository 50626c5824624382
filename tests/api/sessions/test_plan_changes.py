"""The plan's tag changes with everything that the plan says, and with nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from core.tenancy import clinic_context
from patients.models import Line, Patient
from tests.api.caller import Caller
from tests.api.sessions.phone import NOW, a_check, a_session, stored
from tests.factories import people
from tests.factories import prescriptions as rx

MON, TUE = dt.date(2026, 11, 23), dt.date(2026, 11, 24)
ONE_SET = {"measure": "repetitions", "sets": 1, "repetitions": 9}


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


class Scene:
    """Ana's phone, her therapist's program, and the one line that she has."""

    def __init__(self, caller: Caller, world: people.World, line: Line) -> None:
        self.caller, self.world, self.line = caller, world, line
        self.ana, self.rui = caller.as_(world.ana), caller.as_(world.rui)
        self.patient = f"patients/{world.ana.pk}"

    def tag(self, **query: str) -> str:
        answer = self.ana.get("me/plan", query)
        assert answer.status_code == 200
        return answer.headers["ETag"]

    def clinic(self, **changes: str) -> None:
        for name, value in changes.items():
            setattr(self.world.clinic, name, value)
        self.world.clinic.save()

    def record(self, **changes: str) -> Any:
        return self.rui.patch(self.patient, changes)

    def log(self, **more: Any) -> Any:
        return self.ana.post("me/sessions", a_session(self.line, **more))

    def log_then(self, act: str, body: dict[str, str]) -> Callable[[], Any]:
        """Log something now; return what the care team then does with it."""
        sent = a_session(self.line)
        self.ana.post("me/sessions", sent)
        return lambda: self.rui.post(f"sessions/{stored(self.world, sent).pk}/{act}", body)

    def log_for_bruno(self) -> None:
        bruno = people.patient(self.world.clinic, "Bruno Reis", care_team=[self.world.rui])
        line = rx.prescribe(bruno, "knee_twist", measure="repetitions", sets=3, from_=MON)
        assert self.caller.as_(bruno).post("me/sessions", a_session(line)).status_code == 201

    def pause(self, first: str, last: str | None = None) -> Any:
        body = {"starts_on": first, "ends_on": last, "reason": "holiday"}
        return self.rui.post(f"{self.patient}/pauses", body)


@pytest.fixture
def scene(caller: Caller, world: people.World) -> Scene:
    line = rx.prescribe(world.ana, "knee_twist", measure="repetitions", sets=3, from_=MON)
    return Scene(caller, world, line)


CHANGES: dict[str, Callable[[Scene], Any]] = {
    "a session is logged": lambda on: on.log(),
    "a session is logged for another day": lambda on: on.log(at="2026-11-22T09:00:00+00:00"),
    "a session is held": lambda on: on.log(at="2026-11-26T09:00:00+00:00"),
    "a carer logs": lambda on: on.caller.as_(on.world.carer).post(
        "me/sessions", a_session(on.line)
    ),
    "the care team logs": lambda on: on.rui.post(f"{on.patient}/sessions", a_session(on.line)),
    "a red flag is told": lambda on: on.log(symptoms=["chest_pain"]),
    "a safety check says not well": lambda on: on.ana.post(
        "me/safety-checks", a_check(well="no") | {"symptoms": ["fall"]}
    ),
    "a line is revised from tomorrow": lambda on: on.rui.post(
        f"lines/{on.line.pk}/revise", {"dose": ONE_SET, "confirm": ["outside_usual_range"]}
    ),
    "a line ends": lambda on: on.rui.post(f"lines/{on.line.pk}/end", {"on": "2026-11-30"}),
    "a note changes": lambda on: on.rui.patch(f"lines/{on.line.pk}", {"note": "Slowly."}),
    "the assignment ends": lambda on: on.rui.post(
        f"assignments/{on.line.assignment_id}/end", {"on": "2026-12-06"}
    ),
    "a pause covers today": lambda on: on.pause("2026-11-23", "2026-11-25"),
    "a pause is to come": lambda on: on.pause("2026-12-20", "2026-12-31"),
    "the language changes": lambda on: on.record(language="pt"),
    "the time zone changes": lambda on: on.record(time_zone="Asia/Tokyo"),
    "the name changes": lambda on: on.record(name="Ana Maria Silva"),
    "the clinic's phone number changes": lambda on: on.clinic(phone_number="+351 210 000 001"),
    "the clinic's country changes": lambda on: on.clinic(country="NO"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_plan_says_changes_its_tag(scene, change):
    before = scene.tag()
    assert scene.tag() == before

    CHANGES[change](scene)

    after = scene.ana.get("me/plan", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after.headers["ETag"] != before
    assert scene.ana.get("me/plan", headers={"If-None-Match": after.headers["ETag"]}).content == b""


def test_withdrawing_a_session_changes_it(scene):
    withdraw = scene.log_then("withdraw", {"reason": "Not hers."})
    before = scene.tag()
    assert scene.ana.get("me/plan").json()["lines"][0]["done"] == 1

    assert withdraw().status_code == 200

    assert scene.tag() != before
    assert scene.ana.get("me/plan").json()["lines"][0]["done"] == 0


UNCHANGED: dict[str, Callable[[Scene], Any]] = {
    "reading": lambda on: on.ana.get("me/sessions"),
    "the care team reads": lambda on: on.rui.get(on.patient),
    "a refused session": lambda on: on.log(effort=11),
    "a refused revision": lambda on: on.rui.post(f"lines/{on.line.pk}/revise", {}),
    "another patient's session": lambda on: on.log_for_bruno(),
    "another language asked for by the browser": lambda on: on.ana.get(
        "me/plan", headers={"Accept-Language": "pt"}
    ),
}


@pytest.mark.parametrize("what", UNCHANGED)
def test_what_the_plan_does_not_say_leaves_its_tag(scene, what):
    before = scene.tag()

    UNCHANGED[what](scene)

    again = scene.ana.get("me/plan", headers={"If-None-Match": before})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", before)


def test_the_same_session_twice_changes_it_once(scene):
    body = a_session(scene.line)
    scene.ana.post("me/sessions", body)
    before = scene.tag()

    scene.ana.post("me/sessions", body)

    assert scene.tag() == before


def test_midnight_where_the_patient_is_changes_it(scene, time_machine):
    time_machine.move_to("2026-11-23T23:59:59+00:00", tick=False)
    before = scene.tag()
    time_machine.move_to("2026-11-24T00:00:00+00:00", tick=False)

    after = scene.ana.get("me/plan", headers={"If-None-Match": before})

    assert (after.status_code, after.json()["on"]) == (200, "2026-11-24")


def test_days_and_records_have_tags_of_their_own(scene):
    bruno = people.patient(scene.world.clinic, "Bruno Reis", care_team=[scene.world.rui])
    other = scene.caller.as_(bruno).get("me/plan").headers["ETag"]

    assert len({scene.tag(), scene.tag(on="2026-11-24"), scene.tag(on="2026-11-22"), other}) == 4
    assert scene.tag(on="2026-11-23") == scene.tag()


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ('"other", {tag}', 304),
        ('{tag}, "other"', 304),
        ('"other"', 200),
        ("", 200),
        ("{tag}x", 200),
    ],
)
def test_a_phone_may_name_several_tags(scene, header, status):
    asked = header.format(tag=scene.tag())

    assert scene.ana.get("me/plan", headers={"If-None-Match": asked}).status_code == status


def test_an_unchanged_plan_of_another_is_still_not_shown(scene):
    tag = {"If-None-Match": scene.tag()}

    assert scene.caller.get("me/plan", headers=tag).status_code == 401
    assert scene.rui.get("me/plan", headers=tag).status_code == 404


@pytest.mark.parametrize(
    ("on", "lines"),
    [
        ("2026-11-22", 0),
        ("2026-11-23", 1),
        ("2026-11-30", 1),
        ("2026-12-06", 1),
        ("2026-12-07", 0),
        ("2100-01-01", 0),
    ],
)
def test_a_plan_of_a_day_holds_what_is_in_force_on_it(scene, on, lines):
    scene.rui.post(f"assignments/{scene.line.assignment_id}/end", {"on": "2026-12-06"})

    plan = scene.ana.get("me/plan", {"on": on}).json()

    assert (plan["on"], len(plan["lines"])) == (on, lines)


def test_a_revised_line_is_shown_as_it_is_on_each_day(scene):
    scene.rui.post(
        f"lines/{scene.line.pk}/revise", {"dose": ONE_SET, "confirm": ["outside_usual_range"]}
    )

    sets = [
        scene.ana.get("me/plan", {"on": on}).json()["lines"][0]["dose"]["sets"]
        for on in ("2026-11-23", "2026-11-24")
    ]

    assert sets == [3, 1]


def test_a_draft_is_not_shown(scene):
    rx.draft(scene.world.ana, rx.order("heel_raise"))

    assert len(scene.ana.get("me/plan").json()["lines"]) == 1


@pytest.mark.parametrize(
    ("language", "known"), [("pt", True), ("en", True), ("en-GB", True), ("xx", False)]
)
def test_the_plan_speaks_the_patients_language_and_never_another_requests(scene, language, known):
    with clinic_context(scene.world.clinic.pk):
        Patient.objects.filter(pk=scene.world.ana.pk).update(language=language)

    asked = [
        scene.ana.get("me/plan", headers={"Accept-Language": browser}).json()
        for browser in ("en", "pt", "de")
    ]

    assert asked[0] == asked[1] == asked[2]
    assert asked[0]["safety"]["chest_pain"]["numbers"][0]["number"] == "112"


def test_a_paused_day_is_told_and_a_hold_is_told_apart(scene):
    scene.pause("2026-11-24", "2026-11-25")
    scene.log(symptoms=["fall"])

    told = [
        (plan["is_paused"], plan["is_safety_hold"])
        for on in ("2026-11-22", "2026-11-23", "2026-11-24", "2026-11-26")
        if (plan := scene.ana.get("me/plan", {"on": on}).json())
    ]

    assert told == [(False, False), (True, True), (True, True), (True, True)]
