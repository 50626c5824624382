"""The shapes of what a patient asks for: a pause. Dates are inclusive and the patient's."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from core.bodies import Body, LocalDate, visible_text
from core.pagination import PageQuery
from patients.bodies.pauses import Confirm, Note

Status = Literal["waiting", "accepted", "declined", "withdrawn"]


class NewPauseRequest(Body, kw_only=True):
    """`ends_on` null: the end is not known yet."""

    starts_on: LocalDate
    ends_on: LocalDate | None = None
    reason: Literal["hospital", "holiday", "illness", "other"]
    note: Note = ""


class PauseRequestQuery(PageQuery):
    status: Status | None = None


class AcceptPauseRequest(Body, kw_only=True):
    """Dates that are left out are those that were asked for; the note is shown to the patient."""

    starts_on: LocalDate | UnsetType = UNSET
    ends_on: LocalDate | UnsetType | None = UNSET
    note: Note = ""
    confirm: Confirm = []


class DeclinePauseRequest(Body, kw_only=True):
    """The note tells the patient why."""

    note: Annotated[str, visible_text(500)]


class PauseRequestOut(msgspec.Struct, kw_only=True):
    """`pause` is what was made of it, which may have other dates than were asked for."""

    id: UUID
    starts_on: dt.date
    ends_on: dt.date | None
    reason: str
    note: str
    status: Status
    asked_by: str
    asked_as: str
    asked_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    decision_note: str
    pause: UUID | None
