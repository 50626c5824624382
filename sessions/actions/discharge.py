"""
Discharging a patient: `patients` ends what is prescribed, and what is logged is looked at here.

Alerts about engagement and suggestions are closed with it. Those about safety stay until a therapist
closes them.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from clinics.actors import Actor
from core import audit
from patients.actions import discharge as ending
from patients.bodies.discharge import NewDischarge
from patients.models import Discharge, Patient
from sessions.actions.revise import StoredResults
from sessions.alert_rules import SUGGESTIONS
from sessions.models import Alert, ExerciseSession

# Why somebody trains little, and what might come next: nothing comes next here.
ENGAGEMENT = ("no_contact", "low_adherence", *sorted(SUGGESTIONS))


class StoredCare(StoredResults):
    """What `patients.actions.discharge` needs to know, and to have done."""

    def last_counted_on(self, *, patient_id: UUID) -> dt.date | None:
        counted = ExerciseSession.objects.filter(
            patient_id=patient_id, status=ExerciseSession.Status.COUNTED
        )
        last: dt.date | None = counted.aggregate(last=Max("performed_on"))["last"]
        return last

    def resolve_engagement(self, *, patient: Patient, by: Actor, now: dt.datetime) -> None:
        watched = Alert.objects.filter(patient=patient, rule__in=ENGAGEMENT)
        standing = watched.exclude(status=Alert.Status.RESOLVED).order_by("pk")
        for alert in standing.select_for_update():
            alert.status, alert.note = Alert.Status.RESOLVED, _("The patient was discharged.")
            alert.resolved_by_id, alert.resolved_at = by.user_id, now
            alert.save(update_fields=["status", "note", "resolved_by", "resolved_at", "updated_at"])
            audit.record(
                action="alert_resolved",
                by=by,
                now=now,
                patient_id=patient.pk,
                target="rehab_sessions.Alert",
                target_id=alert.pk,
            )


def discharge_patient(
    *, patient_id: UUID, asked: NewDischarge, by: Actor, now: dt.datetime
) -> tuple[Discharge, bool]:
    """As `patients.actions.discharge.discharge_patient`."""
    return ending.discharge_patient(
        patient_id=patient_id, asked=asked, logged=StoredCare(), by=by, now=now
    )
