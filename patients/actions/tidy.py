"""What has expired is tidied: devices, counted attempts, sent mails, drafts nobody came back to."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from clinics import actors
from clinics.actions.devices import tidy_devices
from clinics.actions.passwords import tidy_resets
from clinics.models import Clinic
from core import audit
from core.jobs import recorded_run
from core.outbox import tidy_messages
from core.tenancy import clinic_context
from patients.actions.assignments import drop_draft
from patients.models import Assignment, Patient

JOB = "tidy"
KEEP_DRAFTS = dt.timedelta(days=90)
AT_ONCE = 500


def tidy(*, now: dt.datetime) -> int:
    """
    Delete what has expired and return how much; running it twice deletes nothing more.

    The run is recorded, a failed one too, in transactions of its own.
    """
    with recorded_run(JOB, now=now):
        return (
            tidy_devices(now=now)
            + tidy_resets(now=now)
            + tidy_messages(now=now)
            + _tidy_clinics(now=now)
        )


def _tidy_clinics(*, now: dt.datetime) -> int:
    return sum(
        _tidy_clinic(clinic_id, now=now)
        for clinic_id in Clinic.objects.order_by("pk").values_list("pk", flat=True)
    )


def _tidy_clinic(clinic_id: UUID, *, now: dt.datetime) -> int:
    """
    Find old drafts, then delete them in a transaction each: no patient waits for another's draft.

    No context outlives its clinic.
    """
    with clinic_context(clinic_id):
        deleted = tidy_messages(now=now)
        found = _old_drafts(clinic_id, now=now)
    for patient_id, draft_id in found:
        with clinic_context(clinic_id):
            deleted += _delete_draft(patient_id, draft_id, clinic_id, now=now)
    return deleted


def _old_drafts(clinic_id: UUID, *, now: dt.datetime) -> list[tuple[UUID, UUID]]:
    old = Assignment.objects.filter(
        clinic_id=clinic_id,
        status=Assignment.Status.DRAFT,
        drafted_at__lt=now - KEEP_DRAFTS,
    )
    return list(old.order_by("patient_id", "pk").values_list("patient_id", "pk")[:AT_ONCE])


def _delete_draft(patient_id: UUID, draft_id: UUID, clinic_id: UUID, *, now: dt.datetime) -> int:
    """Delete a draft that is still one; with anything logged against it, leave it."""
    Patient.objects.select_for_update().get(pk=patient_id)
    draft = Assignment.objects.filter(pk=draft_id, status=Assignment.Status.DRAFT).first()
    if draft is None or not drop_draft(draft):
        return 0
    audit.record(
        action="draft_expired",
        by=actors.system(clinic_id),
        now=now,
        patient_id=patient_id,
        target="patients.Assignment",
        target_id=draft_id,
    )
    return 1
