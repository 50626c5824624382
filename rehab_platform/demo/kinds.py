"""
What each kind of patient is prescribed and how they do, day by day, as `kinds.yaml` says. Pure.

Nothing is drawn at random: shares are spread evenly over the days, and a seed moves where they begin.
The same seed, lines and dates give the same sessions.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal
from uuid import UUID, uuid5

from core.bodies import Instant
from core.calendar import DAY, WEEK, days, zone
from patients.bodies.discharge import DischargeReason
from patients.orders import ItemChange
from rehab_platform.demo.people import Described, read
from sessions.bodies import LogSession, ResultIn, SetIn

# Gives each session, check and copy of the demo the same id whenever it is seeded.
IDS = UUID("6f9b3c52-0f5e-4c0e-9a52-3d1f4f0f7a11")
ANSWERS_CHECKS_EVERY = 3
MORNING, AFTERNOON = 10, 17
HALF_AN_HOUR = dt.timedelta(minutes=30)
Share = tuple[int, ...]


class Care(Described, kw_only=True, frozen=True, tag_field="do"):
    """Something that the care team, or the patient, does so many days before today."""

    days_ago: int


class Assess(Care, kw_only=True, frozen=True, tag="assess"):
    measure: str
    score: int | float
    variant: str | None = None
    aid: str | None = None


class SetGoal(Care, kw_only=True, frozen=True, tag="goal"):
    """Of an exercise (`counted_in` a measure, as an `amount`), or of an outcome measure."""

    baseline: float
    target: float
    due_in: int
    text: str
    exercise: str | None = None
    counted_in: str | None = None
    amount: str | None = None
    measure: str | None = None
    variant: str | None = None
    aid: str | None = None


class EndGoal(Care, kw_only=True, frozen=True, tag="end_goal"):
    reason: str


class Score(Care, kw_only=True, frozen=True, tag="score"):
    position: int
    answers: dict[str, Literal["yes", "no"]]
    note: str = ""


class CheckSafety(Care, kw_only=True, frozen=True, tag="safety_check"):
    answers: dict[str, Literal["yes", "no"]]


class PauseCare(Care, kw_only=True, frozen=True, tag="pause"):
    reason: Literal["hospital", "holiday", "illness", "other"]
    note: str = ""


class AskForPause(Care, kw_only=True, frozen=True, tag="ask_for_pause"):
    in_days: int
    for_days: int
    reason: Literal["hospital", "holiday", "illness", "other"]
    note: str = ""


class Acknowledge(Care, kw_only=True, frozen=True, tag="acknowledge"):
    rule: str


class Resolve(Care, kw_only=True, frozen=True, tag="resolve"):
    rule: str
    note: str


class EndCare(Care, kw_only=True, frozen=True, tag="discharge"):
    reason: DischargeReason
    note: str


class LogLate(Care, kw_only=True, frozen=True, tag="log_late"):
    performed_days_ago: int
    note: str


class LeaveTeam(Care, kw_only=True, frozen=True, tag="leave_team"):
    pass


AnyCare = (
    Assess | SetGoal | EndGoal | Score | CheckSafety | PauseCare | AskForPause | Acknowledge
    | Resolve | EndCare | LogLate | LeaveTeam
)  # fmt: skip


class Moment(Described, kw_only=True, frozen=True):
    """What is out of the ordinary on one day; `wrong` answers the first check against its fix."""

    symptoms: list[str] = []
    pain_after: int | None = None
    line_pain: int | None = None
    skip: Literal["pain", "fatigue"] | None = None
    wrong: bool = False
    note: str = ""


class Plan(Described, kw_only=True, frozen=True):
    """A shipped program with changes, or items; `only_on` narrows the weekdays of a position."""

    trains_on: list[int]
    title: str = ""
    program: str | None = None
    changes: list[ItemChange] = []
    items: list[dict[str, Any]] = []
    only_on: dict[int, list[int]] = {}


class Kind(Described, kw_only=True, frozen=True):
    """One kind of patient. Shares are percent, week by week from the start; the last one holds on."""

    says: str
    plan: str
    days: Share
    whole: Share = (100,)
    amount: Share = (100,)
    weeks_ago: int = 6
    quiet_for: int = 0
    is_draft: bool = False
    pain: int = 1
    effort: int = 3
    lately: int = 0
    difficulty_lately: Literal["too_easy", "too_hard"] | None = None
    carer_on: list[int] = []
    moments: dict[int, Moment] = {}
    care: list[AnyCare] = []


class Kinds(Described, kw_only=True, frozen=True):
    plans: dict[str, Plan]
    kinds: dict[str, Kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a session must know of a line that is in force; `amounts` is one set as prescribed."""

    id: UUID
    position: int
    side: str
    sets: int
    amounts: Mapping[str, int]
    weekdays: frozenset[int]
    times_per_day: int = 1
    load_kg: float | None = None
    checks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A session as it is sent, half an hour after it was done."""

    content: LogSession
    by_carer: bool

    @property
    def sent_at(self) -> dt.datetime:
        return self.content.performed_at.at + HALF_AN_HOUR


@cache
def all_kinds() -> Kinds:
    """Return every kind and plan of the demo."""
    return read("kinds.yaml", Kinds)


class Diary:
    """One patient's six weeks: what they log on each day, from `starts_on` to the day before today."""

    def __init__(
        self,
        kind: Kind,
        *,
        lines: Sequence[Line],
        trains_on: Sequence[int],
        starts_on: dt.date,
        today: dt.date,
        zone_name: str,
        seed: str,
    ) -> None:
        self.kind = kind
        self.lines = lines
        self.trains_on = frozenset(trains_on)
        self.starts_on = starts_on
        self.today = today
        self.zone = zone(zone_name)
        self.seed = seed

    def sessions(self) -> Iterator[Logged]:
        """Yield every session in the order of time."""
        offset = self._number("offset", 100)
        for number, day in enumerate(self._days(offset)):
            ago = (self.today - day).days
            moment = self.kind.moments.get(ago, Moment())
            yield self._session(day, "morning", MORNING, number, moment)
            if any(line.times_per_day > 1 for line in self.lines) and self._is_whole(number, day):
                yield self._session(day, "afternoon", AFTERNOON, number, Moment())

    def _days(self, offset: int) -> Iterator[dt.date]:
        """Yield the days on which something is logged: shares of the training days, and moments."""
        gathered = offset
        for day in days(self.starts_on, self.today - DAY):
            ago = (self.today - day).days
            is_done = False
            if day.isoweekday() in self.trains_on:
                before = gathered
                gathered += self._share(self.kind.days, day)
                is_done = gathered // 100 > before // 100 and ago > self.kind.quiet_for
            if is_done or ago in self.kind.moments:
                yield day

    def _session(self, day: dt.date, part: str, hour: int, number: int, moment: Moment) -> Logged:
        minute = self._number(f"{day} {part}", 50)
        at = dt.datetime.combine(day, dt.time(hour, minute), tzinfo=self.zone)
        content = LogSession(
            id=uuid5(IDS, f"{self.seed} {day} {part}"),
            performed_at=Instant(at),
            duration_seconds=(25 if part == "morning" else 10) * 60,
            effort=self.kind.effort,
            pain_before=self.kind.pain,
            pain_after=self.kind.pain if moment.pain_after is None else moment.pain_after,
            symptoms=moment.symptoms,  # type: ignore[arg-type]
            note=moment.note,
            help="supervised" if day.isoweekday() in self.kind.carer_on else "independent",
            results=self._results(day, part, number, moment),
        )
        return Logged(content=content, by_carer=day.isoweekday() in self.kind.carer_on)

    def _results(self, day: dt.date, part: str, number: int, moment: Moment) -> list[ResultIn]:
        due = [line for line in self.lines if day.isoweekday() in line.weekdays] or self.lines[:1]
        if part == "afternoon":
            due = [line for line in self.lines if line.times_per_day > 1]
        whole = self._is_whole(number, day)
        results = []
        for place, line in enumerate(due):
            skipped = moment.skip if place == 0 else None
            if not whole and place == len(due) - 1 and len(due) > 1:
                skipped = skipped or "fatigue"
            if skipped:
                results.append(ResultIn(line=line.id, side=_side(line), skipped=skipped))
            else:
                results.append(
                    self._result(line, day, number, moment, halved=not whole and not place)
                )
        return results

    def _result(
        self, line: Line, day: dt.date, number: int, moment: Moment, *, halved: bool
    ) -> ResultIn:
        share = self._share(self.kind.amount, day)
        amounts = {name: max(1, amount * share // 100) for name, amount in line.amounts.items()}
        one = SetIn(**amounts, load_kg=line.load_kg)
        checks = dict(line.checks) if number % ANSWERS_CHECKS_EVERY == 0 or moment.wrong else {}
        if moment.wrong and checks:
            first = next(iter(checks))
            checks[first] = "no" if checks[first] == "yes" else "yes"
        is_late = (self.today - day).days <= self.kind.lately
        return ResultIn(
            line=line.id,
            side=_side(line),
            sets=[one] * max(1, line.sets // 2 if halved else line.sets),
            checks=checks,  # type: ignore[arg-type]
            difficulty=self.kind.difficulty_lately if is_late else "just_right",
            pain=self.kind.pain if moment.line_pain is None else moment.line_pain,
        )

    def _is_whole(self, number: int, day: dt.date) -> bool:
        share = self._share(self.kind.whole, day)
        return (number + 1) * share // 100 > number * share // 100

    def _share(self, shares: Share, day: dt.date) -> int:
        week = (day - self.starts_on) // WEEK
        return shares[min(week, len(shares) - 1)]

    def _number(self, about: str, below: int) -> int:
        """Return a number that looks drawn and follows from the seed."""
        digest = hashlib.sha256(f"{self.seed} {about}".encode()).digest()
        return int.from_bytes(digest[:4]) % below


def _side(line: Line) -> Any:
    return line.side
