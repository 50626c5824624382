"""Every instrument's limits, just below, at and above; and what a score says beside its number."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from programs.content import MeasureContent, ScoreRange
from programs.scores import AIDS, Score, faults, range_in_words, rank, score_of
from tests.factories.programs import shipped

MEASURES = {one.slug: one.content for one in shipped().measures}
ASHWORTH = MEASURES["modified_ashworth"]
BERG = MEASURES["berg_balance"]
GAIT = MEASURES["gait_speed"]

# How each instrument is done where it asks.
WAYS: dict[str, dict[str, str]] = {
    "gait_speed": {"variant": "comfortable", "aid": "stick"},
    "six_minute_walk": {"aid": "none"},
    "two_minute_walk": {"aid": "none"},
    "timed_up_and_go": {"aid": "frame"},
    "modified_ashworth": {"variant": "plantar_flexors", "side": "left"},
}
# The lowest and the highest score that each instrument takes, and the nearest that it does not.
LIMITS = [
    ("gait_speed", "0", "0.001", "5", "5.001"),
    ("six_minute_walk", "-0.001", "0", "1000", "1000.001"),
    ("two_minute_walk", "-0.001", "0", "500", "500.001"),
    ("timed_up_and_go", "0", "0.001", "600", "600.001"),
    ("five_times_sit_to_stand", "0", "0.001", "600", "600.001"),
    ("berg_balance", "-1", "0", "56", "57"),
    ("fugl_meyer_le", "-1", "0", "34", "35"),
    ("functional_ambulation", "-1", "0", "5", "6"),
    ("balance_confidence", "-0.001", "0", "100", "100.001"),
    ("pain_nrs", "-1", "0", "10", "11"),
]


def codes(content: MeasureContent, score: Score) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in faults(content, score)]


def scored(slug: str, value: str) -> Score:
    return Score(value=Decimal(value), **WAYS.get(slug, {}))


def test_every_instrument_has_its_limits_here() -> None:
    assert {slug for slug, *_ in LIMITS} | {"modified_ashworth"} == set(MEASURES)


@pytest.mark.parametrize(("slug", "below", "lowest", "highest", "above"), LIMITS)
def test_a_score_lies_in_the_range_of_its_instrument(
    slug: str, below: str, lowest: str, highest: str, above: str
) -> None:
    content = MEASURES[slug]

    assert codes(content, scored(slug, below)) == [("score", "out_of_range")]
    assert codes(content, scored(slug, lowest)) == []
    assert codes(content, scored(slug, highest)) == []
    assert codes(content, scored(slug, above)) == [("score", "out_of_range")]


@pytest.mark.parametrize("slug", [slug for slug, *_ in LIMITS])
def test_a_score_has_no_more_digits_than_its_instrument(slug: str) -> None:
    content = MEASURES[slug]
    limits = content.range
    assert limits is not None

    fault = [("score", "not_whole")] if limits.whole_numbers else []
    assert codes(content, scored(slug, "1.5")) == fault
    assert codes(content, scored(slug, "1.125")) == fault
    finer = fault or [("score", "too_precise")]
    assert codes(content, scored(slug, "1.1255")) == finer


def test_a_refusal_names_the_instrument_and_its_range() -> None:
    (fault,) = faults(BERG, Score(value=Decimal(57)))
    (slow,) = faults(GAIT, scored("gait_speed", "0"))

    assert fault.detail == "Berg Balance Scale: 0 to 56 points."
    assert slow.detail == "10-metre walk: above 0, up to 5 m/s."


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (ScoreRange(low=0, high=56), "0 to 56 s"),
        (ScoreRange(low=0, high=5, low_is_allowed=False), "above 0, up to 5 s"),
        (ScoreRange(low=0), "0 s and more"),
        (ScoreRange(low=0, low_is_allowed=False), "above 0 s"),
        (ScoreRange(low=-1.5, high=0), "-1.5 to 0 s"),
    ],
)
def test_a_range_in_words(limits: ScoreRange, words: str) -> None:
    assert range_in_words(limits, "s") == words


@pytest.mark.parametrize("code", ASHWORTH.codes)
def test_each_grade_of_ashworth_is_taken_as_its_code(code: str) -> None:
    score = score_of(code, is_unable=False, variant="knee_flexors", aid="", side="right")

    assert codes(ASHWORTH, score) == []
    assert (score.code, score.value) == (code, None)


def test_the_grades_of_ashworth_are_in_order_and_1_plus_lies_between_1_and_2() -> None:
    ordered = sorted(["4", "1+", "0", "2", "3", "1"], key=lambda code: rank(ASHWORTH, code))

    assert ordered == ["0", "1", "1+", "2", "3", "4"]


@pytest.mark.parametrize("given", [1, 1.5, 0, "1.5", "+1", "5", "1 +", "one"])
def test_a_number_or_an_unknown_code_is_no_grade(given: float | str) -> None:
    score = score_of(given, is_unable=False, variant="knee_flexors", aid="", side="right")

    assert codes(ASHWORTH, score) == [("score", "not_a_code")]


def test_a_code_is_no_number() -> None:
    score = score_of("45", is_unable=False, variant="", aid="", side="")

    assert codes(BERG, score) == [("score", "wrong_type")]


@pytest.mark.parametrize(
    ("given", "value"), [(0.83, "0.83"), (1, "1"), (0.1 + 0.2, "0.30000000000000004")]
)
def test_a_number_is_taken_as_it_was_written(given: float, value: str) -> None:
    taken = score_of(given, is_unable=False, variant="comfortable", aid="stick", side="")

    assert taken.value == Decimal(value)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"is_unable": True}, []),
        ({"is_unable": True, "value": Decimal(0)}, [("score", "score_or_unable")]),
        ({}, [("score", "score_or_unable")]),
        ({"value": Decimal(0)}, []),
    ],
)
def test_either_a_score_or_unable_and_0_is_a_score(
    fields: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert codes(BERG, Score(**fields)) == found


@pytest.mark.parametrize(
    ("slug", "way", "found"),
    [
        ("gait_speed", {"variant": "comfortable", "aid": "stick"}, []),
        ("gait_speed", {"variant": "maximum", "aid": "none"}, []),
        ("gait_speed", {"aid": "none"}, [("variant", "missing")]),
        ("gait_speed", {"variant": "comfortable"}, [("aid", "missing")]),
        ("gait_speed", {}, [("variant", "missing"), ("aid", "missing")]),
        ("gait_speed", {"variant": "fast", "aid": "none"}, [("variant", "unknown_variant")]),
        (
            "gait_speed",
            {"variant": "maximum", "aid": "none", "side": "left"},
            [("side", "not_asked")],
        ),
        ("berg_balance", {"variant": "short"}, [("variant", "not_asked")]),
        ("berg_balance", {"aid": "none"}, [("aid", "not_asked")]),
        ("six_minute_walk", {}, [("aid", "missing")]),
    ],
)
def test_a_score_says_how_it_was_done_where_its_instrument_asks(
    slug: str, way: dict[str, str], found: list[tuple[str, str]]
) -> None:
    assert codes(MEASURES[slug], Score(value=Decimal(1), **way)) == found


def test_a_grade_of_ashworth_names_its_muscle_and_its_side() -> None:
    assert codes(ASHWORTH, Score(code="1+")) == [("variant", "missing"), ("side", "missing")]


def test_unable_says_how_it_was_tried_too() -> None:
    assert codes(GAIT, Score(is_unable=True, variant="maximum")) == [("aid", "missing")]


def test_walking_without_an_aid_is_an_answer() -> None:
    assert AIDS[0] == "none"
    assert len(set(AIDS)) == len(AIDS) == 10
