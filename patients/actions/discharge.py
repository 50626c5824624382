"""
The end of a patient's care, and its new beginning.

Discharge on a date D leaves the past as it was: what was performed up to D still uploads and
counts. Readmission restores nothing that discharge ended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.actors import Actor
from core import audit
from core.calendar import DAY, local_date
from core.errors import Conflict, Forbidden, Invalid
from patients.actions.assignments import drop_draft
from patients.actions.change import Kind, lock_patient, raise_change
from patients.actions.prescribing import LoggedResults
from patients.bodies.discharge import NewDischarge
from patients.confirmations import Concern, ask
from patients.models import Assignment, Discharge, Line, Patient, PauseRequest
from patients.policies import may_discharge

FURTHEST_BACK = dt.timedelta(days=366)
STILL_THERE = Q(ends_on=None)


class AlreadyDischarged(Conflict):
    code = "already_discharged"
    message = gettext_lazy("This patient is discharged already, on another date.")


class LoggedCare(LoggedResults, Protocol):
    """What was logged of a patient, and what watches it. `sessions` provides it."""

    def last_counted_on(self, *, patient_id: UUID) -> dt.date | None:
        """Return the latest date on which a session that counts was performed."""

    def resolve_engagement(self, *, patient: Patient, by: Actor, now: dt.datetime) -> None:
        """Close what asks why somebody trains little, and suggestions; never an alert about safety."""


def discharge_patient(
    *, patient_id: UUID, asked: NewDischarge, logged: LoggedCare, by: Actor, now: dt.datetime
) -> tuple[Discharge, bool]:
    """
    End care on a date, today unless said; return the discharge, and whether it is new.

    Assignments and pauses get that date as their last, drafts go. The same date again, or none,
    is as once.

    :raises Invalid: a date to come, before the last counted session, or too long ago
    :raises DischargedInPast: a date that is over, and that is not confirmed
    :raises AlreadyDischarged: on another date
    """
    with transaction.atomic():
        patient = _lock(patient_id, by)
        if patient.status == Patient.Status.DISCHARGED:
            return _standing(patient, asked.on), False
        today = local_date(now, patient.time_zone)
        last = asked.on or today
        _refuse_impossible(patient, last, today, logged)
        if last < today:
            ask([_in_past()], confirmed=asked.confirm)
        discharge = _store(patient, last, asked, by=by, now=now)
        ended = _end_all(patient, last, logged, by=by, now=now)
        logged.resolve_engagement(patient=patient, by=by, now=now)
        raise_change(patient, Kind.PLAN)
        _record("patient_discharged", patient, discharge, by=by, now=now, ended=ended)
    return discharge, True


def readmit_patient(
    *, patient_id: UUID, note: str, by: Actor, now: dt.datetime
) -> tuple[Patient, Discharge | None]:
    """
    Begin care again, from today; return the discharge that ended, the latest one if none stood.

    Nothing is prescribed anew: what discharge ended stays ended. Twice is as once.
    """
    with transaction.atomic():
        patient = _lock(patient_id, by)
        latest = patient.discharges.select_related("made_by", "readmitted_by")
        discharge = latest.order_by("-made_at", "-pk").first()
        if patient.status == Patient.Status.ACTIVE:
            return patient, discharge
        patient.status, patient.discharged_on = Patient.Status.ACTIVE, None
        patient.save(update_fields=["status", "discharged_on", "updated_at"])
        if discharge is not None:
            _readmit(discharge, patient, note, by=by, now=now)
        _record("patient_readmitted", patient, discharge, by=by, now=now)
    return patient, discharge


def _lock(patient_id: UUID, by: Actor) -> Patient:
    patient = lock_patient(patient_id, by)
    if not may_discharge(by):
        raise Forbidden
    return patient


def _standing(patient: Patient, on: dt.date | None) -> Discharge:
    """Return the discharge that stands, if it is the one that is asked for."""
    standing = patient.discharges.select_related("made_by").filter(readmitted_at=None).first()
    if standing is None or on not in (None, standing.discharged_on):
        raise AlreadyDischarged(field="on", extra={"discharged_on": str(patient.discharged_on)})
    return standing


def _refuse_impossible(patient: Patient, last: dt.date, today: dt.date, logged: LoggedCare) -> None:
    """A session that counts is never after the last date; one dated ahead of today asks nothing."""
    if last > today:
        raise Invalid.at("on", "in_future", _("Care ends today or earlier."))
    if last < today - FURTHEST_BACK:
        raise Invalid.at("on", "too_long_ago", _("This lies more than a year back."))
    counted = logged.last_counted_on(patient_id=patient.pk)
    if counted is not None and last < min(counted, today):
        detail = _("A session was logged after this date, on {date}.").format(date=counted)
        raise Invalid.at("on", "before_last_session", detail)
    back = patient.discharges.aggregate(at=Max("readmitted_on"))["at"]
    if back is not None and last < back:
        detail = _("Care began again after this date, on {date}.").format(date=back)
        raise Invalid.at("on", "before_readmission", detail)


def _in_past() -> Concern:
    detail = _("This date is over. What was expected after it no longer counts. Confirm it.")
    return Concern(code="discharged_in_past", field="on", detail=detail)


def _store(
    patient: Patient, last: dt.date, asked: NewDischarge, *, by: Actor, now: dt.datetime
) -> Discharge:
    assert by.user_id is not None, "a therapist is a user"
    patient.status, patient.discharged_on = Patient.Status.DISCHARGED, last
    patient.save(update_fields=["status", "discharged_on", "updated_at"])
    return Discharge.objects.create(
        clinic_id=patient.clinic_id, patient=patient, discharged_on=last, reason=asked.reason,
        note=asked.note, made_by_id=by.user_id, made_at=now,
    )  # fmt: skip


def _end_all(
    patient: Patient, last: dt.date, logged: LoggedCare, *, by: Actor, now: dt.datetime
) -> dict[str, list[UUID]]:
    """Let nothing be expected after the date; return the keys of what was ended."""
    drafts = patient.assignments.filter(status=Assignment.Status.DRAFT).order_by("pk")
    dropped = [draft.pk for draft in drafts if drop_draft(draft)]
    longer = patient.assignments.filter(STILL_THERE | Q(ends_on__gt=last)).order_by("pk")
    ended = [_end_assignment(one, last, now=now) for one in longer]
    lines = Line.objects.filter(assignment__in=ended).order_by("pk")
    logged.rejudge(line_ids=list(lines.values_list("pk", flat=True)), since=last + DAY)
    pauses = patient.pauses.filter(STILL_THERE | Q(ends_on__gt=last)).order_by("pk")
    for pause in pauses:
        pause.ends_on = max(last, pause.starts_on - DAY)
        pause.ended_by_id, pause.ended_at = by.user_id, now
        pause.save(update_fields=["ends_on", "ended_by", "ended_at", "updated_at"])
    patient.pause_requests.filter(status=PauseRequest.Status.WAITING).update(
        status=PauseRequest.Status.DECLINED, decided_by=by.user_id, decided_at=now,
        decision_note=_("Care at this clinic has ended."),
    )  # fmt: skip
    return {"assignments": ended, "drafts": dropped, "pauses": [one.pk for one in pauses]}


def _end_assignment(assignment: Assignment, last: dt.date, *, now: dt.datetime) -> UUID:
    """One that has not begun covers no date; so does a draft that something was logged on."""
    assignment.ends_on = max(last, assignment.starts_on - DAY)
    if assignment.status == Assignment.Status.DRAFT:
        assignment.ends_on = assignment.starts_on - DAY
    assignment.status, assignment.ended_at = Assignment.Status.ENDED, now
    assignment.save(update_fields=["ends_on", "status", "ended_at", "updated_at"])
    return assignment.pk


def _readmit(
    discharge: Discharge, patient: Patient, note: str, *, by: Actor, now: dt.datetime
) -> None:
    discharge.readmitted_on = local_date(now, patient.time_zone)
    discharge.readmitted_by_id, discharge.readmitted_at = by.user_id, now
    discharge.readmission_note = note
    discharge.save(
        update_fields=[
            "readmitted_on", "readmitted_by", "readmitted_at", "readmission_note", "updated_at",
        ]
    )  # fmt: skip


def _record(
    action: str,
    patient: Patient,
    discharge: Discharge | None,
    *,
    by: Actor,
    now: dt.datetime,
    ended: dict[str, list[UUID]] | None = None,
) -> None:
    raise_change(patient)
    audit.record(
        action=action,
        by=by,
        now=now,
        patient_id=patient.pk,
        target="patients.Discharge",
        target_id=discharge.pk if discharge else None,
        details={name: _texts(keys) for name, keys in (ended or {}).items() if keys},
    )


def _texts(keys: Iterable[UUID]) -> list[str]:
    return [str(key) for key in keys]
