"""A patient's week put together, in the language that is activated. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import msgspec
from django.utils.translation import get_language

from core.calendar import DAY, WEEK
from patients import goal_wording
from reminders import week_words
from reminders.bodies.weeks import DayTold, GoalTold, Week
from reminders.week_words import MOST_KEPT, DayWord, Story, WeekFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalFacts:
    """What a goal stands at; `unit` is empty where its instrument is not known any longer."""

    text: str
    amount: str
    now: str
    is_met: bool


class Told(NamedTuple):
    """
    All that a week's summary is made of.

    A run of no unit is none. `told_before`: the words of the days of the week before as its own summary told them.
    """

    monday: dt.date
    week: WeekFacts
    before: WeekFacts
    after: WeekFacts
    run_unit: str = ""
    run_length: int = 0
    goals: Sequence[GoalFacts] = ()
    told_before: Sequence[str] | None = None


def days_told(words: str | None) -> Sequence[str] | None:
    """Return the words of a week's days out of a JSON list; None where it tells of no days."""
    return _days_read(words) if words else None


@lru_cache(maxsize=MOST_KEPT)
def _days_read(words: str) -> tuple[str, ...] | None:
    return msgspec.json.decode(words, type=tuple[str, ...]) or None


def week_encoded(language: str, told: Told) -> bytes:
    """Return `week_contents` in JSON; `language` is the one that is activated."""
    return _encoded(told) if told.goals else _encoded_alike(language, numbered_anew(told))


def numbered_anew(told: Told) -> Told:
    """
    Number the prescriptions of a patient's weeks from 1, in the order in which they come.

    Their numbers are each patient's own; all that is said follows from which of them are the same,
    and whether there is any. So those whose weeks read alike are alike.
    """
    numbers = {0: 0}

    def anew(week: WeekFacts) -> WeekFacts:
        rows = numbers.setdefault(week.rows, len(numbers))
        return week._replace(rows=rows, last_rows=numbers.setdefault(week.last_rows, len(numbers)))

    before, week = anew(told.before), anew(told.week)
    return told._replace(before=before, week=week, after=anew(told.after))


@lru_cache(maxsize=MOST_KEPT)
def _encoded_alike(_language: str, told: Told) -> bytes:
    """Keep what was put together: without goals of their own, many patients' weeks are alike."""
    return _encoded(told)


def _encoded(told: Told) -> bytes:
    return msgspec.json.encode(week_contents(told))


def week_contents(told: Told) -> Week:
    """Say it all."""
    week = told.week
    story = Story(
        week=week, before=told.before, has_met_a_goal=any(one.is_met for one in told.goals)
    )
    rule = week_words.sentence_of(story)
    return Week(
        monday=told.monday,
        sentence=week_words.sentence(rule, story),
        rule=rule,
        counts=week_words.counted(week),
        days=_days(told),
        days_done=week.days_done,
        days_due=week.days_due,
        times_done=week.times_done,
        times_expected=week.times_expected,
        sessions=week.sessions,
        in_a_row=week_words.in_a_row(told.run_unit, told.run_length),
        goals=[_goal(one) for one in told.goals],
        next_week=week_words.next_week(week, told.after),
        next_days=told.after.due.bit_count(),
        next_times=told.after.times_expected,
        is_same_plan=week_words.is_same_plan(week, told.after),
        corrections=_corrections(told),
    )


def _days(told: Told) -> list[DayTold]:
    return _days_told(get_language(), told.monday, tuple(week_words.day_words(told.week)))


@lru_cache(maxsize=1024)
def _days_told(
    _language: str | None, monday: dt.date, states: tuple[DayWord, ...]
) -> list[DayTold]:
    """Keep what many weeks have alike, by language; nobody changes it."""
    return [
        DayTold(on=monday + number * DAY, state=state, words=week_words.word(state))
        for number, state in enumerate(states)
    ]


def _corrections(told: Told) -> list[DayTold]:
    """Say which days of the week before read otherwise than they were told."""
    if told.told_before is None:
        return []
    monday = told.monday - WEEK
    now = week_words.day_words(told.before)
    return [
        DayTold(
            on=monday + number * DAY, state=now[number],
            words=week_words.correction(monday, number, now[number]),
        )
        for number in week_words.changed_days(told.told_before, now)
    ]  # fmt: skip


def _goal(goal: GoalFacts) -> GoalTold:
    return GoalTold(
        text=goal.text, words=goal.now, when=goal_wording.when(goal.amount), is_met=goal.is_met
    )
