"""What a patient chooses about reminders: when, by which channel, and what may be said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.actors import Actor
from clinics.models import Clinic
from core import audit
from core.calendar import DAY, local_date
from core.errors import Conflict, Forbidden, Invalid
from patients.actions.change import lock_patient, raise_change
from patients.actions.prescribing import PatientDischarged
from patients.models import Patient
from programs.dose import weekday_bits
from reminders.actions.checking_choices import Standing, faults_of
from reminders.bodies.preferences import NewReminderChoice
from reminders.models import Delivery, ReminderPreferences, ReminderTime
from reminders.models.preferences import MOST_TIMES
from reminders.policies import may_choose_reminders, may_consent
from reminders.quiet_hours import QuietHours
from reminders.reminder_times import Chosen, numbered


class ChoiceStale(Conflict):
    """Somebody else chose meanwhile; `version` in the problem is the present one."""

    code = "stale"
    message = gettext_lazy("This was changed meanwhile. Read it again, then change it.")


class PatientDecides(Forbidden):
    """What is the patient's own to allow or take back."""

    code = "patient_decides"
    message = gettext_lazy("Only the patient decides about this.")


@dataclass(frozen=True)
class ChoiceNow:
    """What is stored of a locked patient's choice; a row that is not stored yet has version 0."""

    row: ReminderPreferences
    times: list[ReminderTime]

    def standing(self) -> Standing:
        """Return what may stay as it is."""
        row = self.row
        begins, ends = row.quiet_from, row.quiet_until
        return Standing(
            channels=row.channels,
            times=[one.at for one in self.times],
            own_hours=None if begins is None or ends is None else QuietHours(begins, ends),
            paused_until=row.paused_until,
        )


def choose_reminders(
    *, patient_id: UUID, asked: NewReminderChoice, by: Actor, now: dt.datetime
) -> ReminderPreferences:
    """
    Put a whole choice in place of the one that was read. The same again changes nothing.

    :raises ChoiceStale: it was made from an older version
    :raises PatientDecides: a carer changes what is the patient's consent
    :raises PatientDischarged:
    :raises Invalid: naming each time, channel and end of the quiet hours that cannot be
    """
    with transaction.atomic():
        patient = lock_own(patient_id, by)
        before = choice_of(patient)
        if asked.version != before.row.version:
            raise ChoiceStale(field="version", extra={"version": before.row.version})
        wanted = _wanted(before.row, asked, now=now)
        changed = _differing(before.row, wanted)
        _refuse_carers_consent(changed, by)
        _refuse_impossible(patient, asked, before, now=now)
        if _store_times(patient, before.times, asked, now=now):
            changed.append("times")
        if changed:
            _store(before.row, wanted, changed, patient=patient, by=by, now=now)
    return before.row


def lock_own(patient_id: UUID, by: Actor) -> Patient:
    """
    Lock a record whose reminders the actor may choose; after discharge it is read-only.

    :raises Forbidden, NotFound, PatientDischarged:
    """
    patient = lock_patient(patient_id, by)
    if not may_choose_reminders(by):
        raise Forbidden
    if patient.status == Patient.Status.DISCHARGED:
        raise PatientDischarged(_("Care at this clinic has ended."))
    return patient


def choice_of(patient: Patient) -> ChoiceNow:
    """Return what is stored of a locked patient, or what holds where nothing is."""
    row = ReminderPreferences.objects.filter(patient=patient).first()
    if row is None:
        nothing_yet = ReminderPreferences(
            clinic_id=patient.clinic_id, patient=patient, channels=["email"], version=0
        )
        return ChoiceNow(nothing_yet, [])
    return ChoiceNow(row, list(ReminderTime.objects.filter(patient=patient).order_by("slot")))


