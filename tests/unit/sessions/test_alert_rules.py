"""Every alert rule at, just below and just above each of its numbers, with null answers and held."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from sessions.alert_rules import (
    Because,
    Earlier,
    Previous,
    Raised,
    ResultSaid,
    met_on_line,
    raised_by,
)
from sessions.thresholds import DEFAULTS
from tests.unit.sessions.said import (
    ASK,
    BRIDGE,
    EASY,
    FIRST,
    HARD,
    HEEL,
    NOW,
    SECOND,
    SKIP,
    heel,
    previous,
    session,
    severities,
    tighter,
)


def bridge(**said: Any) -> ResultSaid:
    return ResultSaid(line=BRIDGE, **said)


# ---- Pain after ----------------------------------------------------------------------------------

# pain after, before the session, in the previous session → severity
PAIN_AFTER = [
    (None, None, None, None),
    (None, 0, 0, None),
    # at least 7, whatever it was before
    (6, None, None, None),
    (7, None, None, "critical"),
    (8, None, None, "critical"),
    (10, 10, 10, "critical"),
    # 3 above before
    (2, 0, None, None),
    (3, 0, None, "high"),
    (4, 0, None, "high"),
    (6, 4, None, None),
    (6, 3, None, "high"),
    (6, 7, None, None),
    # 2 above the previous, from 4 on
    (3, None, 1, None),
    (4, None, 3, None),
    (4, None, 2, "high"),
    (4, None, 1, "high"),
    (5, None, 3, "high"),
    # at least 5 and above the previous
    (4, None, 4, None),
    (5, None, 5, None),
    (5, None, 4, "medium"),
    (6, None, 5, "medium"),
    (6, None, 6, None),
    (5, None, 6, None),
    (5, None, None, None),
    (6, None, None, None),
    # the most severe row alone
    (7, 4, 5, "critical"),
    (6, 3, 5, "high"),
    (6, 5, 5, "medium"),
]


@pytest.mark.parametrize(("after", "before", "earlier", "severity"), PAIN_AFTER)
@pytest.mark.parametrize("counts", [True, False], ids=["counted", "held"])
def test_pain_after(after, before, earlier, severity, counts):
    said = session(pain_after=after, pain_before=before, counts=counts)

    expected = {"pain_after": severity} if severity else {}
    assert severities(said, previous(earlier)) == expected


def test_pain_after_says_what_it_was_compared_with():
    [raised] = raised_by(session(pain_after=6, pain_before=2), previous(5), DEFAULTS)

    assert raised == Raised(
        rule="pain_after", severity="high", because=Because(amount=6, before=2, previous=5)
    )


@pytest.mark.parametrize(
    ("numbers", "after", "before", "earlier", "severity"),
    [
        ({"pain_after_critical": 5}, 5, None, None, "critical"),
        ({"pain_after_critical": 5}, 4, None, None, None),
        ({"pain_after_critical": 10}, 9, None, None, None),
        ({"pain_after_critical": 10}, 10, None, None, "critical"),
        ({"pain_rise_high": 2}, 2, 0, None, "high"),
        ({"pain_above_previous_high": 1}, 4, None, 3, "high"),
        ({"pain_above_previous_from": 3}, 3, None, 1, "high"),
        ({"pain_after_medium": 3}, 3, None, 2, "medium"),
        ({"pain_after_medium": 3}, 2, None, 1, None),
    ],
)
def test_pain_after_by_the_clinics_own_numbers(numbers, after, before, earlier, severity):
    said = session(pain_after=after, pain_before=before)

    assert severities(said, previous(earlier), tighter(**numbers)).get("pain_after") == severity


# ---- Pain of an exercise, safety checks, effort --------------------------------------------------


@pytest.mark.parametrize(
    ("pains", "severity"),
    [
        ([], None),
        ([None], None),
        ([0], None),
        ([5], None),
        ([6], "high"),
        ([7], "critical"),
        ([10], "critical"),
        ([None, 6], "high"),
        ([6, 7, 2], "critical"),
        ([5, 5], None),
    ],
)
@pytest.mark.parametrize("counts", [True, False], ids=["counted", "held"])
def test_pain_of_an_exercise(pains, severity, counts):
    said = session(*[heel(pain=pain) for pain in pains], counts=counts)

    assert severities(said) == ({"exercise_pain": severity} if severity else {})


def test_the_clinics_own_numbers_of_exercise_pain():
    limits = tighter(exercise_pain_high=3, exercise_pain_critical=4)

    told = [severities(session(heel(pain=pain)), limits=limits) for pain in (2, 3, 4)]

    assert told == [{}, {"exercise_pain": "high"}, {"exercise_pain": "critical"}]


@pytest.mark.parametrize("counts", [True, False], ids=["counted", "held"])
def test_a_safety_check_that_is_answered_no(counts):
    alarmed = session(heel(safety_no="felt-safe"), bridge(safety_no="felt-safe"), counts=counts)

    assert severities(alarmed) == {"safety_check": "high"}
    assert severities(session(heel(), bridge(), counts=counts)) == {}


# the pains of heel raises and of bridging → whose line it is about, and how much it hurt
HURT = [((7, None), HEEL, 7), ((None, 6), BRIDGE, 6), ((6, 8), BRIDGE, 8), ((7, 7), HEEL, 7)]


@pytest.mark.parametrize(("pains", "line", "amount"), HURT)
def test_pain_of_an_exercise_says_of_which(pains, line, amount):
    said = session(heel(pain=pains[0]), bridge(pain=pains[1]))

    [raised] = raised_by(said, previous(), DEFAULTS)

    assert (raised.line, raised.because) == (None, Because(amount=amount, line=line))


def test_a_safety_check_says_which_and_of_which_exercise():
    said = session(heel(), bridge(safety_no="felt-safe"), heel(safety_no="steady"))

    [raised] = raised_by(said, previous(), DEFAULTS)

    assert (raised.line, raised.because) == (None, Because(line=BRIDGE, check="felt-safe"))


# effort, the lines' ceilings → raised
EFFORTS = [
    (None, [4], False),
    (3, [4], False),
    (4, [4], False),
    (5, [4], True),
    (5, [None], False),
    (5, [], False),
    (10, [None, None], False),
    (5, [4, 6], True),
    (5, [6, 5], False),
    (6, [None, 5], True),
    (0, [0], False),
    (1, [0], True),
    (10, [10], False),
]


@pytest.mark.parametrize(("effort", "ceilings", "is_raised"), EFFORTS)
def test_effort_against_the_lowest_ceiling_of_the_sessions_lines(effort, ceilings, is_raised):
    said = session(*[heel(ceiling=each) for each in ceilings], effort=effort)

    assert severities(said) == ({"effort": "medium"} if is_raised else {})
    assert severities(dataclasses.replace(said, counts=False)) == {}


def test_effort_says_which_ceiling():
    [raised] = raised_by(
        session(heel(ceiling=4), bridge(ceiling=6), effort=6), Previous(), DEFAULTS
    )

    assert raised.because == Because(amount=6, ceiling=4)
    assert (
        severities(session(heel(ceiling=4), effort=6), limits=tighter(effort_above_ceiling=3)) == {}
    )


SAYING = {
    SKIP: heel(skipped="pain"),
    EASY: heel(difficulty="too_easy", is_complete=True),
    HARD: heel(difficulty="too_hard"),
    ASK: heel(checks={"heel-down": "unsure"}),
}


# rule, what earlier sessions of the line said, newest first → raised
RUNS = [
    (SKIP, (), False),
    (SKIP, ("",), False),
    (SKIP, (SKIP,), True),
    (SKIP, ("", SKIP), False),
    (SKIP, (SKIP, ""), True),
    *[
        case
        for rule in (EASY, HARD, ASK)
        for case in [
            (rule, (), False),
            (rule, (rule,), False),
            (rule, (rule, rule), True),
            (rule, (rule, ""), False),
            (rule, ("", rule, rule), False),
            (rule, (rule, rule, ""), True),
        ]
    ],
]


@pytest.mark.parametrize(("rule", "earlier", "is_raised"), RUNS)
def test_a_line_over_several_sessions_running(rule, earlier, is_raised):
    said = session(SAYING[rule])

    raised = raised_by(said, previous(**{rule: earlier}), DEFAULTS)

    run = 2 if rule == SKIP else 3
    expected = Raised(
        rule=rule,
        severity="high" if rule == SKIP else "suggestion",
        line=HEEL,
        because=Because(sessions=(NOW, FIRST, SECOND)[:run]),
    )
    assert raised == ([expected] if is_raised else [])


@pytest.mark.parametrize("rule", [SKIP, EASY, HARD, ASK])
def test_a_held_session_waits_with_what_is_not_safety(rule):
    said = session(SAYING[rule], counts=False)

    assert severities(said, previous(**{rule: (rule, rule)})) == {}


@pytest.mark.parametrize("rule", [SKIP, EASY, HARD, ASK])
def test_the_run_is_over_where_this_session_does_not_say_it(rule):
    said = session(heel(difficulty="just_right", is_complete=True, checks={"heel-down": "yes"}))

    assert severities(said, previous(**{rule: (rule, rule)})) == {}


@pytest.mark.parametrize("rule", [SKIP, EASY, HARD, ASK])
def test_what_another_line_said_is_not_this_lines(rule):
    said = session(dataclasses.replace(SAYING[rule], line=BRIDGE))

    assert severities(said, previous(**{rule: (rule, rule)})) == {}


def test_two_lines_raise_their_own_alerts():
    before = Previous(of_lines={(SKIP, line): [Earlier(FIRST, SKIP)] for line in (HEEL, BRIDGE)})

    raised = raised_by(session(heel(skipped="pain"), bridge(skipped="pain")), before, DEFAULTS)

    assert [(each.rule, each.line) for each in raised] == [(SKIP, HEEL), (SKIP, BRIDGE)]


def test_a_clinic_may_ask_for_other_lengths():
    assert severities(session(SAYING[SKIP]), limits=tighter(skipped_for_pain_sessions=1)) == {
        SKIP: "high"
    }
    assert severities(
        session(SAYING[HARD]), previous(too_hard=(HARD,)), tighter(suggestion_sessions=2)
    ) == {HARD: "suggestion"}


# what the results of one line say → the rules that they meet
ON_ONE_LINE = [
    ([], []),
    ([heel()], []),
    ([heel(skipped="fatigue")], []),
    ([heel(skipped="pain")], [SKIP]),
    ([heel(skipped="pain"), heel()], [SKIP]),
    ([heel(difficulty="too_easy")], []),
    ([heel(difficulty="too_easy", is_complete=True)], [EASY]),
    ([heel(difficulty="too_easy", is_complete=True), heel()], [EASY]),
    ([heel(difficulty="too_easy", is_complete=True), heel(difficulty="too_easy")], []),
    ([heel(difficulty="too_easy", is_complete=True), heel(difficulty="just_right")], []),
    ([heel(difficulty="too_hard"), heel(difficulty="too_easy", is_complete=True)], [HARD]),
    ([heel(difficulty="too_hard", is_complete=True)], [HARD]),
    ([heel(difficulty="just_right", is_complete=True)], []),
    ([heel(checks={"a": "yes", "b": "unsure"})], [ASK]),
    ([heel(checks={"a": "yes", "b": "no"})], []),
    ([heel(skipped="pain", difficulty="too_hard", checks={"a": "unsure"})], [SKIP, HARD, ASK]),
]


@pytest.mark.parametrize(("results", "met"), ON_ONE_LINE)
def test_what_one_session_says_of_a_line(results, met):
    assert met_on_line(results) == met
