"""The shapes of form checks and of how well they agree with what the patient says."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.bodies import Body, LocalDate, line, text
from sessions.bodies import CheckId

YesOrNo = Literal["yes", "no"]


class NewFormCheck(Body):
    """The checks of the exercise that were seen; one that was not looked at is left out."""

    line: UUID
    seen_on: LocalDate
    answers: Annotated[dict[CheckId, YesOrNo], msgspec.Meta(min_length=1, max_length=20)]
    note: Annotated[str, text(500)] = ""


class WithdrawFormCheck(Body):
    reason: Annotated[str, line(500)]


class FormCheckOut(msgspec.Struct, kw_only=True):
    id: UUID
    patient: UUID
    line: UUID
    exercise: str
    seen_on: dt.date
    answers: dict[str, YesOrNo]
    note: str
    scored_by: str
    scored_at: dt.datetime
    withdrawn_at: dt.datetime | None
    withdrawn_reason: str


class AgreementCounts(msgspec.Struct, kw_only=True):
    """
    How often the therapist scored, how often the patient answered too, and how often alike.

    `more_favourable`: the patient said right where the therapist saw wrong; `less_favourable`: the
    reverse. `agreement_percent` is rounded down, and null while `both_answered` is below 5.
    """

    scored: int
    both_answered: int
    agree: int
    more_favourable: int
    less_favourable: int
    agreement_percent: int | None


class CheckAgreement(AgreementCounts, kw_only=True):
    """One check, in the newest words in which a therapist scored it."""

    check: str
    ask: str


class LineAgreement(AgreementCounts, kw_only=True):
    line: UUID
    exercise: str
    checks: list[CheckAgreement]


class FormAgreementOut(msgspec.Struct, kw_only=True):
    """
    Each line that was scored, first prescribed first. `window_days`: how far a patient's answer may
    lie from the date on which the therapist looked; the nearest one stands.
    """

    patient: UUID
    window_days: int
    lines: list[LineAgreement]
