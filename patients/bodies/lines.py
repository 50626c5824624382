"""The shapes of requests and answers about the lines of an assignment. Dates are the patient's."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from core.bodies import Body, LocalDate, whole
from patients.confirmations import Confirmation
from patients.orders import MOST_LINES, LineOrder, Note, SideAsked
from programs.doses import Dose, Schedule

Confirm = Annotated[list[Confirmation], Meta(max_length=4)]


class NewLine(LineOrder, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """An exercise from a date on: by default the draft's start, else today."""

    starts_on: LocalDate | None = msgspec.field(name="from", default=None)
    confirm: Confirm = []


class LineRevision(Body, kw_only=True):
    """
    A new dose (whole), side or schedule from a date on, by default tomorrow.

    What is left out stays as it is. The measure of the dose is the line's. `newest_version`: from
    then on as the exercise's newest version says, alone or with a change; earlier rows keep theirs.
    """

    starts_on: LocalDate | None = msgspec.field(name="from", default=None)
    dose: Dose | UnsetType = UNSET
    side: SideAsked | UnsetType = UNSET
    schedule: Schedule | UnsetType = UNSET
    newest_version: bool = False
    confirm: Confirm = []


class LineChange(Body, kw_only=True):
    """What changes in place; position 1 is first."""

    note: Note | UnsetType = UNSET
    position: Annotated[int, whole(1, MOST_LINES)] | UnsetType = UNSET


class LineOrdering(Body, kw_only=True):
    """Every line of the assignment once, in the order that is wanted."""

    lines: Annotated[list[UUID], Meta(min_length=1, max_length=MOST_LINES)]


class LastDate(Body, kw_only=True):
    """The last date, inclusive; by default today."""

    on: LocalDate | None = None
    confirm: Confirm = []


class PrescribedRow(msgspec.Struct, kw_only=True):
    """
    What a line prescribes over the half-open dates `[from, until)`.

    Dose, side and schedule have the shape in which they are sent, with the words beside them.
    `is_in_force` is as of the patient's today and heeds the assignment's own dates too.
    """

    id: UUID
    starts_on: dt.date = msgspec.field(name="from")
    until: dt.date | None
    is_in_force: bool
    dose: Dose
    dose_words: str
    side: str
    side_words: str
    side_asked: str | None
    schedule: Schedule
    schedule_words: str
    is_outside_usual_range: bool
    prescribed_by: str
    prescribed_at: dt.datetime


class LineExercise(msgspec.Struct, kw_only=True):
    """
    The exercise in the version that the line's latest row prescribes.

    `newest_version` is the one that is offered now: higher where there is a newer one.
    `review_status` is the newest review of the version that is prescribed.
    """

    id: UUID
    name: str
    version: int
    newest_version: int
    review_status: str
    precautions: list[str]
    contraindications: list[str]


class LineOfAssignment(msgspec.Struct, kw_only=True):
    """A line with all its rows in order of time: what was, is and will be in force."""

    id: UUID
    position: int
    measure: str
    note: str
    exercise: LineExercise
    rows: list[PrescribedRow]


class LineAnswer(LineOfAssignment, kw_only=True):
    assignment: UUID
    patient: UUID