def _wanted(
    before: ReminderPreferences, asked: NewReminderChoice, *, now: dt.datetime
) -> dict[str, object]:
    """Say what is asked in the row's words; a moment that stands already stays."""
    return {
        "channels": list(asked.channels),
        "quiet_from": _time(asked.quiet_from),
        "quiet_until": _time(asked.quiet_until),
        "is_paused": asked.is_paused,
        "paused_until": asked.paused_until,
        "copies_carers": asked.copies_carers,
        "follows_phone": asked.follows_phone,
        "counts_by_mail_at": (before.counts_by_mail_at or now) if asked.counts_by_mail else None,
        "reminders_stopped_at": (
            None if asked.wants_reminders else before.reminders_stopped_at or now
        ),
        "summaries_stopped_at": (
            None if asked.wants_summaries else before.summaries_stopped_at or now
        ),
    }


def _differing(row: ReminderPreferences, wanted: dict[str, object]) -> list[str]:
    return sorted(name for name, value in wanted.items() if getattr(row, name) != value)


def _refuse_carers_consent(changed: Collection[str], by: Actor) -> None:
    consents = {
        "copies_carers": "copies_carers",
        "counts_by_mail_at": "counts_by_mail",
        "follows_phone": "follows_phone",
    }
    for name, field in consents.items():
        if name in changed and not may_consent(by):
            raise PatientDecides(field=field)


def _refuse_impossible(
    patient: Patient, asked: NewReminderChoice, before: ChoiceNow, *, now: dt.datetime
) -> None:
    clinic = Clinic.objects.get(pk=patient.clinic_id)
    faults = faults_of(
        asked,
        clinic_hours=QuietHours(clinic.quiet_from, clinic.quiet_until),
        standing=before.standing(),
        today=local_date(now, patient.time_zone),
    )
    if faults:
        raise Invalid(faults)


def _store_times(
    patient: Patient, before: list[ReminderTime], asked: NewReminderChoice, *, now: dt.datetime
) -> bool:
    """Put the times in place of those before; tell whether anything changed."""
    chosen = [chosen_time(one.at, one.weekdays, one.slot) for one in asked.times]
    has_new = any(one.slot is None for one in chosen)
    lately = _slots_due_lately(patient, now=now) if has_new else frozenset()
    slots = numbered(chosen, {one.slot: one.at for one in before}, most=MOST_TIMES, lately=lately)
    wanted = {
        slot: (one.at, weekday_bits(sorted(one.weekdays)))
        for slot, one in zip(slots, chosen, strict=True)
    }
    stored = {one.slot: (one.at, one.weekdays) for one in before}
    if gone := set(stored) - set(wanted):
        ReminderTime.objects.filter(patient=patient, slot__in=gone).delete()
    if new := {slot: said for slot, said in wanted.items() if stored.get(slot) != said}:
        ReminderTime.objects.bulk_create(
            [
                ReminderTime(
                    clinic_id=patient.clinic_id, patient=patient, slot=slot, at=at, weekdays=days
                )
                for slot, (at, days) in sorted(new.items())
            ],
            update_conflicts=True,
            unique_fields=["patient", "slot"],
            update_fields=["at", "weekdays", "updated_at"],
        )
    return bool(gone or new)


def _slots_due_lately(patient: Patient, *, now: dt.datetime) -> frozenset[int]:
    """Return the slots of reminders of today and yesterday, in whatever zone, that were due."""
    due = Delivery.objects.filter(
        patient=patient, kind=Delivery.Kind.REMINDER, due_at__range=(now - 2 * DAY, now)
    )
    return frozenset(due.values_list("slot", flat=True))


def _store(
    row: ReminderPreferences,
    wanted: dict[str, object],
    changed: list[str],
    *,
    patient: Patient,
    by: Actor,
    now: dt.datetime,
) -> None:
    for name, value in wanted.items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    raise_change(patient)
    audit.record(
        action="reminders_chosen",
        by=by,
        now=now,
        patient_id=patient.pk,
        target="reminders.ReminderPreferences",
        target_id=row.pk,
        details={"fields": sorted(changed)},
    )


def chosen_time(at: str, weekdays: list[int], slot: int | None = None) -> Chosen:
    return Chosen(dt.time.fromisoformat(at), frozenset(weekdays), slot)


def _time(at: str | None) -> dt.time | None:
    return dt.time.fromisoformat(at) if at else None
