"""What answers about a patient's reminders show; to the patient and to the care team alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from clinics.models import Clinic
from core.calendar import local_date
from patients.models import Patient
from programs.dose import weekday_list
from reminders.bodies.preferences import OwnReminders, ReminderChoice, ReminderTimeOut
from reminders.channels import offered, push_public_key
from reminders.models import ReminderPreferences, ReminderTime
from reminders.quiet_hours import QuietHours


def choice_out(patient: Patient, *, now: dt.datetime) -> ReminderChoice:
    """Show the choice of a patient whose clinic is loaded, in two statements."""
    return ReminderChoice(**_choice(patient, now=now))


def own_reminders_out(patient: Patient, *, now: dt.datetime) -> OwnReminders:
    """The same, with what there is to choose from."""
    return OwnReminders(
        **_choice(patient, now=now),
        time_zone=patient.time_zone,
        clinic_quiet_from=_clock(patient.clinic.quiet_from),
        clinic_quiet_until=_clock(patient.clinic.quiet_until),
        channels_offered=[one.value for one in offered()],  # type: ignore[misc]
        push_public_key=push_public_key(),
    )


def _choice(patient: Patient, *, now: dt.datetime) -> dict[str, Any]:
    row = ReminderPreferences.objects.filter(patient=patient).first()
    times = list(ReminderTime.objects.filter(patient=patient).order_by("at", "slot"))
    row = row or ReminderPreferences(channels=["email"], version=0)
    today = local_date(now, patient.time_zone)
    is_over = row.paused_until is not None and row.paused_until < today
    return {
        "version": row.version,
        "times": _times(times, _quiet_hours(row, patient.clinic)),
        "channels": list(row.channels),
        "quiet_from": _clock(row.quiet_from) if row.quiet_from else None,
        "quiet_until": _clock(row.quiet_until) if row.quiet_until else None,
        "is_paused": row.is_paused and not is_over,
        "paused_until": None if is_over else row.paused_until,
        "copies_carers": row.copies_carers,
        "counts_by_mail": row.counts_by_mail_at is not None,
        "counts_by_mail_at": row.counts_by_mail_at,
        "follows_phone": row.follows_phone,
        "wants_reminders": row.reminders_stopped_at is None,
        "wants_summaries": row.summaries_stopped_at is None,
    }


def _quiet_hours(row: ReminderPreferences, clinic: Clinic) -> list[QuietHours]:
    """The clinic's bind, however narrow the patient's have become since."""
    hours = [QuietHours(clinic.quiet_from, clinic.quiet_until)]
    if row.quiet_from is not None and row.quiet_until is not None:
        hours.append(QuietHours(row.quiet_from, row.quiet_until))
    return hours


def _times(times: Sequence[ReminderTime], quiet: Sequence[QuietHours]) -> list[ReminderTimeOut]:
    return [
        ReminderTimeOut(
            slot=one.slot,
            at=_clock(one.at),
            weekdays=weekday_list(one.weekdays),
            is_quiet=any(hours.cover(one.at) for hours in quiet),
        )
        for one in times
    ]


def _clock(at: dt.time) -> str:
    return at.isoformat(timespec="minutes")
