from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from sessions.credit import AmountMissing, Credit, SetDone
from sessions.feedback import (
    Fix,
    judge,
)
from tests.unit.sessions.facts import (
    FIVE_HOLDS,
    HEEL_DOWN,
    KNEE_STRAIGHT,
    Asked,
    Question,
    holds,
    reps,
    result,
)

WHOLE = reps(10, 10, 10)
SOME = reps(10, 10, 9)
NOTHING = reps(0, 0)
HEEL_WRONG = {"heel-down": "no"}
VERDICTS = [
    # --- completion
    ({"sets": WHOLE}, "right"),
    ({"sets": SOME}, "part"),
    ({"sets": reps(1)}, "part"),
    ({"sets": reps(30)}, "part"),
    ({"sets": reps(10, 10, 5, 5)}, "right"),
    # --- nothing done
    ({"sets": []}, "not_done"),
    ({"sets": NOTHING}, "not_done"),
    ({"sets": reps(0, 1)}, "part"),
    ({"sets": [], "skipped": "fatigue"}, "not_done"),
    ({"measure": "hold", "dose": FIVE_HOLDS, "sets": holds((5, 0), (0, 20))}, "not_done"),
    ({"measure": "hold", "dose": FIVE_HOLDS, "sets": holds((1, 1))}, "part"),
    # --- pain of this exercise
    ({"pain": 0}, "right"),
    ({"pain": 5}, "right"),
    ({"pain": 6}, "stop_exercise"),
    ({"pain": 10}, "stop_exercise"),
    # --- a check
    ({"checks": HEEL_WRONG}, "not_yet"),
    ({"checks": {"heel-down": "yes"}}, "right"),
    ({"checks": {"heel-down": "unsure"}}, "ask"),
    ({"checks": {"body-rolled": "yes"}}, "not_yet"),
    ({"checks": {"body-rolled": "no"}}, "right"),
    ({"checks": {"no-hands": "no"}}, "right"),  # optional
    ({"checks": {"no-hands": "unsure"}}, "ask"),
    ({"checks": {"felt-safe": "no"}}, "stop_exercise"),
    ({"checks": {"felt-safe": "yes"}}, "right"),
    ({"checks": {"felt-safe": "unsure"}}, "ask"),
    ({"checks": {"from-an-older-plan": "no"}}, "right"),
    ({"checks": HEEL_WRONG, "definitions": ()}, "right"),
    # --- the first row that applies
    ({"pain": 6, "sets": [], "skipped": "pain"}, "stop_exercise"),
    ({"pain": 6, "checks": HEEL_WRONG}, "stop_exercise"),
    ({"checks": {"felt-safe": "no"}, "sets": []}, "stop_exercise"),
    ({"checks": {"felt-safe": "no", "heel-down": "no"}}, "stop_exercise"),
    ({"sets": [], "checks": HEEL_WRONG}, "not_done"),
    ({"sets": NOTHING, "checks": {"heel-down": "unsure"}}, "not_done"),
    ({"checks": {"heel-down": "unsure", "knee-straight": "no"}}, "not_yet"),
    ({"checks": HEEL_WRONG, "sets": SOME}, "not_yet"),
    ({"checks": {"heel-down": "unsure"}, "sets": SOME}, "ask"),
    # --- nothing expected: right whenever something was done
    ({"schedule": "as_needed", "sets": reps(1)}, "right"),
    ({"schedule": "as_needed", "sets": NOTHING}, "not_done"),
    ({"schedule": "as_needed", "sets": SOME, "pain": 6}, "stop_exercise"),
    ({"schedule": "as_needed", "sets": SOME, "checks": HEEL_WRONG}, "not_yet"),
    ({"schedule": None, "dose": None, "sets": reps(1)}, "right"),
    ({"schedule": None, "dose": None, "sets": []}, "not_done"),
    ({"schedule": None, "dose": None, "checks": {"heel-down": "unsure"}}, "ask"),
    ({"schedule": None, "sets": SOME}, "right"),  # a side that the row does not prescribe
    ({"schedule": "times_per_week", "sets": SOME}, "part"),
    ({"schedule": "times_per_week", "sets": WHOLE}, "right"),
]


@pytest.mark.parametrize(("changes", "expected"), VERDICTS)
def test_the_first_row_that_applies_gives_the_verdict(changes, expected):
    assert judge(result(**changes), red_flag=False).verdict == expected


@pytest.mark.parametrize("changes", [changes for changes, _ in VERDICTS])
def test_every_result_of_a_session_with_a_red_flag_is_stop(changes):
    judgement = judge(result(**changes), red_flag=True)
    assert judgement.verdict == "stop"
    assert judgement.fix is None
    assert judgement.next == ""
    assert judgement.praise_form is False


