"""The shapes of requests and answers about the end of care. Dates are the patient's."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.bodies import Body, LocalDate, text

DischargeReason = Literal["completed", "moved", "wish", "medical", "no_contact", "died", "other"]
Note = Annotated[str, text(500)]


class NewDischarge(Body, kw_only=True):
    """`on` is the last date of care: today where it is left out."""

    on: LocalDate | None = None
    reason: DischargeReason
    note: Note = ""
    confirm: Annotated[list[Literal["discharged_in_past"]], msgspec.Meta(max_length=1)] = []


class NewReadmission(Body, kw_only=True):
    note: Note = ""


class DischargeOut(msgspec.Struct, kw_only=True):
    """One end of care; the readmission that followed it is null while it stands."""

    id: UUID
    discharged_on: dt.date
    reason: str
    note: str
    made_by: str
    made_at: dt.datetime
    readmitted_on: dt.date | None
    readmitted_by: str | None
    readmitted_at: dt.datetime | None
    readmission_note: str


class DischargeAnswer(msgspec.Struct, kw_only=True):
    """What is still open is the care team's to close: a discharge closes no safety alert."""

    discharge: DischargeOut
    open_alerts: int
    held_sessions: int


class ReadmissionAnswer(msgspec.Struct, kw_only=True):
    """`discharge` is the one that ended, null where there was none; `detail` says what to do."""

    patient: UUID
    status: str
    discharge: DischargeOut | None
    detail: str
