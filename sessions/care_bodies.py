"""The shapes that only the care team sends and gets."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.bodies import Body, Instant, line, visible_text
from core.pagination import PageQuery
from sessions.alert_rules import Because, Severity
from sessions.bodies import LoggedSession, SessionFacts, SessionStatus
from sessions.next_step import NextStep


class StaffSessionsQuery(PageQuery):
    status: SessionStatus | None = None
    possible_duplicates: bool = False


class AcceptHeld(Body):
    """Without a time, the one that the phone claimed stands, if it has come by now."""

    performed_at: Instant | None = None


class RefuseHeld(Body):
    reason: Annotated[str, line(500)]


class VersionOut(msgspec.Struct, kw_only=True):
    """
    One version of a session: as it was sent, by whom and when; the newest is the session's own.

    `clock_ahead_seconds`: the phone's clock minus the server's when it was sent.
    """

    number: int
    content: SessionFacts
    made_by: str
    made_as: str
    made_at: dt.datetime
    sent_at: dt.datetime | None
    clock_ahead_seconds: int | None


class StaffSession(LoggedSession, kw_only=True):
    """A session with who logged, decided and withdrew it, and up to 100 versions, newest first."""

    patient: UUID
    logged_by: str
    decided_by: str | None
    decided_at: dt.datetime | None
    decision_reason: str
    withdrawn_by: str | None
    withdrawn_at: dt.datetime | None
    withdrawn_reason: str
    versions: list[VersionOut]


class SafetyCheckOut(msgspec.Struct, kw_only=True):
    """What the patient answered before a session, by the catalogue's question ids."""

    id: UUID
    patient: UUID
    checked_at: dt.datetime
    checked_on: dt.date
    received_at: dt.datetime
    answers: dict[str, str]
    symptoms: list[str]
    has_red_flag: bool
    logged_by: str
    logged_as: str


RuleName = Literal[
    "chest_pain",
    "faint",
    "new_weakness",
    "severe_headache",
    "fall",
    "breathlessness",
    "dizziness",
    "swollen_calf",
    "near_fall",
    "pain_after",
    "exercise_pain",
    "safety_check",
    "effort",
    "skipped_for_pain",
    "no_contact",
    "low_adherence",
    "too_easy",
    "too_hard",
    "unsure",
]


class AlertsQuery(PageQuery):
    """Each filter alone or together with the others."""

    patient: UUID | None = None
    severity: Severity | None = None
    rule: RuleName | None = None
    status: Literal["open", "acknowledged", "resolved"] | None = None


class AcknowledgeAlert(Body):
    note: Annotated[str, visible_text(2000, may_be_empty=True)] = ""


class ResolveAlert(Body):
    note: Annotated[str, visible_text(2000)]


class OccurrenceOut(msgspec.Struct, kw_only=True):
    """
    When the phone says it happened, and when the server received it.

    `session` and `safety_check` lead to `sessions/{id}` and `safety-checks/{id}`. `exercise` is the name
    of what `because.line` is about, `question` what `because.check` asked.
    """

    claimed_at: dt.datetime
    received_at: dt.datetime
    severity: str
    session: UUID | None
    safety_check: UUID | None
    because: Because
    exercise: str | None
    question: str | None


class AlertOut(msgspec.Struct, kw_only=True):
    """
    An alert with its newest occurrences, up to ten.

    `line`, `exercise` and `question` are the alert's own, or else those of its newest occurrence; null
    where the rule concerns the whole session. `advice` is what the
    care team is told to do. `next_step` comes with a suggestion: nothing changes on its own.
    """

    id: UUID
    patient: UUID
    rule: str
    line: UUID | None
    exercise: str | None
    question: str | None
    advice: str
    next_step: NextStep | None
    severity: str
    status: str
    raised_at: dt.datetime
    last_occurred_at: dt.datetime
    acknowledged_by: str | None
    acknowledged_at: dt.datetime | None
    acknowledged_note: str
    resolved_by: str | None
    resolved_at: dt.datetime | None
    note: str
    occurrences: list[OccurrenceOut]


class AlertPage(msgspec.Struct, kw_only=True):
    results: list[AlertOut]
    next: str | None
