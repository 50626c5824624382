"""What must hold in a catalogue: each rule is broken once, and named with its entry."""

from __future__ import annotations

from typing import Any

import pytest

from programs.checking import problems_of
from programs.shipped import read_catalogue
from tests.factories.programs import CatalogueFiles

HARD = "Proprioceptive facilitation necessitates considerable neuromuscular rehabilitation."


def problems(files: CatalogueFiles) -> list[str]:
    return problems_of(read_catalogue(files.directory))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"usual_dose__sets": {"low": 2, "high": 3, "start": 1}},
            "sets does not rise from 2 over 1 to 3",
        ),
        (
            {"usual_dose__hold_seconds__start": 31},
            "hold_seconds does not rise from 10 over 31 to 30",
        ),
        ({"usual_dose__sets__high": 21}, "sets is not from 1 to 20"),
        (
            {"usual_dose__repetitions": {"low": 0, "high": 4, "start": 3}},
            "repetitions is not from 1 to 200",
        ),
        ({"usual_dose__hold_seconds__high": 601}, "hold_seconds is not from 1 to 600"),
        ({"usual_dose__times_per_day__high": 7}, "times_per_day is not from 1 to 6"),
        ({"usual_dose__days_per_week__high": 8}, "days_per_week is not from 1 to 7"),
        ({"usual_dose__rest_seconds": 901}, "rest_seconds is not from 0 to 900"),
        (
            {"usual_dose__load_kg": {"low": 0, "high": 500.5, "start": 20}},
            "load_kg is not from 0 to 500",
        ),
        (
            {"usual_dose__hold_seconds": None},
            "has no usual hold_seconds, which its measures need",
        ),
        (
            {"usual_dose__steps": {"low": 1, "high": 9, "start": 3}},
            "has a usual steps, which none of its measures has",
        ),
        ({"measures": ["hold", "hold"]}, "measures: the measure hold comes twice"),
        ({"variant_of": "wall_dance"}, "is a variant of wall_dance, which is no other exercise"),
        (
            {"variant_of": "wall_stretch"},
            "is a variant of wall_stretch, which is no other exercise",
        ),
        ({"checks__1__id": "heel-down"}, "checks: the id heel-down comes twice"),
        ({"checks__0__fix": " "}, "the check heel-down can say wrong and has no fix"),
        ({"checks__0__fault": 2}, "the check heel-down shows fault 2 of 2"),
        ({"wrong_signs__3__fault": 7}, "the wrong sign 3 shows fault 7 of 2"),
        ({"start": "Step your {leg} back."}, "has an unknown placeholder {leg}"),
        ({"start": "Step your {side back."}, "has an unknown placeholder {?}"),
        ({"laterality": "both"}, "is done with both sides at once, yet names a side"),
        ({"purpose": "Helps your {side} leg."}, "has a placeholder outside start, steps and cues"),
        ({"review_status": "reviewed"}, "is reviewed, but by nobody named or on no date"),
        ({"reviewed_by": "Rui Costa"}, "is a draft, yet names who reviewed it"),
        ({"purpose": HARD}, f"reads at grade 45.8, above 6: {HARD}"),
    ],
)
def test_a_contradiction_in_an_exercise_is_named(
    files: CatalogueFiles, change: dict[str, Any], told: str
) -> None:
    files.change_exercise("wall_stretch", **change)

    assert problems(files) == [f"wall_stretch: {told}"]


def test_hard_words_in_short_sentences_add_up(files: CatalogueFiles) -> None:
    hard = "Proprioceptive facilitation."
    lines = {f"stop_now__{place}__text": hard for place in range(6)}
    lines |= {f"stop_and_tell__{place}__text": hard for place in range(4)}
    files.change_safety(effort=hard, fatigue=hard, breathing=hard, strong_side=hard, **lines)

    assert problems(files) == ["safety: reads at grade 10.5, above 6"]


def test_a_check_is_not_both_safety_and_optional(files: CatalogueFiles) -> None:
    files.change_exercise("sit_to_stand", checks__2__safety=True)

    assert problems(files) == [
        "sit_to_stand: the check no-hands cannot be both safety and optional"
    ]


