from __future__ import annotations

from random import Random
from uuid import uuid4

import pytest

from tests.fuzzing.known import Known, kind_of

KINDS = frozenset(
    {"patient", "goal", "line", "assignment", "exercise", "membership", "phone", "session", "user"}
)
ANA, GOAL, LINE, PLAN, EXERCISE, RUI = (str(uuid4()) for _each in range(6))


@pytest.fixture
def known():
    return Known(KINDS)


@pytest.mark.parametrize(
    ("path", "parameters", "body", "expected"),
    [
        ("/patients", {}, {"results": [{"id": ANA}], "next": None}, {"patient": [ANA]}),
        ("/patients/{patient_id}", {"patient_id": ANA}, {"id": ANA}, {"patient": [ANA]}),
        (
            "/patients/{patient_id}/goals",
            {"patient_id": ANA},
            {"id": GOAL},
            {"patient": [ANA], "goal": [GOAL]},
        ),
        ("/me/sessions", {}, {"results": [{"id": GOAL}]}, {"phone": [GOAL]}),
        ("/sessions/{session_id}/accept", {"session_id": GOAL}, {}, {"session": [GOAL]}),
        ("/exercises/{exercise_id}/copy", {"exercise_id": GOAL}, {"id": EXERCISE},
         {"exercise": [GOAL, EXERCISE]}),
        ("/me/plan", {}, {"lines": [{"line": LINE}]}, {"line": [LINE]}),
        ("/members", {}, {"results": [{"id": RUI, "roles": [{"membership": GOAL}]}]},
         {"user": [RUI], "membership": [GOAL]}),
        ("/patients/{patient_id}/discharges", {"patient_id": ANA}, {"results": [{"id": GOAL}]},
         {"patient": [ANA]}),
        ("/clinic", {}, {"id": ANA, "version": 3}, {}),
        ("/patients", {}, {"results": [{"id": "no id"}, {"id": 3}], "next": None}, {}),
        ("/patients/{patient_id}", {"patient_id": "%00"}, [], {}),
    ],
)  # fmt: skip
def test_an_answer_teaches_the_ids_that_it_holds(known, path, parameters, body, expected):
    known.learn(path, parameters, body)

    assert {kind: list(rows) for kind, rows in known.rows.items()} == expected


def test_a_row_keeps_what_it_says_and_where_it_belongs(known):
    answer = {
        "id": PLAN,
        "patient": ANA,
        "lines": [{"id": LINE, "side": "left", "exercise": {"id": EXERCISE, "name": "Walk"}}],
    }

    known.learn("/assignments/{assignment_id}", {"assignment_id": PLAN}, answer)

    line = known.rows["line"][LINE]
    assert (line["assignment"], line["patient"]) == (PLAN, ANA)
    assert (line["side"], line["exercise"]) == ("left", EXERCISE)
    assert list(known.rows["exercise"]) == [EXERCISE]


def test_what_is_learned_later_is_added_and_newest(known):
    for identity in (ANA, GOAL):
        known.learn("/patients", {}, {"id": identity, "version": 1, "name": "Ana"})

    known.learn("/patients/{patient_id}", {"patient_id": ANA}, {"id": ANA, "version": 2})

    assert list(known.rows["patient"]) == [GOAL, ANA]
    assert known.rows["patient"][ANA] == {"patient": ANA, "version": 2, "name": "Ana"}


def test_the_newest_are_drawn_more_often_and_an_own_one_before_a_shared_one(known):
    many = [str(uuid4()) for _each in range(40)]
    known.learn("/patients", {}, {"results": [{"id": one} for one in many]})
    known.learn("/exercises", {}, {"results": [{"id": one} for one in many]})
    known.learn("/exercises", {}, {"id": EXERCISE, "is_own": True})
    known.learn("/exercises", {}, {"results": [{"id": one} for one in many]})
    dice = Random(1)

    patients = [known.draw("patient", dice)[0] for _each in range(400)]
    exercises = [known.draw("exercise", dice)[0] for _each in range(400)]

    assert 200 < sum(one in many[-8:] for one in patients) < 300
    assert set(patients) == set(many)
    assert 200 < exercises.count(EXERCISE) < 300
    assert known.draw("goal", dice) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("patients", "patient"),
        ("patient_id", "patient"),
        ("form-checks", "form_check"),
        ("pause-requests", "request"),
        ("cover", "membership"),
        ("easier_exercises", "exercise"),
    ],
)
def test_a_word_names_a_kind(name, kind):
    assert kind_of(name) == kind
