"""A week in words: each day's, the counts, what is next, and the one sentence. No database."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.week_words import (
    DAY_WORDS,
    SENTENCES,
    Story,
    WeekFacts,
    changed_days,
    correction,
    counted,
    day_words,
    in_a_row,
    is_same_plan,
    next_week,
    run_within,
    sentence,
    sentence_of,
    word,
)

MONDAY = dt.date(2026, 11, 16)
SUNDAY_BIT = 64


def bits(*days: int) -> int:
    """ISO weekdays as bits: `bits(1, 7)` is Monday and Sunday."""
    return sum(1 << day - 1 for day in days)


ALL_DAYS = bits(1, 2, 3, 4, 5, 6, 7)
FIVE = bits(1, 2, 3, 4, 5)
QUIET = WeekFacts()


def week(**facts: int) -> WeekFacts:
    return WeekFacts(**facts)


# ---- The word of a day ---------------------------------------------------------------------------

DAYS = {
    "nothing due": (week(), "rest"),
    "all that was due": (week(asked=1, some_done=1), "done"),
    "nothing of it": (week(asked=1, missed=1), "not_done"),
    "some of it": (week(asked=1, missed=1, some_done=1), "part"),
    "a line that was not excused is missing, one that was is done": (
        week(due=1, asked=1, missed=1, some_done=1), "part",
    ),
    "due, and the app said stop": (week(due=1, asked=0), "rest"),
    "due, done in part, and the app said stop": (week(due=1, asked=0, some_done=1), "rest"),
    "a session towards a quota, nothing else due": (week(quota_days=1), "done"),
    "a session towards a quota, and all that was due": (
        week(asked=1, some_done=1, quota_days=1), "done",
    ),
    "a session towards a quota, nothing of what was due": (
        week(asked=1, missed=1, quota_days=1), "part",
    ),
    "paused": (week(paused=1), "paused"),
    "paused, and logged all the same": (week(paused=1, sessions=1), "paused"),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "expected"), DAYS.values(), ids=DAYS)
def test_the_word_of_a_day(facts, expected):
    assert day_words(facts) == [expected, *["rest"] * 6]


@pytest.mark.parametrize("day", range(7))
def test_each_day_has_its_own_bit(day):
    bit = 1 << day
    expected = ["rest"] * 7
    expected[day] = "part"

    assert day_words(week(asked=bit, missed=bit, some_done=bit)) == expected


def test_a_whole_week():
    """Of the mock: done on Monday, Tuesday and Thursday, part on Wednesday, nothing on Friday."""
    facts = week(asked=FIVE, missed=bits(3, 5), some_done=bits(1, 2, 3, 4))

    assert day_words(facts) == ["done", "done", "part", "done", "not_done", "rest", "rest"]
    assert (facts.days_done, facts.days_due) == (3, 5)
    assert counted(facts) == "You did your plan on 3 of 5 days."


def test_every_word_is_said():
    assert [word(each) for each in DAY_WORDS] == ["Done", "Part", "Not done", "Rest", "Paused"]


# ---- Counts --------------------------------------------------------------------------------------

COUNTS = [
    (week(), ""),
    (week(asked=FIVE), "You did your plan on 5 of 5 days."),
    (week(asked=FIVE, missed=FIVE), "You did your plan on 0 of 5 days."),
    (week(asked=FIVE, missed=bits(5), some_done=FIVE), "You did your plan on 4 of 5 days."),
    (week(times_expected=3), "You did your plan 0 of 3 times."),
    (week(times_expected=3, times_done=3), "You did your plan 3 of 3 times."),
    (
        week(asked=bits(1), times_expected=3, times_done=2),
        "You did your plan on 1 of 1 days. And 2 of 3 times on days that you chose.",
    ),
]


@pytest.mark.parametrize(("facts", "expected"), COUNTS)
def test_counts_have_no_percentage(facts, expected):
    assert counted(facts) == expected


# ---- The sentence --------------------------------------------------------------------------------

DONE = week(asked=FIVE, some_done=FIVE, sessions=5, is_dose_whole=True)
EACH_DAY = DONE._replace(is_dose_whole=False)
FOUR = week(asked=FIVE, missed=bits(5), some_done=bits(1, 2, 3, 4), sessions=4)
THREE = week(asked=FIVE, missed=bits(4, 5), some_done=bits(1, 2, 3), sessions=3)
NONE = week(asked=FIVE, missed=FIVE)
STORIES = {
    "all days": (Story(week=DONE, before=NONE, has_met_a_goal=True), "all_done"),
    "all but one day": (Story(week=FOUR, before=FOUR), "logged"),
    "all days, not all of each": (Story(week=EACH_DAY, before=DONE, has_met_a_goal=True), "each_time"),
    "all times of a quota": (
        Story(week=week(times_done=3, times_expected=3, is_dose_whole=True)), "all_done",
    ),
    "all times of a quota, not all of each": (
        Story(week=week(times_done=3, times_expected=3)), "each_time",
    ),
    "all days and times, not all of each": (
        Story(week=EACH_DAY._replace(times_done=1, times_expected=1)), "each_time",
    ),
    "the whole dose in fewer sessions": (
        Story(week=FOUR._replace(is_dose_whole=True), before=FOUR), "logged",
    ),
    "nothing was prescribed, which is whole": (
        Story(week=week(is_dose_whole=True)), "nothing_planned",
    ),
    "all but one time": (
        Story(week=week(times_done=2, times_expected=3, sessions=2)), "logged",
    ),
    "all days, but not all times": (
        Story(week=DONE._replace(times_expected=1), before=DONE), "logged",
    ),
    "back after a week without a session": (Story(week=THREE, before=NONE), "came_back"),
    "the first week of all is no coming back": (Story(week=THREE), "logged"),
    "after a paused week it is none either": (
        Story(week=THREE, before=week(paused=ALL_DAYS)), "logged",
    ),
    "one day more": (Story(week=FOUR, before=THREE), "more_days"),
    "as many days": (Story(week=THREE, before=THREE), "logged"),
    "fewer days": (Story(week=THREE, before=FOUR), "logged"),
    "more days than in a week with nothing due": (
        Story(week=THREE, before=week(sessions=1)), "logged",
    ),
    "more days come before a goal": (
        Story(week=FOUR, before=THREE, has_met_a_goal=True), "more_days",
    ),
    "a goal": (Story(week=THREE, before=THREE, has_met_a_goal=True), "goal_met"),
    "logged in a paused week": (Story(week=week(paused=ALL_DAYS, sessions=1)), "logged"),
    "paused": (Story(week=week(paused=ALL_DAYS), before=DONE), "paused"),
    "paused but for one day": (Story(week=week(paused=ALL_DAYS - 1)), "nothing_planned"),
    "nothing planned": (Story(week=QUIET), "nothing_planned"),
    "only as needed": (Story(week=week(rows=3)), "nothing_planned"),
    "paused in part, and no plan": (Story(week=week(paused=FIVE)), "nothing_planned"),
    "the app said stop on the only day": (Story(week=week(due=1, planned=1, rows=1)), "rest_week"),
    "and it was logged": (Story(week=week(due=1, planned=1, rows=1, sessions=1)), "logged"),
    "each planned day paused": (
        Story(week=week(planned=FIVE, rows=1, paused=FIVE), before=DONE), "rest_week",
    ),
    "each but one": (
        Story(week=week(
            planned=FIVE, rows=1, paused=bits(2, 3, 4, 5), due=1, asked=1, missed=1,
        )), "new_week",
    ),
    "a safety hold from Monday on": (
        Story(week=week(planned=ALL_DAYS, rows=1, paused=ALL_DAYS - 1, due=1)), "rest_week",
    ),
    "a quota, paused for so long that nothing is expected": (
        Story(week=week(rows=5, paused=ALL_DAYS - SUNDAY_BIT)), "rest_week",
    ),
    "a quota, and the app said stop on every day": (
        Story(week=week(rows=5, stopped=ALL_DAYS), before=DONE), "rest_week",
    ),
    "a quota, and the app said stop so often that nothing is expected": (
        Story(week=week(rows=5, stopped=ALL_DAYS - SUNDAY_BIT)), "rest_week",
    ),
    "a quota, paused and told to stop on the other days": (
        Story(week=week(rows=5, paused=FIVE, stopped=ALL_DAYS - FIVE)), "rest_week",
    ),
    "a quota, and the app said stop on some days": (
        Story(week=week(rows=5, stopped=FIVE, times_expected=1)), "new_week",
    ),
    "told to stop on every day, and logged": (
        Story(week=week(rows=5, stopped=ALL_DAYS, sessions=1), before=DONE), "logged",
    ),
    "a quota that came too late in the week for anything": (
        Story(week=week(rows=5)), "nothing_planned",
    ),
    "told to stop, and no plan": (Story(week=week(stopped=ALL_DAYS)), "nothing_planned"),
    "a quota, paused in part": (
        Story(week=week(rows=5, paused=FIVE, times_expected=1)), "new_week",
    ),
    "planned, nothing logged": (Story(week=NONE), "new_week"),
    "planned, nothing logged, as before": (Story(week=NONE, before=NONE), "new_week"),
}  # fmt: skip


@pytest.mark.parametrize(("story", "rule"), STORIES.values(), ids=STORIES)
def test_the_first_rule_that_is_true_is_said(story, rule):
    assert sentence_of(story) == rule


def test_each_rule_is_chosen_somewhere_and_has_its_sentence():
    assert {rule for _story, rule in STORIES.values()} == {rule for rule, _true in SENTENCES}
    assert {rule: sentence(rule, Story(week=FOUR)) for rule, _true in SENTENCES} == {
        "all_done": "Well done. You did all that was planned.",
        "each_time": "Well done. You trained each time that was planned.",
        "came_back": "It is good that you are back.",
        "more_days": "Well done. You were active on more days than the week before.",
        "goal_met": "Well done. You met a goal.",
        "logged": "You logged 4 sessions. Each one counts.",
        "paused": "Your plan was paused all week. Take the time you need.",
        "rest_week": "Last week was a week of rest. Take the time you need.",
        "nothing_planned": "Nothing was planned for last week.",
        "new_week": "A new week is a fresh start. One day at a time.",
    }
    assert sentence("logged", Story(week=week(sessions=1))) == "You logged 1 session. That counts."


DAY_BITS = st.integers(min_value=0, max_value=127)


@given(planned=DAY_BITS, paused=DAY_BITS, stopped=DAY_BITS, sessions=st.integers(0, 2),
       quota=st.booleans())  # fmt: skip
def test_nothing_was_planned_is_said_of_no_week_with_a_planned_day(
    planned, paused, stopped, sessions, quota
):
    due = planned & ~paused
    facts = week(
        planned=planned, rows=planned and 7, paused=paused, due=due, asked=due & ~stopped,
        missed=due & ~stopped, sessions=sessions, times_expected=2 * quota,
    )  # fmt: skip

    rule = sentence_of(Story(week=facts))

    assert (rule == "nothing_planned") == (
        not planned and not quota and not sessions and paused != ALL_DAYS
    )
    if rule == "rest_week":
        assert set(day_words(facts)) <= {"rest", "paused"}


@given(asked=DAY_BITS, missed=DAY_BITS, some=DAY_BITS, quota=DAY_BITS, done=st.integers(0, 7),
       more=st.integers(0, 7), sessions=st.integers(0, 9), whole=st.booleans())  # fmt: skip
def test_nothing_is_praised_that_was_not_done(
    asked, missed, some, quota, done, more, sessions, whole
):
    facts = week(
        asked=asked, missed=asked & missed, some_done=some, quota_days=quota, times_done=done,
        times_expected=done + more, sessions=sessions, is_dose_whole=whole,
    )  # fmt: skip
    rule = sentence_of(Story(week=facts, before=NONE))
    words = day_words(facts)

    if rule == "all_done":
        assert whole
    if rule in {"all_done", "each_time"}:
        assert not {"part", "not_done"} & set(words)
        assert more == 0
    if rule in {"came_back", "logged"}:
        assert sessions
    if rule in {"nothing_planned", "paused", "rest_week"}:
        assert not asked
        assert done + more == 0
    assert words.count("done") >= facts.days_done
    assert facts.days_due == facts.days_done + words.count("part") + words.count("not_done")


# ---- What is next --------------------------------------------------------------------------------

PLAN = week(due=FIVE, planned=FIVE, rows=11, last_planned=FIVE, last_rows=11)
NEXT = {
    "the same": (PLAN, PLAN, "The plan is the same: 5 days."),
    "the same, paused in part": (
        PLAN, PLAN._replace(due=bits(4, 5), paused=bits(1, 2, 3)), "The plan is the same: 2 days.",
    ),
    "one day": (PLAN, PLAN._replace(due=bits(5)), "The plan is the same: 1 day."),
    "another dose": (PLAN, PLAN._replace(rows=12), "The plan changes: 5 days."),
    "it ends on Wednesday": (
        PLAN, PLAN._replace(planned=bits(1, 2, 3), due=bits(1, 2, 3)), "The plan changes: 3 days.",
    ),
    "it changed during the week, and goes on": (
        PLAN._replace(rows=99, planned=bits(5)), PLAN, "The plan is the same: 5 days.",
    ),
    "the first plan": (QUIET, PLAN, "Your plan: 5 days."),
    "over": (PLAN, QUIET, "Nothing is planned yet."),
    "only as needed": (week(last_rows=3), week(rows=3), "Nothing is planned yet."),
    "paused": (PLAN, PLAN._replace(due=0, paused=ALL_DAYS), "Your plan is paused."),
    "each planned day is paused": (
        PLAN, PLAN._replace(due=0, paused=FIVE), "Your plan is paused.",
    ),
    "paused in part, and no plan": (PLAN, week(paused=FIVE), "Nothing is planned yet."),
    "a quota": (
        week(last_rows=5), week(rows=5, times_expected=3),
        "The plan is the same: 3 times on days you choose.",
    ),
    "both": (
        PLAN, PLAN._replace(times_expected=1),
        "The plan is the same: 5 days and 1 time on days you choose.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "after", "expected"), NEXT.values(), ids=NEXT)
def test_what_is_next(facts, after, expected):
    assert next_week(facts, after) == expected
    if "same" in expected or "changes" in expected:
        assert is_same_plan(facts, after) == ("same" in expected)


# ---- Runs and corrections ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missed", "length"),
    [(bits(1), 4), (bits(2), 3), (bits(4), 1), (bits(5), 0), (bits(1, 4), 1), (FIVE, 0)],
)
def test_a_run_within_a_week_begins_after_the_last_day_that_was_missed(missed, length):
    assert run_within(week(asked=FIVE, missed=missed)) == length


def test_a_day_that_was_excused_and_yet_done_lengthens_a_run():
    assert run_within(week(asked=bits(1, 2, 3), missed=bits(1), yet_done=bits(4))) == 3


def test_a_week_without_a_missed_day_does_not_know_its_run():
    with pytest.raises(ValueError, match="longer than the week"):
        run_within(DONE)


@pytest.mark.parametrize(
    ("unit", "length", "said"),
    [
        ("days", 0, ""), ("days", 1, ""), ("days", 2, "2 planned days in a row."),
        ("weeks", 1, ""), ("weeks", 2, "2 weeks in a row."),
    ],
)  # fmt: skip
def test_a_run_is_told_from_two_on(unit, length, said):
    assert in_a_row(unit, length) == said


def test_what_changed_since_it_was_told():
    told = ["done", "not_done", "part", "rest", "rest", "paused", "rest"]
    now = ["done", "done", "done", "rest", "rest", "rest", "rest"]

    assert changed_days(told, now) == [1, 2, 5]
    assert changed_days(now, now) == []
    assert correction(MONDAY, 1, "done") == "Tuesday is now: done"
    assert correction(MONDAY, 6, "not_done") == "Sunday is now: not done"
