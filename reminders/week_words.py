"""
What a patient's week was: a word for each day, counts, and one true sentence. Pure.

Days are bits, Monday's the lowest. The words are those of the language that is activated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, Final, Literal, NamedTuple, TypeVar, cast, get_args

from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from core.calendar import DAY

DayWord = Literal["done", "part", "not_done", "rest", "paused"]
DAY_WORDS: Final[tuple[DayWord, ...]] = get_args(DayWord)
Rule = Literal[
    "all_done", "each_time", "came_back", "more_days", "goal_met", "logged", "paused", "rest_week",
    "nothing_planned", "new_week",
]  # fmt: skip
ALL_WEEK: Final = 127
MOST_KEPT: Final = 4096
Say = TypeVar("Say", bound=Callable[..., str])
FEWEST_IN_A_ROW: Final = 2


def kept(say: Say) -> Say:
    """
    Keep what was said, by language: thousands of weeks are told with the same words.

    What is passed decides alone what is said. Bounded.
    """

    @lru_cache(maxsize=MOST_KEPT)
    def of_language(_language: str | None, *given: Any) -> str:
        said: str = say(*given)
        return said

    @wraps(say)
    def said(*given: Any) -> str:
        return of_language(get_language(), *given)

    return cast(Say, said)


class WeekFacts(NamedTuple):
    """
    One week of one patient, as it is kept (sessions.models.PatientWeek).

    Of lines on fixed weekdays: on which days something was `due`, `asked` for (due, and not excused
    by the app itself saying stop), `missed` in part or whole, `some_done`, `yet_done` (excused, and
    yet some). Paused or not: the days `planned`, and `rows`, a number that tells one prescription
    from another; of what was in force on Sunday, the days that it asks of a whole week, and its
    number. Of quota lines: the `quota_days` with credit on which the app did not say stop, and
    occurrences. `stopped`: the days on which it said stop to a line that asks
    for something. `is_dose_whole`: every set that was prescribed has full credit; an occurrence is
    done with any credit at all.
    """

    asked: int = 0
    missed: int = 0
    some_done: int = 0
    yet_done: int = 0
    due: int = 0
    planned: int = 0
    rows: int = 0
    last_planned: int = 0
    last_rows: int = 0
    quota_days: int = 0
    times_done: int = 0
    times_expected: int = 0
    paused: int = 0
    sessions: int = 0
    stopped: int = 0
    is_dose_whole: bool = False

    @property
    def days_due(self) -> int:
        return self.asked.bit_count()

    @property
    def days_done(self) -> int:
        return (self.asked & ~self.missed).bit_count()

    @property
    def has_something_due(self) -> bool:
        return bool(self.asked or self.times_expected)

    @property
    def is_all_done(self) -> bool:
        """Whether there was something to do, and each occurrence of it was done, be it in part."""
        return self.has_something_due and not self.missed and self.times_done == self.times_expected

    @property
    def days_with_something_done(self) -> int:
        return (self.some_done | self.quota_days).bit_count()

    @property
    def is_paused_all_week(self) -> bool:
        return self.paused == ALL_WEEK

    @property
    def is_all_paused_or_excused(self) -> bool:
        """
        Whether something was planned, and nothing is left of it: all days paused, or the app said stop.

        A quota plans no days: of one of which nothing is left, the days tell that were paused or on
        which the app said stop.
        """
        has_a_plan = bool(self.planned or (self.rows and (self.paused or self.stopped)))
        return has_a_plan and not self.has_something_due


NO_WEEK: Final = WeekFacts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that the one sentence of a week is chosen by."""

    week: WeekFacts
    before: WeekFacts = NO_WEEK
    has_met_a_goal: bool = False

    @property
    def came_back(self) -> bool:
        """Something was logged, after a week with something to do and nothing logged."""
        return bool(
            self.week.sessions and not self.before.sessions and self.before.has_something_due
        )

    @property
    def has_more_days(self) -> bool:
        """More days with something done than the week before, which had something to do, too."""
        more = self.week.days_with_something_done > self.before.days_with_something_done
        return more and self.before.has_something_due


# The first that is true is said. None praises what was not done, none blames.
SENTENCES: Final[Sequence[tuple[Rule, Callable[[Story], bool]]]] = (
    ("all_done", lambda story: story.week.is_all_done and story.week.is_dose_whole),
    ("each_time", lambda story: story.week.is_all_done),
    ("came_back", lambda story: story.came_back),
    ("more_days", lambda story: story.has_more_days),
    ("goal_met", lambda story: story.has_met_a_goal),
    ("logged", lambda story: story.week.sessions > 0),
    ("paused", lambda story: story.week.is_paused_all_week),
    ("rest_week", lambda story: story.week.is_all_paused_or_excused),
    ("nothing_planned", lambda story: not story.week.has_something_due),
    ("new_week", lambda _story: True),
)


def day_words(week: WeekFacts) -> list[DayWord]:
    """Return the word of each day from Monday to Sunday."""
    return [_day_word(week, 1 << number) for number in range(7)]


def _day_word(week: WeekFacts, bit: int) -> DayWord:
    if week.paused & bit:
        return "paused"
    if week.asked & bit:
        if not week.missed & bit:
            return "done"
        return "part" if (week.some_done | week.quota_days) & bit else "not_done"
    return "done" if week.quota_days & bit else "rest"


