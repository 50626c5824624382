"""
The shapes that phones send and get. Their names are fixed: phones hold them for years.

An answer that was not given is null, never 0 and never the prescribed number.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from core.bodies import Body, Instant, line, text, whole

Pain = Annotated[int, whole(0, 10)]
Effort = Annotated[int, whole(0, 10)]
Repetitions = Annotated[int, whole(0, 1_000)]
Seconds = Annotated[int, whole(0, 21_600)]
Amount = Annotated[int, whole(0, 50_000)]
LoadKg = Annotated[float, msgspec.Meta(ge=0, le=500, multiple_of=0.5)]
CheckId = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern="^[a-z0-9-]+$")]
Symptom = Literal[
    "chest_pain",
    "faint",
    "new_weakness",
    "severe_headache",
    "fall",
    "breathlessness",
    "dizziness",
    "swollen_calf",
    "near_fall",
    "other",
]
Symptoms = Annotated[list[Symptom], msgspec.Meta(max_length=10)]
SessionStatus = Literal["counted", "held", "refused", "withdrawn"]
VerdictName = Literal["stop", "stop_exercise", "not_done", "not_yet", "ask", "part", "right"]


class SetIn(Body):
    """One set. The amounts of the line's measure are required, others may stand beside them."""

    repetitions: Repetitions | None = None
    hold_seconds: Seconds | None = None
    duration_seconds: Seconds | None = None
    distance_m: Amount | None = None
    steps: Amount | None = None
    load_kg: LoadKg | None = None


class ResultIn(Body):
    """What was done, or why not, on one line and side: `sets` or `skipped`, never both."""

    line: UUID
    side: Literal["left", "right", "both", "alternating"]
    sets: Annotated[list[SetIn], msgspec.Meta(max_length=50)] | None = None
    skipped: (
        Literal[
            "pain",
            "fatigue",
            "no_time",
            "no_equipment",
            "no_helper",
            "unsure_how",
            "unwell",
            "other",
        ]
        | None
    ) = None
    checks: Annotated[
        dict[CheckId, Literal["yes", "no", "unsure"]], msgspec.Meta(max_length=20)
    ] = {}
    difficulty: Literal["too_easy", "just_right", "too_hard"] | None = None
    pain: Pain | None = None


class SessionFacts(Body):
    """
    A session as it is told: inside a batch this is all, alone it also says when it was sent.

    It has a result, a symptom, pain, effort or a note; each may stand alone.
    """

    id: UUID
    performed_at: Instant
    duration_seconds: Seconds | None = None
    effort: Effort | None = None
    pain_before: Pain | None = None
    pain_after: Pain | None = None
    symptoms: Symptoms = []
    help: Literal["independent", "supervised", "hands_on"] | None = None
    note: Annotated[str, text(2000)] = ""
    results: Annotated[list[ResultIn], msgspec.Meta(max_length=60)] = []


class LogSession(SessionFacts):
    sent_at: Instant | None = None


class CorrectSession(LogSession):
    """The whole session as it should have been, and the version that it corrects."""

    corrects: Annotated[int, whole(1, 10_000)]


class Withdraw(Body):
    reason: Annotated[str, line(500)]


class SafetyCheckFacts(Body):
    id: UUID
    checked_at: Instant
    answers: Annotated[dict[CheckId, Literal["yes", "no"]], msgspec.Meta(max_length=20)]
    symptoms: Symptoms = []


class LogSafetyCheck(SafetyCheckFacts):
    sent_at: Instant | None = None


class Batch(Body):
    """
    Up to 100 sessions and safety checks in all.

    The items are read one by one afterwards: one bad item never holds back the good ones.
    """

    sent_at: Instant | None = None
    sessions: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=100)] = []
    safety_checks: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=100)] = []


# ---- answers -------------------------------------------------------------------------------------


class NumberToCall(msgspec.Struct, kw_only=True):
    label: str
    number: str


class SafetyOut(msgspec.Struct, kw_only=True):
    """What to do now. `verdict` is null where nothing has to stop."""

    verdict: Literal["stop"] | None
    symptoms: list[str]
    severity: str
    text: str
    numbers: list[NumberToCall]


