"""Chapters of a week that is over: what Ana is told of it, and what her therapist is."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from uuid import UUID

from tests.tour.clock import DAY, WEEK
from tests.tour.figures import Diary
from tests.tour.story import Story

WEEKS_OF_A_BAND = 4
QUIET_DAYS = 7
ON_TRACK = ("on_track", None)


def her_week(story: Story) -> None:
    ledger, monday = story.ledger, story.clock.this_monday
    told_at = story.clock.at(monday + WEEK, 8)
    ledger.chapter("Her week")
    ledger.tell(f"It is as if Monday {told_at.date()} had come, eight o'clock: the week is over.")
    mailed = story.jobs(
        therapist_email=story.logins.therapist, patient_id=UUID(story.patient), now=told_at
    )
    ledger.check("mailed", ["digest sent", "weekly_summary sent"], mailed)
    diary = replace(story.diary, today=told_at.date())
    _summary(story, diary, monday)
    _digest(story, diary, monday)


def _summary(story: Story, diary: Diary, monday: dt.date) -> None:
    ledger = story.ledger
    week = [monday + number * DAY for number in range(7)]
    answer = story.phone.get(f"me/summaries/{monday}")
    ledger.check("Ana's summary", 200, answer.status)
    told = answer.body["contents"]
    words = [diary.word(day) for day in week]
    ledger.check("each day in a word", words, [day["state"] for day in told["days"]])
    ledger.check("days done, of days due", _days(diary, week), _pair(told, "days_done", "days_due"))
    times = _pair(told, "times_done", "times_expected")
    ledger.check("times done, of times", diary.times_of_week(monday), times)
    logged = sum(session.day in week for session in diary.sessions)
    ledger.check("sessions logged", logged, told["sessions"])
    ledger.check("goals told of", len(story.phone.get("me/goals").body["results"]),
                 len(told["goals"]))  # fmt: skip
    ledger.came_back(f"“{told['sentence']} {told['counts']}”")
    ledger.tell("Her therapist reads the same, as it was told.")
    same = story.therapist.get(f"patients/{story.patient}/summaries/{monday}").body
    ledger.check("the same words", expected=True, got=same == answer.body)
    ledger.check("of no other week", 404, story.phone.get(f"me/summaries/{monday + WEEK}").status)


def _digest(story: Story, diary: Diary, monday: dt.date) -> None:
    ledger = story.ledger
    ledger.tell("Her therapist's digest tells of the whole caseload: Ana.")
    told = story.therapist.get(f"digests/{monday}").body
    reasons = _reasons(diary, monday + WEEK)
    counts = (1, len(reasons), 1 - len(reasons), 0)
    got = tuple(told[name] for name in ("patients", "attention", "on_track", "paused"))
    ledger.check("patients, who need somebody, on track, paused", counts, got)
    [case] = told["cases"]
    ledger.check("reference", "M-0001", case["reference"])
    ledger.check("why", reasons, case["reasons"])
    days = _days(diary, [monday + number * DAY for number in range(7)])
    ledger.check("done, of due", days if days[1] else diary.times_of_week(monday),
                 _pair(case, "done", "due"))  # fmt: skip
    ledger.check("against the week before", _trend(diary, monday), case["trend"])


def _pair(told: dict[str, Any], one: str, other: str) -> tuple[Any, Any]:
    return told[one], told[other]


def _days(diary: Diary, week: list[dt.date]) -> tuple[int, int]:
    """Count the days on which something of fixed weekdays was asked for, and those with all done."""
    asked = [day for day in week if diary.is_asked(day)]
    return sum(diary.word(day) == "done" for day in asked), len(asked)


def _reasons(diary: Diary, today: dt.date) -> list[str]:
    """Say why she needs somebody: no alert is open, nothing waits, and no pause covers today."""
    weeks = [today - number * WEEK for number in range(WEEKS_OF_A_BAND, 0, -1)]
    quiet = (today - max(session.day for session in diary.sessions)).days
    is_slipping = diary.of_all(weeks).band not in ON_TRACK
    return ["slipping"] if is_slipping or quiet >= QUIET_DAYS else []


def _trend(diary: Diary, monday: dt.date) -> str:
    this, last = (
        sum(diary.has_done_something(first + number * DAY) for number in range(7))
        for first in (monday, monday - WEEK)
    )
    if this == last:
        return "same"
    return "up" if this > last else "down"
