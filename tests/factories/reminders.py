"""Rows of the app `reminders`. Each factory needs no context: it opens the patient's."""

from __future__ import annotations

import datetime as dt
from typing import Any

from clinics.models import Clinic, Membership, User
from core.tenancy import clinic_context
from patients.models import Patient
from programs.dose import weekday_bits
from reminders.models import (
    ClinicWeeks,
    Contact,
    Delivery,
    Digest,
    DigestPreferences,
    ReminderPreferences,
    ReminderTime,
    StoppedCopies,
    WeeklySummary,
)
from tests.factories import people, prescribed

# What a week without anything planned was told as, and a caseload without patients.
QUIET_WEEK: dict[str, Any] = {
    "monday": "2026-11-16", "sentence": "Nothing was planned for last week.",
    "rule": "nothing_planned", "counts": "", "days_done": 0, "days_due": 0, "times_done": 0,
    "times_expected": 0, "sessions": 0, "in_a_row": "", "goals": [], "corrections": [],
    "next_week": "Nothing is planned yet.", "next_days": 0, "next_times": 0, "is_same_plan": True,
    "days": [{"on": f"2026-11-{16 + day}", "state": "rest", "words": "Rest"} for day in range(7)],
}  # fmt: skip
NO_CASES: dict[str, Any] = {
    "monday": "2026-11-16", "patients": 0, "attention": 0, "on_track": 0, "paused": 0, "cases": [],
}  # fmt: skip
ADDED_AT = dt.datetime(2026, 9, 1, 12, 0, tzinfo=dt.UTC)
MONDAY = dt.date(2026, 11, 16)


def contact(clinic: Clinic, user: User, **fields: Any) -> Contact:
    """An address that was confirmed: the login's own unless another is given."""
    said = {"channel": "email", "address": user.email, "confirmed_at": ADDED_AT} | fields
    with clinic_context(clinic.pk):
        return Contact.objects.create(clinic=clinic, user=user, added_at=ADDED_AT, **said)


def browser(clinic: Clinic, user: User, address: str, **fields: Any) -> Contact:
    keys = {"push_key": "p256dh", "push_secret": "auth"}
    return contact(clinic, user, channel="web_push", address=address, **(keys | fields))


def preferences(
    patient: Patient, *times: str, weekdays: tuple[int, ...] = (), **fields: Any
) -> ReminderPreferences:
    """What a patient chose: reminded at these local times, by email unless channels are given."""
    days = weekday_bits(list(weekdays)) if weekdays else 127
    with clinic_context(patient.clinic_id):
        made = ReminderPreferences.objects.create(
            clinic_id=patient.clinic_id, patient=patient, **({"channels": ["email"]} | fields)
        )
        for slot, at in enumerate(times, start=1):
            ReminderTime.objects.create(
                clinic_id=patient.clinic_id, patient=patient, slot=slot,
                at=dt.time.fromisoformat(at), weekdays=days,
            )  # fmt: skip
    return made


def delivery(patient: Patient, due_at: dt.datetime, **fields: Any) -> Delivery:
    """A reminder that waits for its patient's login, good for an hour."""
    assert patient.user_id is not None
    said = {
        "patient_id": patient.pk, "recipient_id": patient.user_id, "kind": "reminder", "channel": "email", "slot": 1,
        "local_date": due_at.date(), "time_zone": patient.time_zone, "next_at": due_at,
        "expires_at": due_at + dt.timedelta(hours=1),
    } | fields  # fmt: skip
    with clinic_context(patient.clinic_id):
        return Delivery.objects.create(clinic_id=patient.clinic_id, due_at=due_at, **said)


def weekly_summary(patient: Patient, week: dt.date = MONDAY, **fields: Any) -> WeeklySummary:
    said = {"made_at": ADDED_AT, "language": "en", "contents": QUIET_WEEK} | fields
    with clinic_context(patient.clinic_id):
        return WeeklySummary.objects.create(
            clinic_id=patient.clinic_id, patient=patient, week=week, **said
        )


def digest(membership: Membership, week: dt.date = MONDAY, **fields: Any) -> Digest:
    said = {"made_at": ADDED_AT, "contents": NO_CASES} | fields
    with clinic_context(membership.clinic_id):
        return Digest.objects.create(
            clinic_id=membership.clinic_id, membership=membership, week=week, **said
        )


def digest_preferences(membership: Membership, **fields: Any) -> DigestPreferences:
    with clinic_context(membership.clinic_id):
        return DigestPreferences.objects.create(
            clinic_id=membership.clinic_id, membership=membership, **fields
        )


def weeks_made(clinic: Clinic) -> ClinicWeeks:
    with clinic_context(clinic.pk):
        return ClinicWeeks.objects.create(clinic=clinic, next_at=ADDED_AT)


def stopped_copies(patient: Patient, user: User) -> StoppedCopies:
    with clinic_context(patient.clinic_id):
        return StoppedCopies.objects.create(
            clinic_id=patient.clinic_id, patient=patient, user=user, stopped_at=ADDED_AT
        )


def one_of_each(patient: Patient, therapist: Membership) -> None:
    assert patient.user is not None
    contact(patient.clinic, patient.user)
    preferences(patient, "09:00")
    stopped_copies(patient, patient.user)
    delivery(patient, ADDED_AT)
    weekly_summary(patient)
    digest(therapist)
    digest_preferences(therapist)
    weeks_made(patient.clinic)


def reminded_world() -> people.World:
    """Ana is reminded at ten by email, and has something to do every day."""
    made = people.world()
    prescribed.line(made.ana)
    contact(made.clinic, made.ana.user)
    preferences(made.ana, "10:00")
    return made
