"""
Making the weeks that are over: patients' summaries and therapists' digests, each stored once.

Clinic by clinic, zone by zone, in slices: a transaction each, in the order of keys. Where a run is
cut off, the next one goes on after the last slice; what was made is not made again. A week is made
once it is due; of weeks that nothing ran for, the last one that was due is.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec
from django.db import connection

from clinics.models import Clinic
from core.calendar import WEEK
from core.jobs import recorded_run
from core.tenancy import clinic_context
from patients.models import Patient
from reminders.actions.digests import make_digests
from reminders.actions.login_contacts import ensure_login_contacts
from reminders.actions.summaries import make_summaries
from reminders.faults import FAULTS, ClinicsFaulty
from reminders.models import ClinicWeeks
from reminders.quiet_hours import QuietHours
from reminders.telling import Telling
from reminders.wall_clock import completed_week, weekly_at
from reminders.weeks_made import Made, MadeByZone

log = logging.getLogger(__name__)

JOB = "weeks"
# A settled clinic is looked at so often: settings may have changed, a patient may be in a new zone.
LOOK_AGAIN_AFTER: Final = dt.timedelta(minutes=15)
# Well within the time that a task may take: the rest waits for the next run.
LONGEST_RUN_SECONDS: Final = 60.0
THERAPISTS: Final = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One slice to make: of the patients of a zone, or of the therapists (no zone)."""

    of: str
    telling: Telling
    after: UUID | None


def make_weeks(*, now: dt.datetime, longest_seconds: float = LONGEST_RUN_SECONDS) -> int:
    """
    Make what is due in every clinic that works; return how many weeks were stored.

    After so long it leaves the rest to the next run.

    :raises ClinicsFaulty: at the end, where our own code failed on some clinics
    """
    began = time.monotonic()
    made = faults = 0
    with recorded_run(JOB, now=now):
        for clinic_id in _clinics_to_look_at(now):
            try:
                is_settled = False
                while not is_settled and time.monotonic() - began < longest_seconds:
                    count, is_settled = _make_slice(clinic_id, now=now)
                    made += count or 0
            except FAULTS as error:
                log.error("a clinic's weeks met a fault", exc_info=error)
                faults += 1
        if faults:
            raise ClinicsFaulty(f"{faults} clinics, {made} weeks made")
    return made


def make_slice(*, clinic_id: UUID, now: dt.datetime) -> int | None:
    """Make the next slice of a clinic; None where nothing is left that is due."""
    count, _is_settled = _make_slice(clinic_id, now=now)
    return count


def _make_slice(clinic_id: UUID, *, now: dt.datetime) -> tuple[int | None, bool]:
    """Return also whether that was all: then it stands in the row when the clinic is looked at again."""
    with clinic_context(clinic_id):
        clinic = Clinic.objects.get(pk=clinic_id)
        state, _made = ClinicWeeks.objects.select_for_update().get_or_create(
            clinic=clinic, defaults={"next_at": now}
        )
        made = msgspec.convert(state.made, MadeByZone)
        zones = _zones(clinic)
        step = next(_steps(clinic, zones, made, now=now), None)
        count = None
        if step is not None:
            ensure_login_contacts(clinic_id=clinic.pk, now=now)
            count, after = _make(clinic, step, now=now)
            made |= {step.of: Made(week=step.telling.week, after=after)}
            state.made = msgspec.to_builtins(made)
        is_settled = next(_steps(clinic, zones, made, now=now), None) is None
        if is_settled:
            state.next_at = min(_next_due(clinic, zones, now=now), now + LOOK_AGAIN_AFTER)
        state.save(update_fields=["made", "next_at", "updated_at"])
        return count, is_settled


def _clinics_to_look_at(now: dt.datetime) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clinics_with_weeks_due(%s)", [now])
        return [key for (key,) in cursor.fetchall()]


def _zones(clinic: Clinic) -> dict[str, str]:
    """Return where weeks are told: each zone of an active patient; the therapists', the clinic's."""
    active = Patient.objects.filter(clinic=clinic, status=Patient.Status.ACTIVE)
    lived_in = active.values_list("time_zone", flat=True).distinct().order_by("time_zone")
    return {name: name for name in lived_in} | {THERAPISTS: clinic.time_zone}


def _steps(
    clinic: Clinic, zones: dict[str, str], made: MadeByZone, *, now: dt.datetime
) -> Iterator[Step]:
    """Yield what is to be made: of a week that is due, what was not made yet, or not whole."""
    for of, zone_name in zones.items():
        telling = _last_due(clinic, zone_name, now=now)
        before = made.get(of)
        if before is None and telling.is_over(now):
            # Nobody was there when it was due: a clinic, or the first patient of a zone, is new.
            continue
        if before is None or before.week < telling.week:
            yield Step(of=of, telling=telling, after=None)
        elif before.week == telling.week and before.after is not None:
            yield Step(of=of, telling=telling, after=before.after)


def _last_due(clinic: Clinic, zone_name: str, *, now: dt.datetime) -> Telling:
    """Return the last week that was due to be told in a zone."""
    monday = completed_week(now, zone_name)
    due_at = _due_at(clinic, monday, zone_name)
    if due_at > now:
        monday -= WEEK
        due_at = _due_at(clinic, monday, zone_name)
    return Telling(week=monday, zone_name=zone_name, due_at=due_at)


def _next_due(clinic: Clinic, zones: dict[str, str], *, now: dt.datetime) -> dt.datetime:
    found = (
        _due_at(clinic, _last_due(clinic, zone_name, now=now).week + WEEK, zone_name)
        for zone_name in zones.values()
    )
    return min(found)


def _due_at(clinic: Clinic, monday: dt.date, zone_name: str) -> dt.datetime:
    """Return when a week is told: in quiet hours, when they end."""
    at = weekly_at(
        monday, weekday=clinic.summary_weekday, hour=clinic.summary_hour, zone_name=zone_name
    )
    quiet = QuietHours(begins=clinic.quiet_from, ends=clinic.quiet_until)
    return quiet.end_after(at, zone_name)


def _make(clinic: Clinic, step: Step, *, now: dt.datetime) -> tuple[int, UUID | None]:
    make = make_digests if step.of == THERAPISTS else make_summaries
    return make(clinic=clinic, telling=step.telling, after=step.after, now=now)
