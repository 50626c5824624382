"""
Every write of a pause: create, change and end it, and the safety hold that a red flag opens.

What a pause does to dates that are over changes figures that people have seen. Such a write is
first refused with what it would do, and done once `confirm` holds `past_dates`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from msgspec import UNSET

from clinics.actors import Actor
from core import audit
from core.calendar import DAY, local_date
from core.errors import Conflict, Forbidden, Invalid, NotFound
from patients.actions.change import Kind, lock_patient, raise_change
from patients.bodies.pauses import NewPause, PauseChange
from patients.models import Patient, Pause
from patients.paused_dates import Span, before, union, whole_weeks, without
from patients.policies import may_prescribe

PAST_DATES = "past_dates"
SAFETY_HOLD = Pause.Reason.SAFETY_HOLD
CHANGEABLE = ("starts_on", "ends_on", "reason", "note")
LONGEST_LIST = 500


class ChangesPastDates(Conflict):
    code = "changes_past_dates"
    message = _("This changes dates that are over. Look at them, then confirm.")


class PauseIsOver(Conflict):
    code = "pause_is_over"
    message = _("This pause is over. Change its dates instead.")


class SafetyHoldAlreadyOpen(Conflict):
    code = "safety_hold_already_open"
    message = _("A safety hold is open already.")


class SafetyHoldOnlyEnds(Conflict):
    code = "safety_hold_only_ends"
    message = _("The dates and the reason of a safety hold are not changed. End it instead.")


class TooManyPauses(Conflict):
    code = "too_many_pauses"
    message = _("This patient has as many pauses as one record holds.")


@dataclass(frozen=True, kw_only=True)
class PauseEffect:
    """What a write did to the patient's dates; overlapping pauses count once."""

    newly_paused: list[Span]
    no_longer_paused: list[Span]
    past_weeks: list[Span]


@dataclass(frozen=True)
class PauseWritten:
    pause: Pause
    effect: PauseEffect


def create_pause(*, patient_id: UUID, asked: NewPause, by: Actor, now: dt.datetime) -> PauseWritten:
    """
    Pause a patient over an inclusive range of local dates; without `ends_on`, until it is ended.

    :raises ChangesPastDates: dates that are over become paused, and that is not confirmed
    :raises SafetyHoldAlreadyOpen: there is one
    """
    with transaction.atomic():
        patient = _lock(patient_id, by)
        pauses = _pauses_of(patient)
        if len(pauses) >= LONGEST_LIST:
            raise TooManyPauses
        pause = Pause(
            clinic_id=patient.clinic_id, patient=patient, starts_on=asked.starts_on,
            ends_on=asked.ends_on, reason=asked.reason, note=asked.note,
            made_by_id=by.user_id, made_at=now,
        )  # fmt: skip
        _refuse_hold_ahead(pause, today=local_date(now, patient.time_zone))
        _refuse_impossible(pause, pauses)
        effect = _effect(patient, pauses, [*pauses, pause], now=now)
        _ask_about_the_past(effect, asked.confirm)
        pause.save(force_insert=True)
        _record("pause_created", pause, patient, by=by, now=now)
    return PauseWritten(pause, effect)


def change_pause(
    *, patient_id: UUID, pause_id: UUID, asked: PauseChange, by: Actor, now: dt.datetime
) -> PauseWritten:
    """
    Change a pause in place. New dates for one that was ended make it a pause like any other.

    :raises SafetyHoldOnlyEnds: dates or reason of a safety hold, or `safety_hold` as a new reason
    :raises ChangesPastDates: as `create_pause`
    """
    with transaction.atomic():
        patient = _lock(patient_id, by)
        pauses = _pauses_of(patient)
        earlier = [_span(one) for one in pauses]
        pause = _find(pauses, pause_id)
        changed = _apply(pause, asked)
        effect = _effect_of_spans(patient, earlier, [_span(one) for one in pauses], now=now)
        if changed:
            _refuse_impossible(pause, [one for one in pauses if one is not pause])
            _ask_about_the_past(effect, asked.confirm)
            pause.save(update_fields=[*changed, "updated_at"])
            _record("pause_changed", pause, patient, by=by, now=now, changed=changed)
    return PauseWritten(pause, effect)


def end_pause(*, patient_id: UUID, pause_id: UUID, by: Actor, now: dt.datetime) -> PauseWritten:
    """
    End a pause today: yesterday, in the patient's zone, is its last date.

    One that began today, or has not begun, is kept and covers no date. Ending twice is as once.

    :raises PauseIsOver: its last date has passed
    """
    with transaction.atomic():
        patient = _lock(patient_id, by)
        pauses = _pauses_of(patient)
        earlier = [_span(one) for one in pauses]
        pause = _find(pauses, pause_id)
        if pause.ended_at is None:
            _end(pause, today=local_date(now, patient.time_zone), by=by, now=now)
            _record("pause_ended", pause, patient, by=by, now=now)
        effect = _effect_of_spans(patient, earlier, [_span(one) for one in pauses], now=now)
    return PauseWritten(pause, effect)


