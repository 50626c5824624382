"""
The nightly check: who is silent, whose adherence is low.

Clinic by clinic, each once in a night of its own, patients in slices: a transaction each, in the
order of their keys. Where a run is cut off, the next one goes on after the last slice; what was
found before is not told again.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from clinics.models import Clinic
from core.bulk import insert_together
from core.calendar import DAY, zone
from core.jobs import recorded_run
from core.models import Message
from core.outbox import nudge_on_commit
from core.tenancy import clinic_context
from patients.models import Patient
from sessions.actions.raising import Cause, Writes, writes_for
from sessions.actions.telling import told_as_one
from sessions.alert_facts import read_standing_of, read_thresholds
from sessions.models import AlertOccurrence, ClinicWatch
from sessions.silence import Found, found_among, watched_after, watched_again

JOB = "watch"
AT_ONCE = 250
NIGHT_BEGINS_AT = 2
# Well within the time that a task may take: the rest waits for the next run.
LONGEST_RUN_SECONDS = 60.0


def watch(*, now: dt.datetime, longest_seconds: float | None = None) -> int:
    """
    Check every clinic whose night has come; return how many occurrences were told.

    A night's check is due from two in the morning, at the clinic's clock, and is made up for later
    where nothing ran then. Running it again tells nothing twice.
    """
    began = time.monotonic()
    longest = LONGEST_RUN_SECONDS if longest_seconds is None else longest_seconds
    told = 0
    with recorded_run(JOB, now=now):
        for clinic in Clinic.objects.filter(archived_at=None).order_by("pk"):
            while time.monotonic() - began < longest:
                slice_told = _watch_slice(clinic, now=now)
                if slice_told is None:
                    break
                told += slice_told
    return told


def watch_clinic(clinic: Clinic, *, now: dt.datetime) -> int:
    """Check one clinic's patients now, whatever its clock says."""
    told, after = 0, None
    while True:
        with clinic_context(clinic.pk):
            slice_told, after = _check_after(clinic.pk, after, now=now)
        told += slice_told
        if after is None:
            return told


def _watch_slice(clinic: Clinic, *, now: dt.datetime) -> int | None:
    """Check the next slice of a clinic; None where tonight's check is done or not yet due."""
    night = _night_of(clinic, now=now)
    with clinic_context(clinic.pk):
        watched, _made = ClinicWatch.objects.select_for_update().get_or_create(
            clinic=clinic, defaults={"night": night - DAY, "is_done": True}
        )
        if watched.night >= night and watched.is_done:
            return None
        if watched.night < night:
            watched.night, watched.is_done, watched.checked_until = night, False, None
        told, watched.checked_until = _check_after(clinic.pk, watched.checked_until, now=now)
        watched.is_done = watched.checked_until is None
        watched.save(update_fields=["night", "is_done", "checked_until", "updated_at"])
        return told


def _night_of(clinic: Clinic, *, now: dt.datetime) -> dt.date:
    """The date of the night whose check is due: yesterday's until two in the morning."""
    local = now.astimezone(zone(clinic.time_zone))
    return local.date() if local.hour >= NIGHT_BEGINS_AT else local.date() - DAY


def _check_after(
    clinic_id: UUID, after: UUID | None, *, now: dt.datetime
) -> tuple[int, UUID | None]:
    """Check one slice; return how much was told, and the last key, None at the end."""
    watched = watched_after(after, most=AT_ONCE, now=now)
    if not watched:
        return 0, None
    limits = read_thresholds(clinic_id)
    fresh = _not_yet_told(found_among(watched, limits))
    if fresh:
        # What was read before the records were locked may be old: a session may just have come.
        locked = _lock({each.patient_id for each in fresh})
        fresh = _not_yet_told(found_among(watched_again(locked, now=now), limits))
    told = _tell(clinic_id, fresh, now=now)
    return told, watched[-1].id if len(watched) == AT_ONCE else None


def _not_yet_told(found: Sequence[Found]) -> list[Found]:
    known = set(
        AlertOccurrence.objects.filter(
            patient__in={each.patient_id for each in found},
            cause__in={each.cause for each in found},
        ).values_list("patient_id", "cause")
    )
    return [each for each in found if (each.patient_id, each.cause) not in known]


def _lock(patient_ids: set[UUID]) -> list[UUID]:
    """Lock the records in the order of their keys, as no one else locks several."""
    found = Patient.objects.filter(pk__in=patient_ids).order_by("pk")
    locked = found.select_for_update(no_key=True)
    return [each.pk for each in locked]


def _tell(clinic_id: UUID, fresh: Sequence[Found], *, now: dt.datetime) -> int:
    """Write every patient's alerts in one statement for the slice."""
    everything = Writes()
    to_on_call: list[Message] = []
    patients = Patient.objects.in_bulk({each.patient_id for each in fresh})
    standing = read_standing_of(clinic_id=clinic_id, patient_ids=patients)
    for patient_id, found in groupby(sorted(fresh, key=_by_patient), _by_patient):
        for each in found:
            writes = writes_for(
                patient=patients[patient_id],
                raised=[each.raised],
                known=standing[patient_id],
                cause=Cause(claimed_at=now, received_at=now, name=each.cause),
                now=now,
            )
            everything.rows += writes.rows
            everything.added_to += writes.added_to
            told = everything.messages if standing[patient_id].team else to_on_call
            told += writes.messages
    everything.messages += told_as_one(to_on_call, clinic_id=clinic_id)
    if everything.rows:
        insert_together(everything.all_rows, also=everything.also)
    if everything.messages:
        nudge_on_commit()
    return len(fresh)


def _by_patient(found: Found) -> UUID:
    return found.patient_id
