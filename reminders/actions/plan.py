"""
Planning: what is to go out in the next two days, as rows.

It may run at any time, several times and in several processes at once: a patient is planned by one
of them, and a delivery has one key. What was planned from other preferences, another zone or other
zone rules is planned anew, as far as it lies ahead.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from clinics.models import Clinic
from core.calendar import DAY
from core.ids import uuid7
from core.jobs import recorded_run
from core.tenancy import clinic_context
from reminders.actions import login_contacts
from reminders.actions.login_contacts import MISSING, ensure_login_contacts
from reminders.faults import FAULTS, ClinicsFaulty
from reminders.models import Channel, Delivery, Receipt, ReminderPreferences
from reminders.receipts import forget_old
from reminders.wall_clock import Occurrence, Slot, occurrences
from sessions.adherence import todays

JOB = "plan"
DAYS_AHEAD = 2
# The care team sees what became of the last ones; older rows are of no use to anybody.
KEEP_SETTLED = 90 * DAY
FORGET_AT_ONCE = 5_000
# Well within the time that a task may take: the rest waits for the next run.
LONGEST_RUN_SECONDS = 45.0
AT_ONCE = 500
# How long after its time a reminder is still of use.
OF_USE = dt.timedelta(minutes=60)
ZONE_RULES = version("tzdata")

log = logging.getLogger(__name__)

_SQL = Path(str(files("reminders"))) / "sql"
_TO_PLAN = (_SQL / "to_plan.sql").read_text(encoding="utf-8")
_COLUMNS = """preferences.id, patient.id AS patient_id, patient.user_id, patient.time_zone, clock.today,
    preferences.channels[1] AS channel, told.carers, preferences.planned_through,
    preferences.planned_with, told.plan, slots.numbers, slots.times, slots.weekdays"""
_LOCKED = "ORDER BY preferences.id LIMIT %(most)s FOR NO KEY UPDATE OF preferences SKIP LOCKED"
_BY_KEYS = "AND preferences.id = ANY (%(ids)s::uuid[]) ORDER BY preferences.id"
# Keys that no other planner has, locked; then what follows from them, read after their lock: a choice
# that was saved in between is planned as it is now.
LOCK_TO_PLAN = _TO_PLAN.replace("{columns}", "preferences.id").replace("{chosen}", _LOCKED)
TO_PLAN = _TO_PLAN.replace("{columns}", _COLUMNS).replace("{chosen}", _BY_KEYS)
PUT_IN = (_SQL / "put_in.sql").read_text(encoding="utf-8")
_ANY_TO_PLAN = _TO_PLAN.replace("{columns}", "preferences.id").replace("{chosen}", "")
HAS_WORK = (
    (_SQL / "has_work.sql").read_text(encoding="utf-8")
    .replace("{missing}", MISSING).replace("{to_plan}", _ANY_TO_PLAN)
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _ToPlan:
    """One patient as `sql/to_plan.sql` tells."""

    id: UUID
    patient_id: UUID
    user_id: UUID
    time_zone: str
    today: dt.date
    channel: str
    carers: Sequence[UUID]
    planned_through: dt.date | None
    planned_with: str
    plan: str
    numbers: Sequence[int] | None
    times: Sequence[dt.time] | None
    weekdays: Sequence[int] | None

    @property
    def is_changed(self) -> bool:
        return self.planned_with != self.plan

    @property
    def slots(self) -> list[Slot]:
        told = zip(self.numbers or (), self.times or (), self.weekdays or (), strict=True)
        return [Slot(number=number, at=at, weekdays=days) for number, at, days in told]

    def recipients(self) -> list[tuple[UUID, str]]:
        """The patient, by the first channel of theirs, and copies to carers, by email."""
        own = (self.user_id, self.channel)
        return [own, *((carer, Channel.EMAIL.value) for carer in self.carers)]

    def coming(self, *, now: dt.datetime) -> list[Occurrence]:
        """
        What is to be planned. Made anew, only what lies ahead; else from where the plan ended.

        Of days on which no planner ran, the last one is made up for: what was missed shows.
        """
        last = self.today + DAYS_AHEAD * DAY
        if self.is_changed or self.planned_through is None:
            first = self.today - DAY
            every = occurrences(self.slots, first=first, last=last, zone_name=self.time_zone)
            return [one for one in every if one.due_at > now]
        first = max(self.planned_through, self.today - 2 * DAY) + DAY
        return list(occurrences(self.slots, first=first, last=last, zone_name=self.time_zone))


def plan(*, now: dt.datetime, longest_seconds: float = LONGEST_RUN_SECONDS) -> int:
    """
    Plan every clinic's next two days; return how many patients were planned.

    After so long it leaves the rest to the next run, having planned a slice at least.

    :raises ClinicsFaulty: at the end, where our own code failed on some clinics
    """
    until = time.monotonic() + longest_seconds
    planned = faults = 0
    with recorded_run(JOB, now=now):
        forget_old(now=now)
        clinics = Clinic.objects.filter(archived_at=None).order_by("pk")
        for clinic_id in clinics.values_list("pk", flat=True):
            try:
                planned += plan_clinic(clinic_id, now=now, until=until)
            except FAULTS as error:
                log.error("a clinic's planning met a fault", exc_info=error)
                faults += 1
            if planned and time.monotonic() >= until:
                break
        if faults:
            raise ClinicsFaulty(f"{faults} clinics, {planned} patients planned")
    return planned


def plan_clinic(clinic_id: UUID, *, now: dt.datetime, until: float = math.inf) -> int:
    """
    Plan one clinic's patients, slice by slice, a transaction each; return how many.

    One statement where there is nothing to do. No slice is begun after the monotonic time `until`, but the first.
    """
    clocks = todays(now=now)
    planned = 0
    with clinic_context(clinic_id):
        if not _has_work(clinic_id, clocks, now=now):
            return 0
        ensure_login_contacts(clinic_id=clinic_id, now=now)
        _expire_late(now=now)
        _forget_old(now=now)
    while True:
        with clinic_context(clinic_id):
            waiting = _to_plan(clocks)
            _plan_slice(clinic_id, waiting, now=now)
        planned += len(waiting)
        if len(waiting) < AT_ONCE or time.monotonic() >= until:
            return planned


def _has_work(clinic_id: UUID, clocks: Mapping[str, dt.date], *, now: dt.datetime) -> bool:
    """Look whether any statement below would find something, in the context's clinic."""
    values = _values(clocks) | login_contacts.asked(clinic_id)
    with connection.cursor() as cursor:
        cursor.execute(HAS_WORK, values | {"now": now, "kept_since": now - KEEP_SETTLED})
        return bool(cursor.fetchone()[0])