COMPLETIONS = [
    ({"sets": SOME}, Fraction(29, 30), Credit(29, 10)),
    ({"sets": WHOLE}, Fraction(1), Credit(30, 10)),
    ({"sets": reps(10, 10, 10, 10)}, Fraction(1), Credit(40, 10)),
    ({"sets": [], "skipped": "no_time"}, Fraction(0), Credit(0, 10)),
    ({"schedule": "times_per_week", "sets": reps(10)}, Fraction(1, 3), Credit(10, 10)),
    ({"schedule": "as_needed", "sets": WHOLE}, None, None),
    ({"schedule": None, "dose": None, "sets": WHOLE}, None, None),
    ({"schedule": None, "sets": WHOLE}, None, None),
    ({"pain": 7, "sets": SOME}, Fraction(29, 30), Credit(29, 10)),
]


@pytest.mark.parametrize(("changes", "completion", "credit"), COMPLETIONS)
def test_completion_is_exact_and_null_where_nothing_is_expected(changes, completion, credit):
    judgement = judge(result(**changes), red_flag=False)
    assert judgement.completion == completion
    assert judgement.credit == credit


def test_one_result_is_one_side_of_an_exercise_for_each_side():
    left = judge(result(side="left", sets=WHOLE), red_flag=False)
    assert left.completion == 1


# ---- the one fix -------------------------------------------------------------------------------


def test_a_wrong_check_gets_its_fix_and_its_wrong_picture():
    judgement = judge(result(checks=HEEL_WRONG), red_flag=False)
    assert judgement.fix == Fix("heel-down", "Take a smaller step back.", 0)
    assert judgement.check == "heel-down"


def test_a_check_without_a_picture_shows_the_fix_alone():
    judgement = judge(result(checks={"body-rolled": "yes"}), red_flag=False)
    assert judgement.fix == Fix("body-rolled", "Cross a shorter way.", None)


def test_two_wrong_checks_get_one_fix_the_first_in_the_exercises_own_order():
    answers = {"body-rolled": "yes", "knee-straight": "no", "heel-down": "yes"}
    judgement = judge(result(checks=answers), red_flag=False)
    assert judgement.fix == Fix("knee-straight", "Push the knee straight first.", 1)


def test_the_order_of_the_answers_does_not_choose_the_fix():
    backwards = judge(
        result(
            checks={"heel-down": "no", "knee-straight": "no"},
            definitions=(KNEE_STRAIGHT, HEEL_DOWN),
        ),
        red_flag=False,
    )
    assert backwards.fix is not None
    assert backwards.fix.check == "knee-straight"


@pytest.mark.parametrize("verdict_changes", [{"pain": 6}, {"sets": []}, {"sets": SOME}])
def test_only_a_not_yet_has_a_fix_and_a_next(verdict_changes):
    changes = {"checks": {"heel-down": "yes"}} | verdict_changes
    judgement = judge(result(**changes), red_flag=False)
    assert judgement.fix is None
    assert judgement.next == ""


NEXT = [
    ({"sets": SOME, "pain": None}, "try_one_more"),
    ({"sets": SOME, "pain": 0}, "try_one_more"),
    ({"sets": SOME, "pain": 3}, "try_one_more"),
    ({"sets": SOME, "pain": 4}, "next_time"),
    ({"sets": SOME, "pain": 5}, "next_time"),
    ({"sets": WHOLE, "pain": None}, "next_time"),
    ({"sets": WHOLE, "pain": 0}, "next_time"),
    ({"sets": SOME, "schedule": "as_needed"}, "try_one_more"),
    ({"sets": WHOLE, "schedule": "as_needed"}, "next_time"),
    ({"sets": SOME, "schedule": None, "dose": None}, "next_time"),
    ({"sets": SOME, "schedule": None}, "next_time"),
]


@pytest.mark.parametrize(("changes", "expected"), NEXT)
def test_one_more_while_pain_is_below_4_and_the_dose_is_not_complete(changes, expected):
    judgement = judge(result(checks=HEEL_WRONG, **changes), red_flag=False)
    assert judgement.verdict == "not_yet"
    assert judgement.next == expected


@pytest.mark.parametrize(
    ("checks", "verdict", "check"),
    [
        ({"knee-straight": "unsure", "body-rolled": "unsure"}, "ask", "knee-straight"),
        ({"felt-safe": "no", "heel-down": "no"}, "stop_exercise", "felt-safe"),
        ({"heel-down": "yes"}, "right", None),
    ],
)
def test_a_verdict_names_the_check_it_rests_on(checks, verdict, check):
    judgement = judge(result(checks=checks), red_flag=False)
    assert (judgement.verdict, judgement.check) == (verdict, check)