class FixOut(msgspec.Struct, kw_only=True):
    """The one thing to change, with the place of its wrong picture where there is one."""

    check: str
    text: str
    fault: int | None
    next: str


class ResultOut(msgspec.Struct, kw_only=True):
    """
    `completion` is 0 to 1, null where nothing is expected; `text` is said to the patient.

    `check` is the check that the verdict rests on, whose picture to show.
    """

    line: UUID
    side: str
    completion: float | None
    verdict: VerdictName | None
    exceeded: bool | None
    best: bool | None
    fix: FixOut | None
    check: str | None
    text: str


class RemainingOut(msgspec.Struct, kw_only=True):
    """An exercise that is still to do today."""

    line: UUID
    sessions_left: int


class StreakOut(msgspec.Struct, kw_only=True):
    unit: Literal["days", "weeks"]
    length: int


class GoalOut(msgspec.Struct, kw_only=True):
    """
    A goal that the session moved: `words` and `when` say "220 of 300 m", "in one go".

    `before` and `after` are of the best set so far, or of the session's own day or week.
    """

    id: UUID
    text: str
    amount: str
    unit: str
    baseline: float
    target: float
    before: int
    after: int
    reached: bool
    words: str
    when: str


class FeedbackOut(msgspec.Struct, kw_only=True):
    safety: SafetyOut | None
    results: list[ResultOut]
    remaining_today: list[RemainingOut] | None
    streak: StreakOut | None
    goals: list[GoalOut] | None
    rules_version: int


class SessionAnswer(msgspec.Struct, kw_only=True):
    id: UUID
    status: SessionStatus
    version: int
    feedback: FeedbackOut


class SafetyAnswer(msgspec.Struct, kw_only=True):
    id: UUID
    version: int
    safety: SafetyOut | None


class ItemProblem(msgspec.Struct, kw_only=True):
    field: str
    code: str
    detail: str


class BatchSession(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One session's outcome, in the place in which it was sent."""

    id: str | None
    status: Literal["created", "duplicate", "held", "withdrawn", "conflict", "refused"]
    version: int | None = None
    feedback: FeedbackOut | None = None
    code: str | None = None
    detail: str | None = None
    errors: list[ItemProblem] | None = None


class BatchSafetyCheck(msgspec.Struct, kw_only=True, omit_defaults=True):
    id: str | None
    status: Literal["created", "duplicate", "conflict", "refused"]
    version: int | None = None
    safety: SafetyOut | None = None
    code: str | None = None
    detail: str | None = None
    errors: list[ItemProblem] | None = None


class BatchAnswer(msgspec.Struct, kw_only=True):
    sessions: list[BatchSession]
    safety_checks: list[BatchSafetyCheck]


class SetOut(msgspec.Struct, kw_only=True, omit_defaults=True):
    repetitions: int | None = None
    hold_seconds: int | None = None
    duration_seconds: int | None = None
    distance_m: int | None = None
    steps: int | None = None
    load_kg: float | None = None


class LoggedResult(msgspec.Struct, kw_only=True):
    line: UUID
    side: str
    exercise: str
    is_off_plan: bool
    sets: list[SetOut]
    skipped: str | None
    checks: dict[str, str]
    difficulty: str | None
    pain: int | None
    verdict: VerdictName | None


class LoggedSession(msgspec.Struct, kw_only=True):
    """A session as it is kept. A patient's `id` is the phone's; staff get the row's own."""

    id: UUID
    status: SessionStatus
    version: int
    performed_at: dt.datetime
    performed_on: dt.date
    received_at: dt.datetime
    claimed_performed_at: dt.datetime
    duration_seconds: int | None
    effort: int | None
    pain_before: int | None
    pain_after: int | None
    symptoms: list[str]
    help: str | None
    note: str
    logged_as: str
    is_possible_duplicate: bool
    results: list[LoggedResult]


class LoggedSessionPage(msgspec.Struct, kw_only=True):
    results: list[LoggedSession]
    next: str | None
