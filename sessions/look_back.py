"""What a patient sees when looking back: weeks in counts, and the streak."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from uuid import UUID

from django.db.models import Count
from django.db.models.functions import TruncWeek
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from core.calendar import DAY, WEEK, local_date, week_start
from core.errors import NotFound
from patients.models import Patient
from sessions import adherence
from sessions.bodies import StreakOut
from sessions.models import ExerciseResult
from sessions.plan_bodies import ProgressOut, ProgressWeek
from sessions.streak import streak


def progress(*, who: Actor, weeks: int, now: dt.datetime) -> ProgressOut:
    """
    Return the last ISO weeks, the one in progress included, oldest first.

    :raises NotFound: no such record for this actor
    """
    patient = Patient.objects.visible_to(who).first()
    if patient is None:
        raise NotFound(_("There is no such record."))
    today = local_date(now, patient.time_zone)
    this_monday = week_start(today)
    first = this_monday - (weeks - 1) * WEEK
    figures = adherence.adherence(
        patient_id=patient.pk, first=first, last=this_monday + WEEK - DAY, today=today
    )
    sums = {each.week: each.sums for each in figures.by_week}
    days = _active_days(patient.pk, first)
    run = streak(patient_id=patient.pk, today=today)
    mondays = [first + number * WEEK for number in range(weeks)]
    return ProgressOut(
        weeks=[
            _week(monday, sums.get(monday, adherence.Sums()), days[monday], this_monday)
            for monday in mondays
        ],
        streak=StreakOut(unit=run.unit, length=run.length) if run else None,
    )


def _week(
    monday: dt.date, sums: adherence.Sums, active_days: int, this_monday: dt.date
) -> ProgressWeek:
    return ProgressWeek(
        monday=monday,
        is_in_progress=monday == this_monday,
        done=sums.done,
        expected=sums.expected,
        active_days=active_days,
        sets_logged=sums.sets_logged,
    )


def _active_days(patient_id: UUID, first: dt.date) -> defaultdict[dt.date, int]:
    """Count by week the local dates on which a set was logged."""
    rows = (
        ExerciseResult.objects.filter(
            patient_id=patient_id, performed_on__gte=first, counts=True, total__gt=0
        )
        .values(monday=TruncWeek("performed_on"))
        .annotate(days=Count("performed_on", distinct=True))
        .order_by("monday")
    )
    return defaultdict(int, {row["monday"]: row["days"] for row in rows})
