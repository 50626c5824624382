"""The shapes of requests and answers about patients, their care teams, carers and logins."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from clinics.bodies import Email
from core.bodies import Body, LocalDate, line, text
from core.pagination import PageQuery

SideAffected = Literal["left", "right", "both", "none"]
Need = Literal["aphasia", "low_vision", "hard_of_hearing", "cognitive"]
Needs = Annotated[list[Need], msgspec.Meta(max_length=4)]
Devices = Annotated[list[Annotated[str, line(80)]], msgspec.Meta(max_length=10)]
Name = Annotated[str, line(120)]
RecordNumber = Annotated[str, line(40)]
ZoneName = Annotated[str, line(64)]
Precautions = Annotated[str, text(2000)]
Language = Annotated[str, msgspec.Meta(max_length=8, pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$(?!\n)")]


class NewPatient(Body, kw_only=True):
    """Zone and language are the clinic's where left out; `lead` is a therapist's membership."""

    name: Name
    date_of_birth: LocalDate
    medical_record_number: RecordNumber
    affected_side: SideAffected
    time_zone: ZoneName | None = None
    language: Language | None = None
    communication_needs: Needs = []
    assistive_devices: Devices = []
    precautions: Precautions = ""
    lead: UUID | None = None


class PatientChange(Body, kw_only=True):
    """What is left out stays as it is."""

    name: Name | UnsetType = UNSET
    date_of_birth: LocalDate | UnsetType = UNSET
    medical_record_number: RecordNumber | UnsetType = UNSET
    affected_side: SideAffected | UnsetType = UNSET
    time_zone: ZoneName | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    communication_needs: Needs | UnsetType = UNSET
    assistive_devices: Devices | UnsetType = UNSET
    precautions: Precautions | UnsetType = UNSET


class PatientQuery(PageQuery, kw_only=True):
    """
    `known`: everyone in the clinic, those one does not treat by name alone.

    `unassigned`: in care without a working therapist; for administrators.
    """

    search: Annotated[str, line(120)] | None = None
    status: Literal["active", "discharged"] | None = None
    known: bool = False
    unassigned: bool = False


class CareTeamMember(msgspec.Struct, kw_only=True):
    membership: UUID
    name: str
    is_lead: bool
    is_working: bool


class PatientCard(msgspec.Struct, kw_only=True):
    """
    One row of a list. What the caller may not see is null.

    `unassigned_since`: when the last working therapist left; null while there is one, or if
    nobody knows.
    """

    id: UUID
    name: str
    on_my_care_team: bool
    date_of_birth: dt.date | None
    medical_record_number: str | None
    status: str | None
    is_paused: bool | None
    care_team: list[CareTeamMember] | None
    unassigned_since: dt.datetime | None


class PatientOut(msgspec.Struct, kw_only=True):
    """A patient's record. What is clinical is null for an administrator."""

    id: UUID
    name: str
    date_of_birth: dt.date
    medical_record_number: str
    time_zone: str
    language: str
    status: str
    discharged_on: dt.date | None
    has_login: bool
    care_team: list[CareTeamMember]
    affected_side: str | None
    communication_needs: list[str] | None
    assistive_devices: list[str] | None
    precautions: str | None
    is_paused: bool | None


class CareTeamOut(msgspec.Struct, kw_only=True):
    """`is_unassigned`: no working therapist is left, and the patient needs one."""

    results: list[CareTeamMember]
    is_unassigned: bool


class CareTeamPlace(Body, kw_only=True):
    """Leading ends the lead of whoever had it."""

    is_lead: bool = False


class TherapistOut(msgspec.Struct, kw_only=True):
    membership: UUID
    name: str


class NewCarer(Body, kw_only=True):
    """`consent`: the patient has agreed, and the clinic vouches for it."""

    email: Email
    consent: Literal["given"]


class CarerOut(msgspec.Struct, kw_only=True):
    id: UUID
    name: str
    email: str
    consented_at: dt.datetime
    consent_recorded_by: str
    revoked_at: dt.datetime | None


class Login(Body, kw_only=True):
    email: Email
