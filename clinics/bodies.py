"""The shapes of requests and answers about people and sign-in."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from clinics.settings_rules import PHONE_NUMBER
from core.bodies import Body, LocalDate, line, text, whole
from core.pagination import PageQuery

Email = Annotated[
    str, msgspec.Meta(min_length=3, max_length=254, pattern=r"^[^\s@]+@[^\s@]+$(?!\n)")
]
Password = Annotated[str, text(128, least=1)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


# Its form is looked at where the words for it are: in the action.
PhoneNumber = Annotated[
    str, msgspec.Meta(max_length=32, extra_json_schema={"pattern": PHONE_NUMBER + r"(?!\n)"})
]


class SignIn(Body):
    email: Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    device_name: Annotated[str, line(80)]


class NewInvitation(Body):
    """`roles`: `admin`, `therapist` or both."""

    email: Email
    roles: Annotated[list[Literal["admin", "therapist"]], msgspec.Meta(min_length=1, max_length=2)]


class InvitationOut(msgspec.Struct, kw_only=True):
    """`state`: `open`, `expired`, `accepted` or `revoked`. An expired one can be sent again."""

    id: UUID
    kind: str
    email: str
    roles: list[str]
    state: str
    invited_by: str
    invited_at: dt.datetime
    ends_at: dt.datetime
    times_sent: int


class InvitationCode(Body):
    """`code`: as the mail gave it."""

    code: Code


class JoinByInvitation(Body):
    code: Code
    name: Annotated[str, line(120)]
    password: Password
    device_name: Annotated[str, line(80)]


class InvitationShown(msgspec.Struct, kw_only=True):
    """What an invitation is to. `has_login`: sign in with that address, then accept."""

    clinic_name: str
    kind: str
    email: str
    has_login: bool


class InvitationTaken(msgspec.Struct, kw_only=True):
    """Where it led: the clinic, and the record for a patient or a carer."""

    clinic: UUID
    kind: str
    record: UUID | None


class ResetRequest(Body):
    email: Email


class Reset(Body):
    """`code`: as the mail gave it."""

    code: Code
    password: Password


class PasswordChange(Body):
    current_password: Password
    password: Password


class DeviceOut(msgspec.Struct, kw_only=True):
    id: UUID
    name: str
    signed_in_at: dt.datetime
    last_seen_on: dt.date
    ends_at: dt.datetime
    is_this_one: bool


class SignedIn(msgspec.Struct, kw_only=True):
    """The token is shown once; only its hash is kept."""

    token: str
    device: DeviceOut


class DeviceList(msgspec.Struct, kw_only=True):
    results: list[DeviceOut]


Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")]


class ClinicChange(Body):
    """
    What is left out stays. `version`: that of the settings which the change was made from.

    `on_call_contact`: a mail address, empty where there is none yet. Quiet hours are half-open and
    may pass midnight; the same time twice means none. `holds_after_fall`: a fall pauses the patient
    until a therapist ends it; after an emergency symptom that is so always.
    """

    version: Annotated[int, whole(1, 2_000_000_000)]
    name: Annotated[str, line(120)] | UnsetType = UNSET
    time_zone: Annotated[str, line(64)] | UnsetType = UNSET
    language: (
        Annotated[str, msgspec.Meta(max_length=6, pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$(?!\n)")]
        | UnsetType
    ) = UNSET
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)")] | UnsetType = UNSET
    phone_number: PhoneNumber | UnsetType = UNSET
    on_call_contact: (
        Annotated[str, msgspec.Meta(max_length=254, pattern=r"^([^\s@]+@[^\s@]+)?$(?!\n)")]
        | UnsetType
    ) = UNSET
    quiet_from: Clock | UnsetType = UNSET
    quiet_until: Clock | UnsetType = UNSET
    summary_weekday: Annotated[int, whole(1, 7)] | UnsetType = UNSET
    summary_hour: Annotated[int, whole(0, 23)] | UnsetType = UNSET
    holds_after_fall: bool | UnsetType = UNSET


class ClinicOut(msgspec.Struct, kw_only=True):
    """`summary_weekday` is an ISO weekday; times are wall-clock, in the clinic's zone."""

    id: UUID
    version: int
    name: str
    time_zone: str
    language: str
    country: str
    phone_number: str
    on_call_contact: str
    quiet_from: str
    quiet_until: str
    summary_weekday: int
    summary_hour: int
    holds_after_fall: bool


class ClinicsQuery(PageQuery):
    """`search`: part of the name. `archived`: those that are, instead of those that are not."""

    search: Annotated[str, text(120)] = ""
    archived: bool = False


class NewClinic(Body):
    """`admin_email`: who is asked by mail to manage it."""

    name: Annotated[str, line(120)]
    time_zone: Annotated[str, line(64)]
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)")]
    phone_number: PhoneNumber
    admin_email: Email


class PlatformClinicOut(msgspec.Struct, kw_only=True):
    """A clinic as its operators see it; `archived_at` is null while people act in it."""

    id: UUID
    name: str
    time_zone: str
    country: str
    phone_number: str
    archived_at: dt.datetime | None


class PlatformAuditQuery(PageQuery):
    """
    `action`: as it is written. `actor`: who did it. `target`: to which row.

    `since` and `until` are dates in UTC, both included.
    """

    action: Annotated[str, text(64)] | None = None
    actor: UUID | None = None
    target: UUID | None = None
    since: LocalDate | None = None
    until: LocalDate | None = None


class PlatformEventOut(msgspec.Struct, kw_only=True):
    """
    Something that was done outside every clinic. `actor` null: the platform itself, or nobody known.

    `details` names fields, versions and ids.
    """

    id: UUID
    at: dt.datetime
    action: str
    actor: UUID | None
    actor_name: str | None
    acting_as: str
    target: str
    target_id: UUID | None
    request_id: str
    address: str | None
    details: dict[str, Any]


class MemberQuery(PageQuery):
    """`ended`: those who work here no more, instead of those who do."""

    ended: bool = False


class MemberRole(msgspec.Struct, kw_only=True):
    membership: UUID
    role: str


class MemberOut(msgspec.Struct, kw_only=True):
    """A person who works in the clinic. `id` is the login's; no role left: they have gone."""

    id: UUID
    name: str
    email: str
    roles: list[MemberRole]


class MembershipOut(msgspec.Struct, kw_only=True):
    id: UUID
    clinic: UUID
    clinic_name: str
    role: str


class RecordOut(msgspec.Struct, kw_only=True):
    """A patient record that this user may act for: their own, or as a carer."""

    id: UUID
    clinic: UUID
    clinic_name: str
    name: str
    acting_as: str


class WhoAmI(msgspec.Struct, kw_only=True):
    id: UUID
    email: str
    name: str
    memberships: list[MembershipOut]
    records: list[RecordOut]
