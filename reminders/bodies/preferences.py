"""The shapes of what a patient chooses about reminders. All times are at the patient's own clock."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec

from core.bodies import Body, LocalDate, line, whole

Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")]
ChannelName = Literal["email", "web_push", "sms"]
Weekdays = Annotated[list[Annotated[int, whole(1, 7)]], msgspec.Meta(min_length=1, max_length=7)]


class NewReminderTime(Body):
    """`weekdays`: 1 is Monday. `slot`: the number that a time keeps; left out, it is given one."""

    at: Clock
    weekdays: Weekdays
    slot: Annotated[int, whole(1, 6)] | None = None


class NewReminderChoice(Body):
    """
    All that is chosen, in place of what was: `version` is that which was read, 0 at first.

    `channels`: in order; the first that can be used carries a reminder. Quiet hours null: as the
    clinic's. `paused_until`: the last day of the pause; null: until it is ended. A carer leaves
    `copies_carers`, `counts_by_mail` and `follows_phone` as they are.
    """

    version: Annotated[int, whole(0, 2_000_000_000)]
    times: Annotated[list[NewReminderTime], msgspec.Meta(max_length=6)]
    channels: Annotated[list[ChannelName], msgspec.Meta(max_length=3)]
    quiet_from: Clock | None
    quiet_until: Clock | None
    is_paused: bool
    paused_until: LocalDate | None
    copies_carers: bool
    counts_by_mail: bool
    follows_phone: bool
    wants_reminders: bool
    wants_summaries: bool


class ReminderTimeOut(msgspec.Struct, kw_only=True):
    """`is_quiet`: it lies in quiet hours by now, so nothing goes out then."""

    slot: int
    at: str
    weekdays: list[int]
    is_quiet: bool


class ReminderChoice(msgspec.Struct, kw_only=True):
    """
    What a patient chose. `version` 0: nothing yet, so no reminders and weekly summaries by mail.

    `counts_by_mail_at`: when the patient agreed to day words and counts in mails.
    """

    version: int
    times: list[ReminderTimeOut]
    channels: list[ChannelName]
    quiet_from: str | None
    quiet_until: str | None
    is_paused: bool
    paused_until: dt.date | None
    copies_carers: bool
    counts_by_mail: bool
    counts_by_mail_at: dt.datetime | None
    follows_phone: bool
    wants_reminders: bool
    wants_summaries: bool


class OwnReminders(ReminderChoice, kw_only=True):
    """
    The choice, and what there is to choose from.

    `push_public_key`: the key with which a browser subscribes; null where web push is not offered.
    """

    time_zone: str
    clinic_quiet_from: str
    clinic_quiet_until: str
    channels_offered: list[ChannelName]
    push_public_key: str | None


class PhoneZone(Body):
    """The zone of the phone: area and city, such as Europe/Lisbon."""

    time_zone: Annotated[str, line(64)]


class PhoneZoneOut(msgspec.Struct, kw_only=True):
    """The zone of the record, by which the patient's days and times are told."""

    time_zone: str