def test_a_stop_for_pain_rests_on_no_check():
    judgement = judge(result(pain=8, checks=HEEL_WRONG), red_flag=False)
    assert judgement.check is None


# ---- praise, best, exceeded ----------------------------------------------------------------------

FORM = [
    ({"checks": {}}, False),
    ({"checks": {"heel-down": "yes"}}, True),
    ({"checks": {"heel-down": "yes"}, "sets": SOME}, True),
    ({"checks": {"body-rolled": "no"}}, True),
    ({"checks": {"no-hands": "yes"}}, True),
    ({"checks": {"no-hands": "no"}}, False),
    ({"checks": {"felt-safe": "yes"}}, False),  # feeling safe is not form
    ({"checks": {"heel-down": "unsure", "knee-straight": "yes"}}, False),
    ({"checks": {"heel-down": "no", "knee-straight": "yes"}}, False),
    ({"checks": {"heel-down": "yes"}, "sets": []}, False),
    ({"checks": {"heel-down": "yes"}, "pain": 6}, False),
    ({"checks": {"from-an-older-plan": "yes"}}, False),
]


@pytest.mark.parametrize(("changes", "expected"), FORM)
def test_form_is_praised_only_where_a_check_was_answered_right(changes, expected):
    assert judge(result(**changes), red_flag=False).praise_form is expected


BEST = [
    ({"best_before": None, "sets": WHOLE}, False),  # nothing to beat
    ({"best_before": 29, "sets": WHOLE}, True),
    ({"best_before": 30, "sets": WHOLE}, False),  # equal does not beat
    ({"best_before": 31, "sets": WHOLE}, False),
    ({"best_before": 0, "sets": reps(1)}, True),
    ({"best_before": 0, "sets": NOTHING}, False),
    ({"best_before": None, "sets": NOTHING}, False),
    ({"best_before": 29, "sets": reps(30)}, True),  # in one set: the total counts
    ({"best_before": 29, "schedule": None, "dose": None, "sets": WHOLE}, True),  # extra moves it
]


@pytest.mark.parametrize(("changes", "expected"), BEST)
def test_best_beats_every_earlier_total_of_that_line_and_side(changes, expected):
    assert judge(result(**changes), red_flag=False).best is expected


def test_the_total_of_holds_is_in_repetitions_times_seconds():
    facts = result(measure="hold", dose=FIVE_HOLDS, sets=holds((5, 20), (4, 15)), best_before=159)
    judgement = judge(facts, red_flag=False)
    assert judgement.total == 160
    assert judgement.best is True


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sets": reps(10, 10, 11)}, True),
        ({"sets": reps(10, 10, 10, 1)}, True),
        ({"sets": WHOLE}, False),
        ({"sets": reps(20, 9, 9)}, False),  # not complete
        ({"schedule": "as_needed", "sets": reps(10, 10, 11)}, False),
        ({"schedule": None, "dose": None, "sets": reps(99)}, False),
        (
            {"dose": Asked(repetitions=10, load_kg=Decimal(5)), "sets": reps(10, load_kg="5.5")},
            True,
        ),
    ],
)
def test_exceeded_asks_for_a_whole_dose_of_a_row_that_expects_one(changes, expected):
    assert judge(result(**changes), red_flag=False).exceeded is expected


# ---- what follows --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "red_flag", "expected"),
    [
        ({"pain": 6}, False, True),
        ({"pain": 5}, False, False),
        ({"checks": {"felt-safe": "no"}}, False, True),
        ({"checks": {"felt-safe": "unsure"}}, False, False),
        ({"checks": HEEL_WRONG}, False, False),
        ({"pain": 6}, True, True),
        ({"pain": 5}, True, False),
    ],
)
def test_asks_to_stop_is_kept_even_where_a_red_flag_decides(changes, red_flag, expected):
    assert judge(result(**changes), red_flag=red_flag).asks_to_stop is expected


def test_a_set_that_leaves_out_its_measure_cannot_be_judged():
    with pytest.raises(AmountMissing):
        judge(result(sets=[SetDone(steps=10)]), red_flag=False)


def test_a_safety_check_with_a_fix_still_stops():
    only_safety = (Question(id="steady", safety=True, optional=True),)
    judgement = judge(result(definitions=only_safety, checks={"steady": "no"}), red_flag=False)
    assert judgement.verdict == "stop_exercise"
    assert judgement.fix is None


def test_facts_say_whether_they_are_off_the_plan():
    assert result().is_off_plan is False
    assert result(schedule=None).is_off_plan is True
    assert result(dose=None).is_off_plan is True