def sentence_of(story: Story) -> Rule:
    """Return the rule whose sentence is said: the first that is true."""
    return next(rule for rule, is_true in SENTENCES if is_true(story))


def sentence(rule: Rule, story: Story) -> str:
    """Say it."""
    return _sentence(rule, story.week.sessions)


@kept
def _sentence(rule: Rule, sessions: int) -> str:
    return {
        "all_done": _("Well done. You did all that was planned."),
        "each_time": _("Well done. You trained each time that was planned."),
        "came_back": _("It is good that you are back."),
        "more_days": _("Well done. You were active on more days than the week before."),
        "goal_met": _("Well done. You met a goal."),
        "logged": ngettext(
            "You logged %(number)s session. That counts.",
            "You logged %(number)s sessions. Each one counts.",
            sessions,
        )
        % {"number": sessions},
        "paused": _("Your plan was paused all week. Take the time you need."),
        "rest_week": _("Last week was a week of rest. Take the time you need."),
        "nothing_planned": _("Nothing was planned for last week."),
        "new_week": _("A new week is a fresh start. One day at a time."),
    }[rule]


@kept
def word(state: DayWord) -> str:
    """Say a day in one or two words."""
    return {
        "done": pgettext("a day of a week", "Done"),
        "part": pgettext("a day of a week", "Part"),
        "not_done": pgettext("a day of a week", "Not done"),
        "rest": pgettext("a day of a week", "Rest"),
        "paused": pgettext("a day of a week", "Paused"),
    }[state]


def counted(week: WeekFacts) -> str:
    """Say what was done of what was due: "You did your plan on 4 of 5 days."; empty for nothing."""
    return _counted(week.days_done, week.days_due, week.times_done, week.times_expected)


@kept
def _counted(days_done: int, days_due: int, times_done: int, times_expected: int) -> str:
    said = []
    if days_due:
        words = {"done": days_done, "due": days_due}
        said.append(_("You did your plan on %(done)s of %(due)s days.") % words)
    if times_expected:
        words = {"done": times_done, "expected": times_expected}
        template = (
            _("And %(done)s of %(expected)s times on days that you chose.")
            if said
            else _("You did your plan %(done)s of %(expected)s times.")
        )
        said.append(template % words)
    return " ".join(said)


def next_week(week: WeekFacts, after: WeekFacts) -> str:
    """Say what comes: "The plan is the same: 5 days."."""
    if after.is_paused_all_week or (after.is_all_paused_or_excused and not after.due):
        return _paused()
    goes_on = is_same_plan(week, after) if week.last_rows else None
    return _next_week(after.due.bit_count(), after.times_expected, goes_on)


@kept
def _paused() -> str:
    return _("Your plan is paused.")


@kept
def _next_week(days: int, times: int, goes_on: bool | None) -> str:  # noqa: FBT001 (kept by place)
    planned = _planned(days, times)
    if not planned:
        return _("Nothing is planned yet.")
    if goes_on is None:
        return _("Your plan: %(planned)s.") % {"planned": planned}
    if goes_on:
        return _("The plan is the same: %(planned)s.") % {"planned": planned}
    return _("The plan changes: %(planned)s.") % {"planned": planned}


def _planned(days: int, times: int) -> str:
    said = []
    if days:
        said.append(ngettext("%(days)s day", "%(days)s days", days) % {"days": days})
    if times:
        said.append(
            ngettext(
                "%(times)s time on days you choose", "%(times)s times on days you choose", times
            )
            % {"times": times}
        )
    return _(" and ").join(said)


def is_same_plan(week: WeekFacts, after: WeekFacts) -> bool:
    """Whether what was in force on Sunday goes on all week, and nothing else; paused or not."""
    return (week.last_rows, week.last_planned) == (after.rows, after.planned)


def days_added(week: WeekFacts) -> int:
    """Return how many days of a week without a miss lengthen a run."""
    return (week.asked | week.yet_done).bit_count()


def run_within(week: WeekFacts) -> int:
    """Return how many due days in a row were done up to the end of a week in which one was missed."""
    if not week.missed:
        raise ValueError("the run may be longer than the week")
    until_the_last_missed = (1 << week.missed.bit_length()) - 1
    return ((week.asked | week.yet_done) & ~until_the_last_missed).bit_count()


@kept
def in_a_row(unit: str, length: int) -> str:
    """Say a run; empty for one that is too short to be told of."""
    if length < FEWEST_IN_A_ROW:
        return ""
    if unit == "days":
        return _("%(length)s planned days in a row.") % {"length": length}
    return _("%(length)s weeks in a row.") % {"length": length}


def changed_days(told: Sequence[str], now: Sequence[DayWord]) -> list[int]:
    """Return which days of a week read otherwise than they were told."""
    return [
        number
        for number, (then, is_now) in enumerate(zip(told, now, strict=True))
        if then != is_now
    ]


def correction(monday: dt.date, number: int, state: DayWord) -> str:
    """Say that a day reads otherwise now: "Tuesday is now: done"."""
    return _correction((monday + number * DAY).weekday(), state)


@kept
def _correction(day: int, state: DayWord) -> str:
    words = {"day": str(WEEKDAYS[day]), "word": word(state).lower()}
    return _("%(day)s is now: %(word)s") % words
