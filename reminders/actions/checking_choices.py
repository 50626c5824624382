"""What cannot be chosen about reminders, each fault by the name of its field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import FieldError
from reminders.bodies.preferences import NewReminderChoice, NewReminderTime
from reminders.channels import offered
from reminders.quiet_hours import QuietHours
from reminders.reminder_times import LEAST_MINUTES_APART, Chosen, minutes_apart

LONGEST_PAUSE = dt.timedelta(days=366)
Fault = tuple[str, str, str | Promise]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """
    What was chosen before. It may stay, whatever the clinic, its channels or the date are by now:
    who wants to stop is not refused for something else.
    """

    channels: Collection[str] = ()
    times: Collection[dt.time] = ()
    own_hours: QuietHours | None = None
    paused_until: dt.date | None = None


def faults_of(
    asked: NewReminderChoice,
    *,
    clinic_hours: QuietHours,
    standing: Standing,
    today: dt.date,
) -> list[FieldError]:
    """Return all that is wrong with a choice, but for what stands already."""
    found = [
        *_of_times(asked, clinic_hours, standing),
        *_of_channels(asked, standing.channels),
        *_of_quiet_hours(asked, clinic_hours, standing),
        *_of_pause(asked, today, standing),
    ]
    return [FieldError(field=field, code=code, detail=str(detail)) for field, code, detail in found]


def own_hours(begins: str | None, ends: str | None) -> QuietHours | None:
    if begins is None or ends is None:
        return None
    return QuietHours(dt.time.fromisoformat(begins), dt.time.fromisoformat(ends))


def _of_times(
    asked: NewReminderChoice, clinic_hours: QuietHours, standing: Standing
) -> Iterator[Fault]:
    for place, one in enumerate(asked.times):
        chosen, before = _chosen(one), [_chosen(each) for each in asked.times[:place]]
        if len(set(one.weekdays)) < len(one.weekdays):
            yield f"times.{place}.weekdays", "repeated", _("Name each day once.")
        if one.slot is not None and one.slot in [each.slot for each in before]:
            yield f"times.{place}.slot", "repeated", _("Two times cannot have one number.")
        if _is_quiet(chosen.at, asked, clinic_hours, standing):
            yield f"times.{place}.at", "in_quiet_hours", _("This time lies in the quiet hours.")
        if any(each.at == chosen.at for each in before):
            yield f"times.{place}.at", "repeated", _("This time is there already: add its days.")
        elif any(minutes_apart(each, chosen) < LEAST_MINUTES_APART for each in before):
            yield f"times.{place}.at", "too_close", _("Leave half an hour between two times.")


def _is_quiet(
    at: dt.time, asked: NewReminderChoice, clinic_hours: QuietHours, standing: Standing
) -> bool:
    """Where a time stands already, only new hours of one's own are looked at."""
    is_quiet_anyway = clinic_hours.cover(at)
    own = own_hours(asked.quiet_from, asked.quiet_until)
    is_in_own = own is not None and own.cover(at)
    if at not in standing.times:
        return is_quiet_anyway or is_in_own
    return is_in_own and not is_quiet_anyway and own != standing.own_hours


def _of_channels(asked: NewReminderChoice, standing: Collection[str]) -> Iterator[Fault]:
    if asked.times and not asked.channels:
        yield "channels", "too_few", _("Choose how to be reminded.")
    known = {str(one) for one in offered()} | set(standing)
    for place, name in enumerate(asked.channels):
        if name in asked.channels[:place]:
            yield f"channels.{place}", "repeated", _("Name each way once.")
        elif name not in known:
            yield f"channels.{place}", "channel_not_offered", _("Your clinic does not offer this.")


def _of_quiet_hours(
    asked: NewReminderChoice, clinic_hours: QuietHours, standing: Standing
) -> Iterator[Fault]:
    if (asked.quiet_from is None) != (asked.quiet_until is None):
        missing = "quiet_from" if asked.quiet_from is None else "quiet_until"
        yield missing, "missing", _("Say when the quiet hours begin, and when they end.")
    own = own_hours(asked.quiet_from, asked.quiet_until)
    if own is None or own == standing.own_hours:
        return
    narrower = _("Your clinic's quiet hours are longer. Yours must hold all of them.")
    if own.begins == own.ends:
        yield "quiet_until", "same_time", _("Quiet hours end at another time than they begin.")
    elif not clinic_hours.begin_within(own):
        yield "quiet_from", "narrower_than_clinic", narrower
    elif not clinic_hours.lie_within(own):
        yield "quiet_until", "narrower_than_clinic", narrower


def _of_pause(asked: NewReminderChoice, today: dt.date, standing: Standing) -> Iterator[Fault]:
    last = asked.paused_until
    if last is None:
        return
    if not asked.is_paused:
        yield "paused_until", "not_paused", _("Only a pause has a last day.")
    elif last < today and last != standing.paused_until:
        yield "paused_until", "too_long_ago", _("This day is over.")
    elif last > today + LONGEST_PAUSE:
        yield "paused_until", "too_far_ahead", _("A pause is at most one year long.")


def _chosen(one: NewReminderTime) -> Chosen:
    return Chosen(dt.time.fromisoformat(one.at), frozenset(one.weekdays), one.slot)