def _expire_late(*, now: dt.datetime) -> int:
    """
    Settle at once, in the context's clinic, what is too late to be of use; return how much.

    After a long outage that is a great deal, and what is due now must not wait behind it.
    """
    late = Delivery.objects.filter(
        state=Delivery.State.WAITING, next_at__lt=now, expires_at__lt=now
    )
    # What a worker that died had sent is settled as sent, however late.
    late = late.exclude(Exists(Receipt.objects.filter(delivery_id=OuterRef("pk"))))
    return late.update(state=Delivery.State.EXPIRED, reason="late", settled_at=now)


def _forget_old(*, now: dt.datetime) -> None:
    """Delete, in the context's clinic, what was settled long ago, some thousand at once."""
    old = Delivery.objects.filter(settled_at__lt=now - KEEP_SETTLED).order_by("settled_at")
    Delivery.objects.filter(pk__in=old.values("pk")[:FORGET_AT_ONCE]).delete()


def _values(clocks: Mapping[str, dt.date]) -> dict[str, Any]:
    return {
        "zones": list(clocks), "todays": list(clocks.values()), "zone_rules": ZONE_RULES,
        "days_ahead": DAYS_AHEAD, "most": AT_ONCE,
    }  # fmt: skip


def _to_plan(clocks: Mapping[str, dt.date]) -> list[_ToPlan]:
    values = _values(clocks)
    with connection.cursor() as cursor:
        cursor.execute(LOCK_TO_PLAN, values)
        values["ids"] = [key for (key,) in cursor.fetchall()]
        if not values["ids"]:
            return []
        cursor.execute(TO_PLAN, values)
        names = [column.name for column in cursor.description or ()]
        return [_ToPlan(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _plan_slice(clinic_id: UUID, waiting: Sequence[_ToPlan], *, now: dt.datetime) -> None:
    if not waiting:
        return
    _take_back([one.patient_id for one in waiting if one.is_changed], now=now)
    _put_in(clinic_id, waiting, now=now)
    by_plan = {one.id: one for one in waiting}
    rows = ReminderPreferences.objects.filter(pk__in=by_plan)
    changed = list(rows)
    for row in changed:
        row.planned_with = by_plan[row.pk].plan
        row.planned_through = by_plan[row.pk].today + DAYS_AHEAD * DAY
    ReminderPreferences.objects.bulk_update(changed, ["planned_with", "planned_through"])


def _take_back(patient_ids: Sequence[UUID], *, now: dt.datetime) -> None:
    """Delete what waits for its time. What is due already is looked at when it is claimed."""
    Delivery.objects.filter(
        patient_id__in=patient_ids, kind=Delivery.Kind.REMINDER,
        state=Delivery.State.WAITING, due_at__gt=now,
    ).delete()  # fmt: skip


def _put_in(clinic_id: UUID, waiting: Sequence[_ToPlan], *, now: dt.datetime) -> None:
    new = [
        (patient, recipient, channel, coming)
        for patient in waiting
        for coming in patient.coming(now=now)
        for recipient, channel in patient.recipients()
    ]
    values: dict[str, Any] = {
        "clinic_id": clinic_id,
        "of_use": OF_USE,
        "earliest": now - 4 * DAY,
        "ids": [uuid7() for _one in new],
        "patient_ids": [patient.patient_id for patient, *_rest in new],
        "recipient_ids": [recipient for _patient, recipient, *_rest in new],
        "channels": [channel for *_rest, channel, _coming in new],
        "local_dates": [coming.local_date for *_rest, coming in new],
        "slots": [coming.slot for *_rest, coming in new],
        "time_zones": [patient.time_zone for patient, *_rest in new],
        "due_ats": [coming.due_at for *_rest, coming in new],
    }
    if new:
        with connection.cursor() as cursor:
            cursor.execute(PUT_IN, values)