def open_safety_hold(*, patient: Patient, by: Actor, now: dt.datetime) -> Pause | None:
    """
    Open the hold that a red flag asks for, from the patient's local date of `now`.

    The record must be locked. None: one is open already, and the red flag adds to that.
    """
    today = local_date(now, patient.time_zone)
    open_one = patient.pauses.filter(reason=SAFETY_HOLD, ends_on=None).first()
    if open_one is not None:
        _hold_from(open_one, today)
        return None
    pause = Pause.objects.create(
        clinic_id=patient.clinic_id,
        patient=patient,
        starts_on=today,
        reason=SAFETY_HOLD,
        made_by_id=by.user_id,
        made_at=now,
    )
    _record("safety_hold_opened", pause, patient, by=by, now=now)
    return pause


def _hold_from(pause: Pause, today: dt.date) -> None:
    """A move to an earlier time zone may leave an open hold ahead of today: it holds from today."""
    if pause.starts_on > today:
        pause.starts_on = today
        pause.save(update_fields=["starts_on", "updated_at"])


def _lock(patient_id: UUID, by: Actor) -> Patient:
    patient = lock_patient(patient_id, by)
    if not may_prescribe(by):
        raise Forbidden
    return patient


def _pauses_of(patient: Patient) -> list[Pause]:
    return list(patient.pauses.order_by("starts_on", "pk"))


def _find(pauses: list[Pause], pause_id: UUID) -> Pause:
    for pause in pauses:
        if pause.pk == pause_id:
            return pause
    raise NotFound(_("There is no such pause."))


def _span(pause: Pause) -> Span:
    return Span(pause.starts_on, pause.ends_on)


def _apply(pause: Pause, asked: PauseChange) -> list[str]:
    """Set what is asked for and return the names of the fields that changed."""
    sent = {name: getattr(asked, name) for name in CHANGEABLE}
    wanted = {
        name: value
        for name, value in sent.items()
        if value is not UNSET and value != getattr(pause, name)
    }
    fixed = SAFETY_HOLD in {pause.reason, wanted.get("reason")}
    if fixed and wanted.keys() - {"note"}:
        raise SafetyHoldOnlyEnds
    if wanted.keys() & {"starts_on", "ends_on"} and pause.ended_at:
        wanted |= {"ended_by": None, "ended_at": None}
    for name, value in wanted.items():
        setattr(pause, name, value)
    return sorted(wanted)


def _end(pause: Pause, *, today: dt.date, by: Actor, now: dt.datetime) -> None:
    if pause.ends_on is not None and pause.ends_on < today:
        raise PauseIsOver
    pause.ends_on = max(today, pause.starts_on) - DAY
    pause.ended_by_id = by.user_id
    pause.ended_at = now
    pause.save(update_fields=["ends_on", "ended_by", "ended_at", "updated_at"])


def _refuse_hold_ahead(pause: Pause, *, today: dt.date) -> None:
    if pause.reason == SAFETY_HOLD and pause.ends_on is None and pause.starts_on > today:
        detail = _("A safety hold starts today or earlier: one to come would hide a real one.")
        raise Invalid.at("starts_on", "safety_hold_ahead", detail)


def _refuse_impossible(pause: Pause, others: list[Pause]) -> None:
    if pause.ends_on is not None and pause.ended_at is None and pause.ends_on < pause.starts_on:
        raise Invalid.at("ends_on", "before_start", _("The last date is before the first."))
    if pause.reason != SAFETY_HOLD:
        return
    if pause.ends_on is not None and pause.ended_at is None:
        detail = _("A safety hold is open until a therapist ends it.")
        raise Invalid.at("ends_on", "safety_hold_is_open", detail)
    if any(one.reason == SAFETY_HOLD and one.ends_on is None for one in others):
        raise SafetyHoldAlreadyOpen


def _effect(
    patient: Patient, earlier: list[Pause], later: list[Pause], *, now: dt.datetime
) -> PauseEffect:
    return _effect_of_spans(
        patient, [_span(one) for one in earlier], [_span(one) for one in later], now=now
    )


def _effect_of_spans(
    patient: Patient, earlier: list[Span], later: list[Span], *, now: dt.datetime
) -> PauseEffect:
    today = local_date(now, patient.time_zone)
    newly, no_longer = without(later, earlier), without(earlier, later)
    past = before(union([*newly, *no_longer]), today)
    return PauseEffect(newly_paused=newly, no_longer_paused=no_longer, past_weeks=whole_weeks(past))


def _ask_about_the_past(effect: PauseEffect, confirm: Collection[str]) -> None:
    """Refuse, saying what would happen, unless no date that is over changes or that is confirmed."""
    if effect.past_weeks and PAST_DATES not in confirm:
        raise ChangesPastDates(
            field="confirm",
            extra={
                "confirm": [PAST_DATES],
                **{name: _plain(spans) for name, spans in vars(effect).items()},
            },
        )


def _plain(spans: list[Span]) -> list[dict[str, str | None]]:
    return [
        {"first": one.first.isoformat(), "last": one.last.isoformat() if one.last else None}
        for one in spans
    ]


def _record(
    action: str,
    pause: Pause,
    patient: Patient,
    *,
    by: Actor,
    now: dt.datetime,
    changed: Collection[str] = (),
) -> None:
    raise_change(patient, Kind.PLAN)
    audit.record(
        action=action,
        by=by,
        now=now,
        patient_id=patient.pk,
        target="patients.Pause",
        target_id=pause.pk,
        details={"fields": sorted(changed)} if changed else {},
    )