def test_a_safety_check_is_asked_so_that_no_is_the_alarm(files: CatalogueFiles) -> None:
    files.change_exercise("walking_stick", checks__2__right="no")

    assert problems(files) == [
        "walking_stick: the safety check felt-safe must be asked so that no is the alarm"
    ]


def test_an_exercise_of_one_side_says_which(files: CatalogueFiles) -> None:
    files.change_exercise("heel_raise", laterality="one")

    assert problems(files) == ["heel_raise: is done on one side, yet never says {side}"]


def test_a_review_with_a_name_and_a_date_is_accepted(files: CatalogueFiles) -> None:
    files.change_exercise(
        "wall_stretch",
        review_status="reviewed",
        reviewed_by="Rui Costa, physiotherapist",
        reviewed_on="2026-11-20",
    )

    assert problems(files) == []


def test_two_exercises_have_two_ids(files: CatalogueFiles) -> None:
    wall_stretch = files.read("exercises/wall_stretch.yaml")["id"]
    files.change_exercise("heel_raise", id=wall_stretch)

    assert problems(files) == [f"exercises: the id {wall_stretch} comes twice"]


def test_two_programs_have_two_ids_and_slugs(files: CatalogueFiles) -> None:
    programs = files.read("programs.yaml")
    files.write("programs.yaml", [*programs, programs[0]])

    assert problems(files) == [
        f"programs: the id {programs[0]['id']} comes twice",
        "programs: the slug early_bed comes twice",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"exercises": ["wall_dance"]}, "has no exercise wall_dance"),
        (
            {"exercises": ["heel_raise", "heel_raise"]},
            "exercises: the exercise heel_raise comes twice",
        ),
        ({"review_status": "reviewed"}, "is reviewed, but by nobody named or on no date"),
    ],
)
def test_a_contradiction_in_a_program_is_named(
    files: CatalogueFiles, change: dict[str, Any], told: str
) -> None:
    files.change_entry("programs.yaml", "walk_better", **change)

    assert problems(files) == [f"walk_better: {told}"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"range__low": 56}, "its range does not rise from 56 to 56"),
        ({"changes__1__up_to": 6.5}, "the mcid does not rise from 6.5 to 6.5"),
        (
            {"changes__0__baseline": {"of": "strength", "below": 3}},
            "the mcid is by strength, which is no measure",
        ),
        (
            {"changes__0__baseline": {"of": "gait_speed", "variant": "slow", "below": 3}},
            "the mcid is by slow, which is no variant",
        ),
        ({"changes__1__variant": "short"}, "the mcid is for short, which is no variant"),
        ({"codes": ["0", "1"]}, "it has both a range and codes"),
        ({"range": None, "codes": ["0", "1", "1"]}, "codes: the code 1 comes twice"),
        (
            {"variants": [{"id": "a", "name": "one"}, {"id": "a", "name": "two"}]},
            "variants: the id a comes twice",
        ),
        ({"reviewed_on": "2026-11-20"}, "is a draft, yet names who reviewed it"),
    ],
)
def test_a_contradiction_in_a_measure_is_named(
    files: CatalogueFiles, change: dict[str, Any], told: str
) -> None:
    files.change_entry("measures.yaml", "berg_balance", **change)

    assert problems(files) == [f"berg_balance: {told}"]


def test_two_measures_have_two_slugs(files: CatalogueFiles) -> None:
    measures = files.read("measures.yaml")
    files.write("measures.yaml", [*measures, measures[0]])

    assert problems(files) == ["measures: the slug gait_speed comes twice"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"before__1__id": "well"}, "before: the id well comes twice"),
        ({"stop_and_tell__0__id": "fall"}, "stop_now and stop_and_tell: the id fall comes twice"),
        ({"screening__1__id": "weak-shoulder"}, "screening: the id weak-shoulder comes twice"),
        ({"review_status": "reviewed"}, "is reviewed, but by nobody named or on no date"),
        ({"fatigue": HARD}, f"reads at grade 45.8, above 6: {HARD}"),
    ],
)
def test_a_contradiction_in_the_safety_block_is_named(
    files: CatalogueFiles, change: dict[str, Any], told: str
) -> None:
    files.change_safety(**change)

    assert problems(files) == [f"safety: {told}"]
