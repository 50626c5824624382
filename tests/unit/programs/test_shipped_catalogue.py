"""What ships: complete, consistent, plain to read, and with ids that never change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from programs.checking import problems_of
from programs.content import Baseline, Catalogue, ScoreRange
from programs.exercise_rules import patient_texts
from programs.readability import grade, sentences
from programs.shipped import read_catalogue

PUBLISHED_IDS = Path(__file__).parents[2] / "snapshots" / "catalogue_ids.json"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue()


def ids_of(catalogue: Catalogue) -> dict[str, dict[str, object]]:
    return {
        "exercises": {
            one.slug: {"id": str(one.id), "checks": [check.id for check in one.content.checks]}
            for one in catalogue.exercises
        },
        "programs": {one.slug: {"id": str(one.id)} for one in catalogue.programs},
    }


def test_it_holds_25_exercises_4_programs_and_11_measures(catalogue: Catalogue) -> None:
    counts = (len(catalogue.exercises), len(catalogue.programs), len(catalogue.measures))

    assert counts == (25, 4, 11)


def test_nothing_speaks_against_publishing_it(catalogue: Catalogue) -> None:
    assert problems_of(catalogue) == []


def test_ids_are_the_published_ones(catalogue: Catalogue) -> None:
    published = json.loads(PUBLISHED_IDS.read_text())

    assert ids_of(catalogue) == published


def test_every_entry_is_a_draft_that_no_clinician_has_reviewed(catalogue: Catalogue) -> None:
    entries = [*catalogue.exercises, *catalogue.programs, *catalogue.measures]

    assert {one.content.review_status for one in entries} == {"draft"}
    assert catalogue.safety.review_status == "draft"


def test_the_wall_stretch_asks_about_the_heel_first(catalogue: Catalogue) -> None:
    wall_stretch = next(one.content for one in catalogue.exercises if one.slug == "wall_stretch")

    first = wall_stretch.checks[0]

    assert (first.id, first.right, first.fix, first.fault) == (
        "heel-down",
        "yes",
        "Take a smaller step back.",
        0,
    )


def test_every_check_has_a_right_answer_in_words_and_a_fix(catalogue: Catalogue) -> None:
    checks = [check for one in catalogue.exercises for check in one.content.checks]

    assert len(checks) == 56
    assert {check.right for check in checks} == {"yes"}
    assert [check.id for check in checks if not check.fix] == []


def test_a_check_with_a_picture_gives_the_fix_of_the_wrong_sign_with_that_picture(
    catalogue: Catalogue,
) -> None:
    differing = [
        (one.slug, check.id)
        for one in catalogue.exercises
        for check in one.content.checks
        if check.fault is not None
        and check.fix not in {w.fix for w in one.content.wrong_signs if w.fault == check.fault}
    ]

    assert differing == []


def test_only_walking_asks_whether_it_felt_safe(catalogue: Catalogue) -> None:
    marked = {
        (one.slug, check.id)
        for one in catalogue.exercises
        for check in one.content.checks
        if check.safety
    }

    assert marked == {("walking_stick", "felt-safe"), ("walking_frame", "felt-safe")}


def test_only_standing_up_without_hands_is_optional(catalogue: Catalogue) -> None:
    marked = {
        (one.slug, check.id)
        for one in catalogue.exercises
        for check in one.content.checks
        if check.optional
    }

    assert marked == {("sit_to_stand", "no-hands")}


def test_walking_comes_in_two_forms_among_the_core_six(catalogue: Catalogue) -> None:
    core = {one.slug for one in catalogue.exercises if one.content.core_six}
    variants = {one.slug: one.content.variant_of for one in catalogue.exercises}

    assert core == {
        "wall_stretch",
        "leg_crossover",
        "knee_twist",
        "knee_hug",
        "walking_stick",
        "walking_frame",
        "leg_press",
    }
    assert variants["walking_frame"] == "walking_stick"


@pytest.mark.parametrize(
    ("slug", "measures"),
    [
        ("wall_stretch", ("hold",)),
        ("bridging", ("repetitions", "hold")),
        ("sit_to_stand", ("repetitions",)),
        ("walking_stick", ("duration", "distance", "steps")),
        ("side_stepping", ("steps",)),
    ],
)
def test_measures_that_an_exercise_allows(
    catalogue: Catalogue, slug: str, measures: tuple[str, ...]
) -> None:
    content = next(one.content for one in catalogue.exercises if one.slug == slug)

    assert content.measures == measures


def test_six_leg_exercises_are_the_six(catalogue: Catalogue) -> None:
    program = next(one for one in catalogue.programs if one.slug == "six_leg_exercises")

    assert program.content.exercises == (
        "wall_stretch",
        "leg_crossover",
        "knee_twist",
        "knee_hug",
        "walking_stick",
        "leg_press",
    )
    assert program.content.weeks == 6


def test_measures_without_a_range_and_a_named_source_are_not_offered(
    catalogue: Catalogue,
) -> None:
    offered = {one.slug for one in catalogue.measures if one.content.is_offered}

    assert offered == {
        "gait_speed",
        "six_minute_walk",
        "berg_balance",
        "timed_up_and_go",
        "fugl_meyer_le",
        "pain_nrs",
        "functional_ambulation",
        "balance_confidence",
        "modified_ashworth",
    }


def test_a_change_without_a_named_source_is_marked_as_not_seen(catalogue: Catalogue) -> None:
    unnamed = {
        change.seen
        for one in catalogue.measures
        for change in one.content.changes
        if not change.source
    }

    assert unnamed == {"reported"}


def test_gait_speed_reads_its_error_by_the_speed_before(catalogue: Catalogue) -> None:
    gait = next(one.content for one in catalogue.measures if one.slug == "gait_speed")

    by_speed = [
        (change.variant, change.value, change.baseline)
        for change in gait.changes
        if change.kind == "mdc" and change.baseline
    ]

    below, middle, above = (
        Baseline(of="gait_speed", variant="comfortable", **edges)
        for edges in ({"below": 0.4}, {"at_least": 0.4, "at_most": 0.8}, {"above": 0.8})
    )
    assert by_speed == [
        ("comfortable", 0.05, below),
        ("comfortable", 0.11, middle),
        ("comfortable", 0.21, above),
        ("maximum", 0.04, below),
        ("maximum", 0.12, middle),
        ("maximum", 0.19, above),
    ]


def test_every_instrument_that_is_offered_has_both_ends_and_a_source_for_each_figure_it_uses(
    catalogue: Catalogue,
) -> None:
    for one in (each.content for each in catalogue.measures if each.content.is_offered):
        assert one.codes or (one.range is not None and one.range.high is not None), one.name
        assert any(change.source for change in one.changes), one.name


def test_items_that_need_permission_are_not_shown(catalogue: Catalogue) -> None:
    confidence = next(one.content for one in catalogue.measures if one.slug == "balance_confidence")

    assert "needs permission" in confidence.note
    assert (confidence.range, confidence.codes) == (ScoreRange(low=0, high=100), ())


def test_safety_asks_four_questions_each_with_what_to_put_right(catalogue: Catalogue) -> None:
    questions = catalogue.safety.before

    assert [(one.id, one.right, bool(one.fix)) for one in questions] == [
        ("well", "yes", True),
        ("floor", "yes", True),
        ("shoes", "yes", True),
        ("aid", "yes", True),
    ]


def test_safety_names_every_red_flag_and_the_list_to_confirm(catalogue: Catalogue) -> None:
    safety = catalogue.safety

    assert [line.id for line in safety.stop_now] == [
        "chest-pain",
        "faint",
        "breath",
        "new-weakness",
        "headache",
        "fall",
    ]
    assert [line.id for line in safety.stop_and_tell] == [
        "sharp-pain",
        "pain-next-day",
        "calf",
        "gives-way",
    ]
    assert len(safety.screening) == 6


def test_each_exercise_reads_at_grade_2_or_below(catalogue: Catalogue) -> None:
    hardest = max(grade(patient_texts(one.content)) for one in catalogue.exercises)

    assert hardest < 2


def test_no_sentence_to_a_patient_is_longer_than_18_words(catalogue: Catalogue) -> None:
    said = [
        sentence
        for one in catalogue.exercises
        for sentence in sentences(patient_texts(one.content))
        if len(sentence.split()) > 18
    ]

    assert said == []


def test_words_for_clinicians_do_not_reach_patients(catalogue: Catalogue) -> None:
    words = ("Clonus", "Neglect", "Osteoporosis", "Pusher")

    for_patients = [
        precaution.text
        for one in catalogue.exercises
        for precaution in one.content.precautions
        if precaution.for_patient and any(word in precaution.text for word in words)
    ]

    assert for_patients == []
