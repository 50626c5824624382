"""What patients and their carers are told of the record: plain, and nothing internal."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec

State = Literal["coming", "running", "over"]


class OwnClinic(msgspec.Struct, kw_only=True):
    name: str
    phone_number: str


class OwnTherapist(msgspec.Struct, kw_only=True):
    name: str
    is_lead: bool


class OwnProgram(msgspec.Struct, kw_only=True):
    """Both dates are inclusive; `ends_on` null: no end is set."""

    title: str
    starts_on: dt.date
    ends_on: dt.date | None
    state: State


class OwnPause(msgspec.Struct, kw_only=True):
    starts_on: dt.date
    ends_on: dt.date | None
    reason: str
    reason_words: str
    state: State


class OwnCarer(msgspec.Struct, kw_only=True):
    """A person who may log and read on the patient's behalf until `revoked_at`."""

    id: UUID
    name: str
    consented_at: dt.datetime
    revoked_at: dt.datetime | None


class OwnRecord(msgspec.Struct, kw_only=True):
    """`in_care` is false after discharge: the record is then read, not written."""

    id: UUID
    name: str
    date_of_birth: dt.date
    medical_record_number: str
    affected_side: str
    affected_side_words: str
    in_care: bool
    discharged_on: dt.date | None
    clinic: OwnClinic
    care_team: list[OwnTherapist]
    programs: list[OwnProgram]
    pauses: list[OwnPause]
    aids: list[str]
    precautions: str
    carers: list[OwnCarer]
