"""
Telling of alerts: of grave ones the care team at once, and who is on call after an hour without an
answer; of those of a patient without a care team, who is on call at once.

A message names nobody and nothing: it says that an alert waits behind the login.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from clinics.actions.on_call import to_on_call
from clinics.models import Clinic
from core import outbox
from core.jobs import recorded_run
from core.models import Message
from core.tenancy import clinic_context
from sessions.alert_facts import AlertFacts, OnCall, read_on_call
from sessions.models import Alert, AlertOccurrence

JOB = "escalate"
GRAVE = ("emergency", "critical")
UNANSWERED_FOR = dt.timedelta(minutes=60)
AT_ONCE = 200


def told_at_once(
    occurrence: AlertOccurrence, known: AlertFacts, *, now: dt.datetime
) -> list[Message]:
    """Draft a message to each of the care team; without one, to who is on call."""
    if not known.team:
        return told_without_team(occurrence, known, now=now)
    return [
        outbox.draft(
            kind=Message.Kind.ALERT,
            clinic_id=occurrence.clinic_id,
            key=f"alert:{occurrence.pk}:{user_id}",
            due_at=now,
            recipient_id=user_id,
            about={"alert": occurrence.alert_id},
        )
        for user_id in known.team
    ]


def told_without_team(
    occurrence: AlertOccurrence, known: AlertFacts, *, now: dt.datetime
) -> list[Message]:
    """Draft a message to who is on call."""
    key, about = f"alert:{occurrence.pk}", {"alert": occurrence.alert_id}
    return _to_on_call(known.on_call, occurrence.clinic_id, about, key=key, due_at=now)


def told_as_one(messages: Sequence[Message], *, clinic_id: UUID) -> list[Message]:
    """Keep one message for each who is told, about all patients without a care team."""
    first: dict[tuple[UUID | None, str], Message] = {}
    for each in messages:
        first.setdefault((each.recipient_id, each.address), each)
    for kept in first.values():
        kept.about = {"clinic": str(clinic_id)}
    return list(first.values())


def escalate(*, now: dt.datetime) -> int:
    """
    Tell who is on call of each grave alert that nobody answered for an hour; return how many.

    Once for each time that an alert opens, however often this runs.
    """
    with recorded_run(JOB, now=now):
        clinics = Clinic.objects.filter(archived_at=None).order_by("pk")
        return sum(_escalate_in(pk, now=now) for pk in clinics.values_list("pk", flat=True))


def _escalate_in(clinic_id: UUID, *, now: dt.datetime) -> int:
    """Slice by slice, a transaction each; what another run holds is left to it."""
    told = 0
    while True:
        with clinic_context(clinic_id):
            waiting = _unanswered(clinic_id, now=now)
            if waiting:
                _tell_on_call(clinic_id, waiting, now=now)
        told += len(waiting)
        if len(waiting) < AT_ONCE:
            return told


def _unanswered(clinic_id: UUID, *, now: dt.datetime) -> list[Alert]:
    waiting = Alert.objects.filter(
        clinic_id=clinic_id,
        status=Alert.Status.OPEN,
        severity__in=GRAVE,
        escalated_at=None,
        opened_at__lte=now - UNANSWERED_FOR,
    )
    return list(waiting.order_by("pk").select_for_update(skip_locked=True)[:AT_ONCE])


def _tell_on_call(clinic_id: UUID, waiting: list[Alert], *, now: dt.datetime) -> None:
    contact = read_on_call(clinic_id)
    messages = [
        message
        for alert in waiting
        for message in _to_on_call(
            contact, clinic_id, {"alert": alert.pk},
            key=f"alert:{alert.pk}:{alert.openings}", due_at=now,
        )
    ]  # fmt: skip
    if messages:
        outbox.leave_all(messages)
    Alert.objects.filter(pk__in=[each.pk for each in waiting]).update(escalated_at=now)


def _to_on_call(
    contact: OnCall, clinic_id: UUID, about: Mapping[str, UUID], *, key: str, due_at: dt.datetime
) -> list[Message]:
    return list(
        to_on_call(
            address=contact.address, admins=contact.admins, clinic_id=clinic_id,
            about=about, key=key, due_at=due_at,
        )
    )  # fmt: skip
