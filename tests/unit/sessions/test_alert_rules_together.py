"""Alert rules: symptoms, everything at once, silence, and the numbers."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.alert_rules import (
    OF_A_LINE,
    RULES,
    SEVERITIES,
    ResultSaid,
    SessionSaid,
    no_contact_severity,
    raised_by,
)
from sessions.symptoms import SYMPTOMS
from sessions.thresholds import DEFAULTS, LIMITS, NAMES, loosened, out_of_order
from tests.unit.sessions.said import (
    ASK,
    BRIDGE,
    HARD,
    HEEL,
    NOW,
    SKIP,
    heel,
    previous,
    session,
    severities,
    tighter,
)

# ---- Symptoms, and all together ------------------------------------------------------------------


@pytest.mark.parametrize("symptom", SYMPTOMS, ids=lambda each: each.id)
@pytest.mark.parametrize("counts", [True, False], ids=["counted", "held"])
def test_each_symptom_is_a_rule_of_its_own(symptom, counts):
    told = severities(session(symptoms=[symptom.id], counts=counts))

    assert told == ({symptom.id: symptom.severity} if symptom.severity else {})


def test_everything_at_once_raises_each_rule_once():
    said = session(
        heel(pain=7, ceiling=3, skipped="pain", difficulty="too_hard", safety_no="felt-safe",
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
    safety_no=st.sampled_from(["", "felt-safe"]),
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
