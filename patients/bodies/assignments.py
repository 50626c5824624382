"""The shapes of requests and answers about assignments. All dates are the patient's."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from core.bodies import Body, LocalDate, line
from core.pagination import PageQuery
from patients.bodies.lines import LineOfAssignment
from patients.confirmations import Confirmation
from patients.orders import MOST_LINES, ItemChange, LineOrder
from patients.screening import Screening, ScreeningAnswers

Title = Annotated[str, line(120)]
Confirm = Annotated[list[Confirmation], Meta(max_length=4)]
StatusWord = Literal["draft", "active", "ended"]


class DraftAssignment(Body, kw_only=True):
    """
    A draft from a program, perhaps changed, or from items; one of the two.

    Both dates are inclusive. Without a title it has the program's name; without a start it starts
    today. What the answer asks to be confirmed goes into `confirm`.
    """

    program: UUID | None = None
    changes: Annotated[list[ItemChange], Meta(max_length=MOST_LINES)] = []
    items: Annotated[list[LineOrder], Meta(max_length=MOST_LINES)] = []
    title: Title | None = None
    starts_on: LocalDate | None = None
    ends_on: LocalDate | None = None
    confirm: Confirm = []


class DraftChange(Body, kw_only=True):
    """What is left out stays as it is; `ends_on` null takes the end away."""

    title: Title | UnsetType = UNSET
    starts_on: LocalDate | UnsetType = UNSET
    ends_on: LocalDate | UnsetType | None = UNSET


class Activation(Body, kw_only=True):
    """The screening, every point of it confirmed for this patient."""

    screening: ScreeningAnswers
    confirm: Confirm = []


class AssignmentQuery(PageQuery, kw_only=True):
    status: StatusWord | None = None


class ProgramRef(msgspec.Struct, kw_only=True):
    """The program, in the version that was prescribed."""

    id: UUID
    name: str
    version: int


class Therapist(msgspec.Struct, kw_only=True):
    """A therapist by membership."""

    membership: UUID
    name: str


class ScreeningOut(msgspec.Struct, kw_only=True):
    """
    What must be confirmed (`confirmed_at` null), or what was, in the words of that moment.

    An exercise that joined later says by whom and when itself.
    """

    asked: Screening
    confirmed_by: str | None
    confirmed_at: dt.datetime | None


class AssignmentSummary(msgspec.Struct, kw_only=True):
    """`status` is as of the patient's today: one whose last date has passed is ended."""

    id: UUID
    patient: UUID
    title: str
    status: StatusWord
    starts_on: dt.date
    ends_on: dt.date | None
    program: ProgramRef | None
    therapist: Therapist
    drafted_at: dt.datetime
    activated_at: dt.datetime | None
    ended_at: dt.datetime | None


class AssignmentOut(AssignmentSummary, kw_only=True):
    lines: list[LineOfAssignment]
    screening: ScreeningOut | None
