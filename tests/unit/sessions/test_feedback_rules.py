"""The rule table as data: what the phone is given, and that it says what the contract says."""

from __future__ import annotations

import dataclasses
import json
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sessions.feedback import RULES_VERSION, judge, known_facts, rule_table
from tests.unit.sessions.facts import EVERY_CHECK, THREE_BY_TEN, reps, result

SOME = reps(10, 10, 9)
TABLE_1 = [
    {"verdict": "stop", "when_any": [{"fact": "red_flag", "op": "is", "value": True}]},
    {
        "verdict": "stop_exercise",
        "when_any": [
            {"fact": "pain", "op": "at_least", "value": 6},
            {"fact": "safety_check_no", "op": "is", "value": True},
        ],
    },
    {"verdict": "not_done", "when_any": [{"fact": "done", "op": "is", "value": False}]},
    {
        "verdict": "not_yet",
        "when_any": [{"fact": "check_wrong", "op": "is", "value": True}],
        "fix": "first",
        "next": [
            {
                "next": "try_one_more",
                "when_all": [
                    {"fact": "pain", "op": "below", "value": 4},
                    {"fact": "dose_incomplete", "op": "is", "value": True},
                ],
            },
            {"next": "next_time", "when_all": []},
        ],
    },
    {"verdict": "ask", "when_any": [{"fact": "check_unsure", "op": "is", "value": True}]},
    {"verdict": "part", "when_any": [{"fact": "completion_below_1", "op": "is", "value": True}]},
    {"verdict": "right", "when_any": [{"fact": "done", "op": "is", "value": True}]},
]


def test_the_table_of_version_1_never_changes_without_a_new_version():
    assert RULES_VERSION == 1
    assert rule_table() == TABLE_1


def test_the_table_is_plain_data():
    assert json.loads(json.dumps(rule_table(), allow_nan=False)) == TABLE_1


def test_the_facts_of_one_result_by_name():
    facts = result(sets=SOME, pain=2, checks={"heel-down": "no", "knee-straight": "unsure"})
    assert known_facts(facts, red_flag=False) == {
        "red_flag": False,
        "pain": 2,
        "safety_check_no": False,
        "done": True,
        "check_wrong": True,
        "check_unsure": True,
        "completion_below_1": True,
        "dose_incomplete": True,
    }


def test_as_needed_only_the_whole_dose_is_known_and_no_completion():
    known = known_facts(result(sets=SOME, schedule="as_needed"), red_flag=False)
    assert known["completion_below_1"] is False
    assert known["dose_incomplete"] is True


def _compare(condition, known):
    """The comparison as a phone does it, from the table alone."""
    actual, value = known[condition["fact"]], condition["value"]
    if condition["op"] == "is":
        return actual == value
    if condition["op"] == "below":
        return actual is None or actual < value
    return actual is not None and actual >= value


def _on_the_phone(table, known):
    row = next(row for row in table if any(_compare(each, known) for each in row["when_any"]))
    follows = next(
        (
            choice["next"]
            for choice in row.get("next", [])
            if all(_compare(each, known) for each in choice["when_all"])
        ),
        "",
    )
    return row["verdict"], follows


def _by_the_book(facts, red_flag):
    """Section 5 of the contract, row by row, written again without the table."""
    answers = [(check, facts.checks.get(check.id)) for check in facts.definitions]
    done = not facts.skipped and any(each.repetitions for each in facts.sets)
    whole = sum(min(Fraction(1), Fraction(each.repetitions, 10)) for each in facts.sets) >= 3
    if red_flag:
        return "stop"
    if (facts.pain or 0) >= 6 or ("no" in [said for check, said in answers if check.safety]):
        return "stop_exercise"
    if not done:
        return "not_done"
    if any(said in {"yes", "no"} and said != c.right and not c.optional for c, said in answers):
        return "not_yet"
    if "unsure" in [said for _, said in answers]:
        return "ask"
    return "right" if whole or facts.schedule in (None, "as_needed") else "part"


CHECKS = st.dictionaries(
    st.sampled_from([check.id for check in EVERY_CHECK] + ["from-an-older-plan"]),
    st.sampled_from(["yes", "no", "unsure"]),
)
RESULTS = st.builds(
    result,
    sets=st.lists(st.integers(0, 20), max_size=6).map(lambda counts: reps(*counts)),
    skipped=st.sampled_from(["", "pain"]),
    schedule=st.sampled_from(["weekdays", "times_per_week", "as_needed", None]),
    dose=st.sampled_from([THREE_BY_TEN]),
    pain=st.none() | st.integers(0, 10),
    checks=CHECKS,
    definitions=st.permutations(EVERY_CHECK),
    best_before=st.none() | st.integers(0, 60),
)


@given(facts=RESULTS, red_flag=st.booleans())
def test_any_result_gets_the_verdict_of_the_contract(facts, red_flag):
    assert judge(facts, red_flag=red_flag).verdict == _by_the_book(facts, red_flag)


@given(facts=RESULTS, red_flag=st.booleans())
def test_a_phone_with_the_table_gives_the_same_answer(facts, red_flag):
    table = json.loads(json.dumps(rule_table()))
    known = json.loads(json.dumps(known_facts(facts, red_flag=red_flag)))
    judgement = judge(facts, red_flag=red_flag)
    assert _on_the_phone(table, known) == (judgement.verdict, judgement.next)


@given(facts=RESULTS, red_flag=st.booleans())
def test_what_goes_together_in_any_judgement(facts, red_flag):
    judgement = judge(facts, red_flag=red_flag)
    assert (judgement.fix is not None) is (judgement.verdict == "not_yet")
    assert (judgement.next != "") is (judgement.verdict == "not_yet")
    assert (judgement.completion is None) is (judgement.credit is None)
    assert (judgement.completion is None) is (facts.schedule in (None, "as_needed"))
    assert not judgement.exceeded or judgement.completion == 1
    assert not judgement.best or judgement.total > 0
    assert not judgement.praise_form or judgement.verdict in {"part", "right"}


@given(facts=RESULTS, pain=st.integers(0, 10))
def test_more_pain_never_softens_a_verdict(facts, pain):
    gravity = ["right", "part", "ask", "not_yet", "not_done", "stop_exercise"]
    hurt = dataclasses.replace(facts, pain=pain)
    worse = dataclasses.replace(facts, pain=min(pain + 1, 10))
    assert gravity.index(judge(worse, red_flag=False).verdict) >= gravity.index(
        judge(hurt, red_flag=False).verdict
    )
