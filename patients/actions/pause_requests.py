"""A pause that the patient asks for: asked, withdrawn, accepted (which makes it) or declined."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec import UNSET

from clinics.actors import Actor
from core import audit
from core.bodies import LocalDate
from core.calendar import local_date
from core.errors import Conflict, Forbidden, Invalid, NotFound
from patients.actions.change import lock_patient, raise_change
from patients.actions.pauses import create_pause
from patients.actions.prescribing import PatientDischarged
from patients.bodies.pause_requests import AcceptPauseRequest, NewPauseRequest
from patients.bodies.pauses import NewPause
from patients.models import Patient, Pause, PauseRequest
from patients.policies import may_ask_for_pause, may_prescribe

MOST_WAITING = 5
FURTHEST_BACK = dt.timedelta(days=30)
FURTHEST_AHEAD = dt.timedelta(days=366)
LONGEST = dt.timedelta(days=366)
Status = PauseRequest.Status


class TooManyRequests(Conflict):
    code = "too_many_pause_requests"
    message = gettext_lazy("Several requests wait already. Your therapist will answer them.")


class RequestDecided(Conflict):
    code = "pause_request_decided"
    message = gettext_lazy("This request was decided already, in another way.")


def ask_for_pause(
    *, patient_id: UUID, asked: NewPauseRequest, by: Actor, now: dt.datetime
) -> tuple[PauseRequest, bool]:
    """
    Ask the care team for a pause; return the request, and whether it is new.

    It pauses nothing. The same dates and reason while one waits are the same request.

    :raises Invalid: dates that end before they start, or lie too far away
    :raises PatientDischarged, TooManyRequests:
    """
    with transaction.atomic():
        patient = lock_patient(patient_id, by)
        if not may_ask_for_pause(by) or by.user_id is None:
            raise Forbidden
        _refuse_discharged(patient)
        _refuse_impossible(asked, today=local_date(now, patient.time_zone))
        waiting = list(patient.pause_requests.filter(status=Status.WAITING).order_by("pk"))
        same = [one for one in waiting if _is_same(one, asked)]
        if same:
            return same[0], False
        if len(waiting) >= MOST_WAITING:
            raise TooManyRequests
        request = PauseRequest.objects.create(
            clinic_id=patient.clinic_id, patient=patient, starts_on=asked.starts_on,
            ends_on=asked.ends_on, reason=asked.reason, note=asked.note,
            asked_by_id=by.user_id, asked_as=by.acting_as, asked_at=now,
        )  # fmt: skip
        _record("pause_asked", request, patient, by=by, now=now)
    return request, True


def withdraw_request(
    *, patient_id: UUID, request_id: UUID, by: Actor, now: dt.datetime
) -> PauseRequest:
    """
    Take back a request that waits; twice is as once.

    :raises NotFound: not a request of this patient
    :raises RequestDecided: the care team has answered it
    """
    with transaction.atomic():
        patient = lock_patient(patient_id, by)
        if not may_ask_for_pause(by):
            raise Forbidden
        request = _find(patient, request_id)
        if request.status != Status.WITHDRAWN:
            _decide(request, Status.WITHDRAWN, by=by, now=now)
            _record("pause_request_withdrawn", request, patient, by=by, now=now)
    return request


def accept_request(
    *, patient_id: UUID, request_id: UUID, asked: AcceptPauseRequest, by: Actor, now: dt.datetime
) -> PauseRequest:
    """
    Make the pause that was asked for, with other dates if they are said; twice is as once.

    :raises NotFound: not a request of this patient
    :raises RequestDecided: it was declined or withdrawn
    :raises ChangesPastDates, Invalid: as `patients.actions.pauses.create_pause`
    """
    with transaction.atomic():
        patient = _lock_for_decision(patient_id, by)
        request = _find(patient, request_id)
        if request.status == Status.ACCEPTED:
            return request
        _refuse_decided(request)
        _refuse_discharged(patient)
        written = create_pause(
            patient_id=patient.pk, asked=_pause_of(request, asked), by=by, now=now
        )
        _decide(request, Status.ACCEPTED, note=asked.note, pause=written.pause, by=by, now=now)
        _record("pause_request_accepted", request, patient, by=by, now=now)
    return request


def decline_request(
    *, patient_id: UUID, request_id: UUID, note: str, by: Actor, now: dt.datetime
) -> PauseRequest:
    """
    Answer a request with a no and the reason; the same again is as once.

    :raises NotFound: not a request of this patient
    :raises RequestDecided: in another way, or with other words
    """
    with transaction.atomic():
        patient = _lock_for_decision(patient_id, by)
        request = _find(patient, request_id)
        if (request.status, request.decision_note) != (Status.DECLINED, note):
            _decide(request, Status.DECLINED, note=note, by=by, now=now)
            _record("pause_request_declined", request, patient, by=by, now=now)
    return request


def _lock_for_decision(patient_id: UUID, by: Actor) -> Patient:
    patient = lock_patient(patient_id, by)
    if not may_prescribe(by):
        raise Forbidden
    return patient


def _find(patient: Patient, request_id: UUID) -> PauseRequest:
    known = patient.pause_requests.select_related("asked_by", "decided_by")
    request = known.filter(pk=request_id).first()
    if request is None:
        raise NotFound(_("There is no such request."))
    return request


def _pause_of(request: PauseRequest, asked: AcceptPauseRequest) -> NewPause:
    starts_on = request.starts_on if asked.starts_on is UNSET else asked.starts_on
    ends_on = request.ends_on if asked.ends_on is UNSET else asked.ends_on
    return NewPause(
        starts_on=_as_sent(starts_on),
        ends_on=_as_sent(ends_on) if ends_on else None,
        reason=request.reason,  # type: ignore[arg-type]
        note=request.note,
        confirm=asked.confirm,
    )


def _as_sent(day: dt.date) -> LocalDate:
    return LocalDate(day.year, day.month, day.day)


def _decide(
    request: PauseRequest,
    status: PauseRequest.Status,
    *,
    note: str = "",
    pause: Pause | None = None,
    by: Actor,
    now: dt.datetime,
) -> None:
    _refuse_decided(request)
    request.status, request.decision_note, request.pause = status, note, pause
    request.decided_by_id, request.decided_at = by.user_id, now
    request.save(
        update_fields=[
            "status", "decision_note", "pause", "decided_by", "decided_at", "updated_at",
        ]
    )  # fmt: skip


def _refuse_decided(request: PauseRequest) -> None:
    if request.status != Status.WAITING:
        raise RequestDecided(extra={"decided": request.status})


def _refuse_discharged(patient: Patient) -> None:
    if patient.status == Patient.Status.DISCHARGED:
        raise PatientDischarged(_("Care at this clinic has ended."))


def _refuse_impossible(asked: NewPauseRequest, *, today: dt.date) -> None:
    if asked.starts_on < today - FURTHEST_BACK:
        raise Invalid.at("starts_on", "too_long_ago", _("Ask your therapist about this by phone."))
    if asked.starts_on > today + FURTHEST_AHEAD:
        raise Invalid.at("starts_on", "too_far_ahead", _("This day is too far away."))
    if asked.ends_on is None:
        return
    if asked.ends_on < asked.starts_on:
        raise Invalid.at("ends_on", "before_start", _("The last day is before the first."))
    if asked.ends_on > asked.starts_on + LONGEST:
        raise Invalid.at("ends_on", "too_long", _("A pause is at most one year long."))


def _is_same(request: PauseRequest, asked: NewPauseRequest) -> bool:
    return (request.starts_on, request.ends_on, request.reason) == (
        asked.starts_on, asked.ends_on, asked.reason,
    )  # fmt: skip


def _record(
    action: str, request: PauseRequest, patient: Patient, *, by: Actor, now: dt.datetime
) -> None:
    raise_change(patient)
    audit.record(
        action=action,
        by=by,
        now=now,
        patient_id=patient.pk,
        target="patients.PauseRequest",
        target_id=request.pk,
    )
