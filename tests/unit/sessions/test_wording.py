from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.feedback import judge
from sessions.wording import phrases_for, phrases_of, words_for
from tests.unit.sessions.facts import (
    EIGHT_TO_TWELVE,
    EVERY_CHECK,
    FIVE_HOLDS,
    TEN_MINUTES,
    THOUSAND_STEPS,
    THREE_BY_TEN,
    THREE_HUNDRED_METRES,
    Asked,
    holds,
    metres,
    reps,
    result,
    seconds,
    steps,
)
from tests.unit.sessions.reading import grade

ONE_BY_TEN = Asked(sets=1, repetitions=10)


def read(*, red_flag=False, **changes):
    facts = result(**changes)
    return words_for(facts, judge(facts, red_flag=red_flag))


def test_seven_of_ten_counts():
    assert read(dose=ONE_BY_TEN, sets=reps(7)) == "7 of 10. That counts."


PARTS = [
    ("repetitions", THREE_BY_TEN, reps(10, 10, 5), "25 of 30. That counts."),
    ("repetitions", THREE_BY_TEN, reps(1), "1 of 30. That counts."),
    # Thirty at once earn one set of three: "10 of 30" would not be true.
    ("repetitions", THREE_BY_TEN, reps(30), "1 of 3 full sets. That counts."),
    ("repetitions", EIGHT_TO_TWELVE, reps(10, 5), "1 of 2 full sets. That counts."),
    ("repetitions", EIGHT_TO_TWELVE, reps(8, 5), "13 of 16. That counts."),
    ("hold", FIVE_HOLDS, holds((5, 20), (3, 20)), "8 of 10 full holds. That counts."),
    ("hold", FIVE_HOLDS, holds((5, 20), (0, 0)), "5 of 10 full holds. That counts."),
    ("hold", FIVE_HOLDS, holds((5, 10), (5, 10)), "100 of 200 seconds. That counts."),
    ("hold", FIVE_HOLDS, holds((2, 10)), "20 of 200 seconds. That counts."),
    ("hold", FIVE_HOLDS, holds((4, 30)), "You did some of it. That counts."),
    ("hold", FIVE_HOLDS, holds((5, 30)), "1 of 2 full sets. That counts."),
    ("hold", Asked(repetitions=1, hold_seconds=1), holds((0, 1), (1, 1)), "You did it all."),
    ("duration", TEN_MINUTES, seconds(360), "6 of 10 minutes. That counts."),
    ("duration", TEN_MINUTES, seconds(330), "330 of 600 seconds. That counts."),
    ("duration", Asked(duration_seconds=60), seconds(59), "59 of 60 seconds. That counts."),
    ("duration", Asked(duration_seconds=90), seconds(60), "60 of 90 seconds. That counts."),
    ("distance", THREE_HUNDRED_METRES, metres(150), "150 of 300 metres. That counts."),
    ("steps", THOUSAND_STEPS, steps(800), "800 of 1000 steps. That counts."),
]


@pytest.mark.parametrize(("measure", "dose", "sets", "expected"), PARTS)
def test_a_part_is_told_in_the_lines_own_measure(measure, dose, sets, expected):
    assert read(measure=measure, dose=dose, sets=sets) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "You did it all."),
        (
            {"sets": reps(10, 10, 11)},
            "You did it all. That is more than your plan. Your plan is enough.",
        ),
        ({"best_before": 29}, "You did it all. Your best so far."),
        ({"checks": {"heel-down": "yes"}}, "You did it all. You did it the right way."),
        ({"checks": {"felt-safe": "yes"}}, "You did it all."),
        ({"schedule": "as_needed", "sets": reps(2)}, "You did it. That counts."),
        ({"schedule": None, "dose": None, "sets": reps(2)}, "You did it. That counts."),
        (
            {"sets": reps(10, 10, 5), "checks": {"heel-down": "yes"}, "best_before": 20},
            "25 of 30. That counts. You did it the right way. Your best so far.",
        ),
        (
            {"sets": reps(5), "checks": {"heel-down": "no"}, "pain": 3},
            "Not yet. Take a smaller step back. Try one more.",
        ),
        (
            {"sets": reps(5), "checks": {"heel-down": "no"}, "pain": 4, "best_before": 1},
            "Not yet. Take a smaller step back. Next time.",
        ),
        ({"checks": {"heel-down": "unsure"}}, "Not sure? That is fine. Look at the picture."),
        (
            {"sets": [], "skipped": "fatigue"},
            "Not this time. That is all right. It will be here for you next time.",
        ),
        ({"sets": reps(0)}, "Not this time. That is all right. It will be here for you next time."),
        ({"pain": 6, "best_before": 1}, "Stop this one for today. Your therapist will know."),
        ({"red_flag": True, "best_before": 1}, "Stop now. Read what to do."),
    ],
)
def test_what_the_patient_reads_under_each_verdict(changes, expected):
    assert read(**changes) == expected


