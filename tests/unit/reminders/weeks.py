"""What the tests of weeks share: a week of November, what was done in it, and what was stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from clinics.models import Clinic, Membership
from core.tenancy import clinic_context
from patients.models import Line, Patient
from reminders.models import Delivery, Digest, WeeklySummary
from sessions.actions.store import log_session
from tests.factories import people
from tests.unit.sessions.bodies import log, result, session

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
SECOND = dt.timedelta(seconds=1)
WEEK = 7 * DAY
MONDAY = dt.date(2026, 11, 16)  # the week that is told
DUE = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)  # eight o'clock in Lisbon, in winter


def do(
    line: Line,
    *days: dt.date,
    late: dt.timedelta = HOUR,
    sets: Sequence[int] = (10, 10, 10),
    **facts,
) -> None:
    """Log three sets of ten at noon of each day, which reach the server an hour later."""
    for day in days:
        at = dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)
        body = session(result(line, *sets), performed_at=at.isoformat(), **facts)
        with clinic_context(line.clinic_id):
            log_session(
                patient_id=line.patient_id, content=log(body),
                by=people.acting_for(line.patient), now=at + late,
            )  # fmt: skip


def days(*numbers: int, week: dt.date = MONDAY) -> list[dt.date]:
    """Days of the week by their ISO number."""
    return [week + (number - 1) * DAY for number in numbers]


def summaries(patient: Patient) -> list[WeeklySummary]:
    with clinic_context(patient.clinic_id):
        return list(WeeklySummary.objects.filter(patient=patient).order_by("week"))


def summary(patient: Patient) -> WeeklySummary:
    [found] = summaries(patient)
    return found


def states(stored: WeeklySummary) -> list[str]:
    return [day["state"] for day in stored.contents["days"]]


def deliveries(clinic: Clinic, kind: str = "weekly_summary") -> list[Delivery]:
    with clinic_context(clinic.pk):
        return list(Delivery.objects.filter(kind=kind).order_by("due_at", "id"))


def digests(member: Membership) -> list[Digest]:
    with clinic_context(member.clinic_id):
        return list(Digest.objects.filter(membership=member).order_by("week"))
