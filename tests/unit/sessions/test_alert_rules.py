"""Every alert rule at, just below and just above each of its numbers, with null answers and held."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.alert_rules import (
    OF_A_LINE,
    RULES,
    SEVERITIES,
    Because,
    Earlier,
    Previous,
    Raised,
    ResultSaid,
    SessionSaid,
    met_on_line,
    no_contact_severity,
    raised_by,
)
from sessions.symptoms import SYMPTOMS
from sessions.thresholds import DEFAULTS, LIMITS, NAMES, Thresholds, loosened, out_of_order

NOW, FIRST, SECOND, THIRD = (uuid.UUID(int=number) for number in range(1, 5))
NOTHING_BEFORE = Previous()
HEEL, BRIDGE = uuid.UUID(int=100), uuid.UUID(int=200)


def session(*results: ResultSaid, **said: Any) -> SessionSaid:
    return SessionSaid(id=NOW, results=results, **said)


def heel(**said: Any) -> ResultSaid:
    return ResultSaid(line=HEEL, **said)


def bridge(**said: Any) -> ResultSaid:
    return ResultSaid(line=BRIDGE, **said)


def previous(pain_after: int | None = None, **of_heel: tuple[str, ...]) -> Previous:
    """What was said before; of a line rule, newest first, by three earlier sessions."""
    return Previous(
        pain_after=pain_after,
        of_lines={
            (rule, HEEL): [
                Earlier(key, said) for key, said in zip((FIRST, SECOND, THIRD), told, strict=False)
            ]
            for rule, told in of_heel.items()
        },
    )


def severities(
    said: SessionSaid, before: Previous = NOTHING_BEFORE, limits=DEFAULTS
) -> dict[str, str]:
    raised = raised_by(said, before, limits)
    assert len({(each.rule, each.line) for each in raised}) == len(raised)
    return {each.rule: each.severity for each in raised}


def tighter(**numbers: int) -> Thresholds:
    return msgspec.structs.replace(DEFAULTS, **numbers)


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
    alarmed = session(heel(safety_no=True), bridge(safety_no=True), counts=counts)

    assert severities(alarmed) == {"safety_check": "high"}
    assert severities(session(heel(), bridge(), counts=counts)) == {}


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


# ---- Several sessions running --------------------------------------------------------------------

SKIP, EASY, HARD, ASK = "skipped_for_pain", "too_easy", "too_hard", "unsure"
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


# ---- Symptoms, and all together ------------------------------------------------------------------


@pytest.mark.parametrize("symptom", SYMPTOMS, ids=lambda each: each.id)
@pytest.mark.parametrize("counts", [True, False], ids=["counted", "held"])
def test_each_symptom_is_a_rule_of_its_own(symptom, counts):
    told = severities(session(symptoms=[symptom.id], counts=counts))

    assert told == ({symptom.id: symptom.severity} if symptom.severity else {})


def test_everything_at_once_raises_each_rule_once():
    said = session(
        heel(pain=7, ceiling=3, skipped="pain", difficulty="too_hard", safety_no=True,
             checks={"a": "unsure"}),
        symptoms=["dizziness", "chest_pain"], pain_before=1, pain_after=9, effort=8,
    )  # fmt: skip
    before = previous(2, skipped_for_pain=(SKIP,), too_hard=(HARD, HARD), unsure=(ASK, ASK))

    assert severities(said, before) == {
        "chest_pain": "emergency", "dizziness": "high", "pain_after": "critical",
        "exercise_pain": "critical", "safety_check": "high", "effort": "medium",
        "skipped_for_pain": "high", "too_hard": "suggestion", "unsure": "suggestion",
    }  # fmt: skip


RESULTS = st.builds(
    ResultSaid,
    line=st.sampled_from([HEEL, BRIDGE]),
    pain=st.none() | st.integers(0, 10),
    ceiling=st.none() | st.integers(0, 10),
    skipped=st.sampled_from(["", "pain", "fatigue"]),
    difficulty=st.sampled_from(["", "too_easy", "just_right", "too_hard"]),
    is_complete=st.booleans(),
    safety_no=st.booleans(),
    checks=st.dictionaries(st.sampled_from("ab"), st.sampled_from(["yes", "no", "unsure"])),
)
SESSIONS = st.builds(
    SessionSaid,
    id=st.just(NOW),
    counts=st.booleans(),
    symptoms=st.lists(st.sampled_from([each.id for each in SYMPTOMS]), unique=True),
    pain_before=st.none() | st.integers(0, 10),
    pain_after=st.none() | st.integers(0, 10),
    effort=st.none() | st.integers(0, 10),
    results=st.lists(RESULTS, max_size=6),
)


@settings(deadline=None)
@given(said=SESSIONS, earlier=st.none() | st.integers(0, 10), run=st.integers(0, 3))
def test_whatever_is_said(said, earlier, run):
    before = previous(earlier, **{rule: (rule,) * run for rule in OF_A_LINE})

    raised = raised_by(said, before, DEFAULTS)

    assert len({(each.rule, each.line) for each in raised}) == len(raised)
    assert {each.rule for each in raised} <= set(RULES)
    assert {each.severity for each in raised} <= set(SEVERITIES)
    assert all((each.line is not None) is (each.rule in OF_A_LINE) for each in raised)
    held = raised_by(dataclasses.replace(said, counts=False), before, DEFAULTS)
    assert held == [each for each in raised if each.rule not in OF_A_LINE and each.rule != "effort"]


@settings(deadline=None)
@given(said=SESSIONS, name=st.sampled_from(NAMES), earlier=st.none() | st.integers(0, 10))
def test_a_tighter_number_raises_all_that_a_looser_one_does(said, name, earlier):
    least, most = LIMITS[name]
    ends = sorted(
        (tighter(**{name: number}) for number in (least, most)),
        key=lambda one: len(loosened(now=DEFAULTS, wanted=one)),
    )
    before = previous(earlier, skipped_for_pain=(SKIP,), too_hard=(HARD, HARD))

    tight, loose = (set(severities(said, before, one)) for one in ends)

    assert loose <= tight


# ---- Silence -------------------------------------------------------------------------------------

# expected days, active days, is there a line with fixed weekdays → severity
SILENCES = [
    (0, 0, True, None),
    (2, 6, True, None),
    (3, 3, True, "medium"),
    (4, 5, True, "medium"),
    (2, 13, True, None),
    (2, 14, True, "high"),
    (0, 14, True, "high"),
    (14, 20, True, "high"),
    (0, 21, True, "critical"),
    (22, 22, True, "critical"),
    (0, 6, False, None),
    (5, 6, False, None),
    (0, 7, False, "medium"),
    (0, 8, False, "medium"),
    (0, 13, False, "medium"),
    (0, 14, False, "high"),
    (0, 20, False, "high"),
    (0, 21, False, "critical"),
]


@pytest.mark.parametrize(("expected", "active", "has_weekdays", "severity"), SILENCES)
def test_how_grave_a_silence_is(expected, active, has_weekdays, severity):
    told = no_contact_severity(
        expected_days=expected, active_days=active, has_weekdays=has_weekdays, limits=DEFAULTS
    )

    assert told == severity


# ---- The numbers ---------------------------------------------------------------------------------


def test_the_platforms_own_numbers_are_those_of_the_contract():
    assert msgspec.structs.asdict(DEFAULTS) == {
        "pain_after_critical": 7, "pain_after_medium": 5, "pain_rise_high": 3,
        "pain_above_previous_high": 2, "pain_above_previous_from": 4,
        "exercise_pain_critical": 7, "exercise_pain_high": 6, "effort_above_ceiling": 1,
        "skipped_for_pain_sessions": 2, "no_contact_expected_days": 3,
        "no_contact_active_days": 7, "no_contact_high_days": 14, "no_contact_critical_days": 21,
        "low_adherence_percent": 50, "low_adherence_weeks": 2, "suggestion_sessions": 3,
    }  # fmt: skip
    assert out_of_order(DEFAULTS) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_number_can_switch_a_rule_off_and_each_default_lies_within(name):
    least, most = LIMITS[name]

    assert least <= getattr(DEFAULTS, name) <= most
    assert most <= (10 if "pain" in name and not name.endswith("sessions") else 80)
    assert least >= 1


@pytest.mark.parametrize("name", NAMES)
def test_which_way_each_number_is_looser(name):
    number = getattr(DEFAULTS, name)
    looser = number - 1 if name == "low_adherence_percent" else number + 1
    tight = number + 1 if name == "low_adherence_percent" else number - 1

    assert loosened(now=DEFAULTS, wanted=tighter(**{name: looser})) == [name]
    assert loosened(now=DEFAULTS, wanted=tighter(**{name: tight})) == []
    assert loosened(now=tighter(**{name: tight}), wanted=DEFAULTS) == [name]
    assert loosened(now=DEFAULTS, wanted=DEFAULTS) == []


@pytest.mark.parametrize(
    ("numbers", "named"),
    [
        ({"pain_after_medium": 7}, []),
        ({"pain_after_medium": 6, "pain_after_critical": 5},
         [("pain_after_medium", "pain_after_critical")]),
        ({"exercise_pain_high": 8}, [("exercise_pain_high", "exercise_pain_critical")]),
        ({"no_contact_active_days": 14}, []),
        ({"no_contact_high_days": 6}, [("no_contact_active_days", "no_contact_high_days")]),
        ({"no_contact_high_days": 22}, [("no_contact_high_days", "no_contact_critical_days")]),
    ],
)  # fmt: skip
def test_a_lesser_row_never_lies_above_its_graver_one(numbers, named):
    assert out_of_order(tighter(**numbers)) == named