@pytest.mark.parametrize(
    ("dose", "measure", "key", "text"),
    [
        (Asked(sets=1, duration_seconds=60), "duration", "part_minutes", "{done} of 1 minute."),
        (Asked(sets=2, duration_seconds=60), "duration", "part_minutes", "{done} of 2 minutes."),
        (Asked(sets=1, repetitions=1), "repetitions", "part_sets", "{done} of 1 full set."),
        (Asked(repetitions=1, hold_seconds=9), "hold", "part_holds", "{done} of 1 full hold."),
        (Asked(steps=1), "steps", "part_steps", "{done} of 1 step."),
        (Asked(distance_m=1), "distance", "part_metres", "{done} of 1 metre."),
    ],
)
def test_one_of_a_thing_is_singular(dose, measure, key, text):
    assert phrases_for(measure, dose)[key] == text


def test_a_time_that_is_no_whole_minute_is_told_in_seconds():
    assert set(phrases_for("duration", Asked(duration_seconds=90))) >= {"part_seconds"}
    assert "part_minutes" not in phrases_for("duration", Asked(duration_seconds=90))


def test_off_the_plan_no_amount_is_named():
    assert not [key for key in phrases_for("steps", None) if key.endswith(("_sets", "_steps"))]


def test_a_fix_with_braces_is_shown_as_it_is():
    strange = [type(EVERY_CHECK[0])(id="heel-down", fix="Like {this}, 100 of 100.")]
    text = read(sets=reps(5), definitions=strange, checks={"heel-down": "no"})
    assert text == "Not yet. Like {this}, 100 of 100. Try one more."


DOSES = [
    ("repetitions", THREE_BY_TEN),
    ("repetitions", EIGHT_TO_TWELVE),
    ("hold", FIVE_HOLDS),
    ("duration", TEN_MINUTES),
    ("distance", THREE_HUNDRED_METRES),
    ("steps", THOUSAND_STEPS),
    ("repetitions", None),
]
HARSH = ("fail", "wrong", "bad", "miss", "should", "must", "only", "streak", "lazy", "poor")


@pytest.mark.parametrize(("measure", "dose"), DOSES)
def test_every_sentence_is_plain_short_and_without_blame_or_percentage(measure, dose):
    for text in phrases_for(measure, dose).values():
        shown = text.format_map({"done": 3, "fix": "Take a smaller step back."})
        assert grade(shown) <= 6, shown
        assert len(shown.split()) <= 15
        assert "%" not in shown
        assert not [word for word in HARSH if word in shown.lower()]


@pytest.mark.parametrize(("measure", "dose"), DOSES)
def test_the_sentences_are_plain_data_for_the_plan(measure, dose):
    phrases = phrases_for(measure, dose)
    assert json.loads(json.dumps(phrases)) == phrases


def test_the_small_reading_grade_tells_easy_from_hard():
    assert grade("Sit down. Tell someone.") < 3
    assert grade("Discontinue participation immediately; cardiovascular instability.") > 12


AMOUNTS = {
    "repetitions": (THREE_BY_TEN, reps),
    "hold": (FIVE_HOLDS, lambda a, b: holds((a, b), (b, a))),
    "duration": (TEN_MINUTES, lambda a, b: seconds(a * 20, b)),
    "distance": (THREE_HUNDRED_METRES, lambda a, b: metres(a * 10, b)),
    "steps": (THOUSAND_STEPS, lambda a, b: steps(a * 30, b)),
}


@given(
    measure=st.sampled_from(sorted(AMOUNTS)),
    a=st.integers(0, 40),
    b=st.integers(0, 40),
    schedule=st.sampled_from(["weekdays", "as_needed", None]),
    checks=st.dictionaries(
        st.sampled_from([check.id for check in EVERY_CHECK]),
        st.sampled_from(["yes", "no", "unsure"]),
    ),
    pain=st.none() | st.integers(0, 10),
    red_flag=st.booleans(),
)
def test_any_judgement_is_told_and_praise_only_where_it_is_due(
    *, measure, a, b, schedule, checks, pain, red_flag
):
    dose, make = AMOUNTS[measure]
    facts = result(
        measure=measure, dose=dose, sets=make(a, b), schedule=schedule, checks=checks, pain=pain
    )
    judgement = judge(facts, red_flag=red_flag)

    text = words_for(facts, judgement)
    keys = [phrase.key for phrase in phrases_of(facts, judgement)]

    assert text.strip()
    assert "{" not in text
    assert ("form" in keys) is judgement.praise_form
    assert ("did_it_all" in keys) is (judgement.verdict == "right" and schedule == "weekdays")
    if judgement.verdict in {"stop", "stop_exercise", "not_done", "not_yet", "ask"}:
        assert not {"form", "best", "exceeded", "counts"} & set(keys)


@given(counts=st.lists(st.integers(0, 15), max_size=3))
def test_the_amount_told_is_the_amount_done(counts):
    facts = result(sets=reps(*counts))
    for phrase in phrases_of(facts, judge(facts, red_flag=False)):
        if phrase.key == "part_repetitions":
            assert phrase.values["done"] == sum(counts)
        if phrase.key == "part_sets":
            assert phrase.values["done"] == len([count for count in counts if count >= 10])
