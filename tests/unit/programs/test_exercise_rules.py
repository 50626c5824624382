"""What must hold in one exercise: each rule broken once, and the field that it names."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from programs.actions.own_exercises import copied
from programs.content import ExerciseContent, as_json, exercise_content
from programs.exercise_rules import Fault, doubles, faults_of, hard_to_read
from programs.orders import ORDERED, ExerciseOrder, content_of
from tests.factories.programs import exercise_body, exercise_order, shipped

EXERCISES = {entry.slug: entry.content for entry in shipped().exercises}
HARD = "Proprioceptive facilitation necessitates considerable neuromuscular rehabilitation."


def content(slug: str = "wall_stretch", **changes: Any) -> ExerciseContent:
    return content_of(exercise_order(slug, **changes))


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"checks__1__id": "heel-down"}, "checks.1.id", "repeated"),
        (
            {"checks__1__safety": True, "checks__1__right": "yes", "checks__1__optional": True},
            "checks.1.optional",
            "safety_and_optional",
        ),
        (
            {"checks__1__safety": True, "checks__1__right": "no"},
            "checks.1.right",
            "safety_alarm_is_no",
        ),
        ({"checks__0__fault": 2}, "checks.0.fault", "no_such_fault"),
        ({"wrong_signs__3__fault": 7}, "wrong_signs.3.fault", "no_such_fault"),
        ({"start": "Step your {leg} back."}, "start", "unknown_placeholder"),
        ({"steps__1": "Bend your {foot}."}, "steps.1", "unknown_placeholder"),
        ({"cues__0": "Your {side back is long."}, "cues.0", "unknown_placeholder"),
        ({"cues__0": "Your {{side}} is long."}, "cues.0", "unknown_placeholder"),
        ({"cues__0": "Your {side!r} is long."}, "cues.0", "unknown_placeholder"),
        ({"laterality": "both"}, "laterality", "names_a_side"),
        ({"purpose": "Helps your {side} leg."}, "purpose", "placeholder_elsewhere"),
        ({"checks__0__fix": "Move your {side} leg."}, "checks.0.fix", "placeholder_elsewhere"),
        ({"measures": ["hold", "hold"]}, "measures.1", "repeated"),
        ({"usual_dose__hold_seconds": None}, "usual_dose.hold_seconds", "missing"),
        (
            {"usual_dose__steps": {"low": 1, "high": 9, "start": 3}},
            "usual_dose.steps",
            "of_no_measure",
        ),
        (
            {"usual_dose__sets": {"low": 2, "high": 3, "start": 1}},
            "usual_dose.sets",
            "does_not_rise",
        ),
        ({"usual_dose__hold_seconds__start": 31}, "usual_dose.hold_seconds", "does_not_rise"),
        ({"usual_dose__sets__high": 21}, "usual_dose.sets", "out_of_range"),
        ({"usual_dose__hold_seconds__high": 601}, "usual_dose.hold_seconds", "out_of_range"),
        ({"usual_dose__times_per_day__high": 7}, "usual_dose.times_per_day", "out_of_range"),
        ({"usual_dose__days_per_week__high": 8}, "usual_dose.days_per_week", "out_of_range"),
        ({"usual_dose__rest_seconds": 901}, "usual_dose.rest_seconds", "out_of_range"),
        (
            {"usual_dose__load_kg": {"low": 0, "high": 500.5, "start": 20}},
            "usual_dose.load_kg",
            "out_of_range",
        ),
        (
            {"usual_dose__percent_of_max": {"low": 80, "high": 70}},
            "usual_dose.percent_of_max",
            "does_not_rise",
        ),
        (
            {"usual_dose__percent_of_max": {"low": 80, "high": 101}},
            "usual_dose.percent_of_max",
            "does_not_rise",
        ),
    ],
)
def test_a_contradiction_names_its_field(changes: dict[str, Any], field: str, code: str) -> None:
    found = faults_of(content(**changes))

    assert [(one.field, one.code) for one in found] == [(field, code)]


@pytest.mark.parametrize(
    "changes",
    [
        {"checks__0__fault": 1},
        {"usual_dose__sets": {"low": 1, "high": 20, "start": 20}},
        {"usual_dose__hold_seconds": {"low": 1, "high": 600, "start": 600}},
        {"usual_dose__times_per_day": {"low": 1, "high": 6, "start": 6}},
        {"usual_dose__days_per_week": {"low": 1, "high": 7, "start": 1}},
        {"usual_dose__rest_seconds": 900},
        {"usual_dose__load_kg": {"low": 0, "high": 500, "start": 0}},
        {"usual_dose__percent_of_max": {"low": 100, "high": 100}},
    ],
)
def test_what_is_just_within_a_bound_has_no_fault(changes: dict[str, Any]) -> None:
    assert faults_of(content(**changes)) == []


def test_one_side_must_be_said() -> None:
    silent = content("clamshell")
    sided = msgspec.structs.replace(
        silent, start="Lie down.", steps=("Lift.", "Hold.", "Lower."), cues=("Keep still.",)
    )

    assert faults_of(sided) == [
        Fault("steps", "names_no_side", "is done on one side, yet never says {side}")
    ]


def test_without_a_picture_no_fault_is_shown_and_none_may_be_named() -> None:
    bare = msgspec.structs.replace(content(), picture=None)
    marked = [f"checks.{place}" for place, one in enumerate(bare.checks) if one.fault is not None]
    signs = [
        f"wrong_signs.{place}"
        for place, one in enumerate(bare.wrong_signs)
        if one.fault is not None
    ]

    found = faults_of(bare)

    assert marked
    assert [one.field for one in found] == [f"{one}.fault" for one in [*marked, *signs]]
    assert {one.code for one in found} == {"no_such_fault"}


def test_a_hard_sentence_is_named_by_its_field() -> None:
    found = hard_to_read(content(purpose=HARD))

    assert found == [Fault("purpose", "reads_hard", f"reads at grade 45.8, above 6: {HARD}")]


def test_hard_words_in_short_sentences_add_up_to_a_fault_of_the_whole() -> None:
    short = "Dorsiflexion facilitation."
    found = hard_to_read(content(cues=[short] * 20, easier=[short] * 20, harder=[short] * 20))

    assert [(one.field, one.code) for one in found] == [("", "reads_hard")]


def test_what_only_clinicians_read_may_be_hard() -> None:
    told = content(precautions=[{"text": HARD, "for_patient": False}], contraindications=[HARD])

    assert hard_to_read(told) == []


def test_a_double_names_its_second_place() -> None:
    assert list(doubles("list", "word", ["a", "b", "a", "a"], at="list.{}")) == [
        Fault("list.2", "repeated", "list: the word a comes twice"),
        Fault("list.3", "repeated", "list: the word a comes twice"),
    ]


# ---- every exercise that ships could be a clinic's own ------------------------------------------

every_exercise = pytest.mark.parametrize("shipped", EXERCISES.values(), ids=EXERCISES)


@every_exercise
def test_a_copy_of_it_has_no_fault_and_reads_plainly(shipped: ExerciseContent) -> None:
    copy = copied(shipped)

    assert faults_of(copy) == []
    assert hard_to_read(copy) == []


@every_exercise
def test_a_copy_of_it_can_be_sent_and_stored_and_stays_the_same(shipped: ExerciseContent) -> None:
    copy = copied(shipped)
    said = as_json(copy)

    order = msgspec.convert({name: said[name] for name in ORDERED if name in said}, ExerciseOrder)

    assert content_of(order) == copy
    assert exercise_content(as_json(content_of(order))) == copy


@every_exercise
def test_a_copy_of_it_says_all_but_what_the_catalogue_alone_knows(
    shipped: ExerciseContent,
) -> None:
    copy = as_json(copied(shipped, name="Our own"))
    original = as_json(shipped)

    changed = {name for name in original | copy if original.get(name) != copy.get(name)}

    assert changed <= {"name", "core_six", "variant_of"}
    assert (copy["name"], copy["review_status"]) == ("Our own", "draft")


# ---- the shape of an order ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": ""}, "$.name"),
        ({"name": "x" * 121}, "$.name"),
        ({"name": " Bridge"}, "$.name"),
        ({"purpose": "One.\nTwo."}, "$.purpose"),
        ({"level": 0}, "$.level"),
        ({"level": 5}, "$.level"),
        ({"steps": ["Stand.", "Sit."]}, "$.steps"),
        ({"steps": ["Stand."] * 7}, "$.steps"),
        ({"cues": []}, "$.cues"),
        ({"wrong_signs": []}, "$.wrong_signs"),
        ({"checks": []}, "$.checks"),
        ({"checks__0__fix": " "}, "$.checks[0].fix"),
        ({"checks__0__fix": None}, "$.checks[0]"),
        ({"checks__0__id": "Heel down"}, "$.checks[0].id"),
        ({"checks__0__right": "maybe"}, "$.checks[0].right"),
        ({"checks__0__hint": "Lean."}, "$.checks[0]"),
        ({"measures": []}, "$.measures"),
        ({"measures": ["hops"]}, "$.measures[0]"),
        ({"usual_dose__sets__low": -1}, "$.usual_dose.sets.low"),
        ({"usual_dose__sets__mean": 2}, "$.usual_dose.sets"),
        ({"usual_dose__pace": 3}, "$.usual_dose"),
        ({"equipment": ["rope"] * 21}, "$.equipment"),
        ({"easier_exercises": ["wall_stretch"]}, "$.easier_exercises[0]"),
        ({"picture": {"name": "wall_stretch"}}, "$.picture"),
        ({"review_status": "reviewed"}, "review_status"),
        ({"core_six": True}, "core_six"),
    ],
)
def test_an_order_of_the_wrong_shape_is_refused_by_name(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        exercise_order("wall_stretch", **changes)

    assert told in str(refused.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x" * 120},
        {"level": 1},
        {"level": 4},
        {"steps": ["Stand.", "Sit.", "Rest."]},
        {"steps": ["Stand."] * 6},
        {"equipment": ["rope"] * 20},
    ],
)
def test_an_order_just_within_its_bounds_is_one(changes: dict[str, Any]) -> None:
    order = msgspec.json.decode(msgspec.json.encode(exercise_order("wall_stretch", **changes)))

    assert {name: order[name] for name in changes} == changes


def test_what_an_order_may_leave_out_it_may() -> None:
    needed = {field.name for field in msgspec.structs.fields(ExerciseOrder) if field.required}
    bare = {name: value for name, value in exercise_body("bridging").items() if name in needed}
    for one in (*bare["checks"], *bare["wrong_signs"]):
        one.pop("fault", None)

    made = content_of(msgspec.convert(bare, ExerciseOrder))

    assert faults_of(made) == []
    assert (made.picture, made.clinical, made.evidence, made.equipment) == (None, None, (), ())
    assert exercise_content(as_json(made)) == made
