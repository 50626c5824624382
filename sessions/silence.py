"""
What the nightly check looks at: how long patients were silent, and weeks of low adherence.

Set-based, for a slice of one clinic's patients at a time, in its context. Days are the patient's.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile
from typing import Any
from uuid import UUID

from django.db import connection

from core.calendar import local_date, week_start
from sessions.adherence import percent
from sessions.adherence_sql import SILENCES
from sessions.alert_rules import (
    LOW_ADHERENCE,
    NO_CONTACT,
    Because,
    Raised,
    WeekBehind,
    no_contact_severity,
)
from sessions.patient_weeks import figures_of
from sessions.thresholds import Thresholds

WEEK = dt.timedelta(days=7)
DAY = dt.timedelta(days=1)
# A silence is looked at over half a year, and a run of weeks over a year: what is older was told.
LONGEST_SILENCE = dt.timedelta(days=183)
WEEKS_BACK = 52

Week = tuple[dt.date, Fraction]

# Keyset-paged; the newest session received of each, whatever became of it.
WATCHED = """
SELECT patient.id, patient.time_zone, newest.id, newest.received_at
FROM patients_patient AS patient
LEFT JOIN LATERAL (
    SELECT session.id, session.received_at FROM rehab_sessions_exercisesession AS session
    WHERE session.patient_id = patient.id ORDER BY session.received_at DESC LIMIT 1
) AS newest ON true
WHERE patient.status = 'active' AND {which}
ORDER BY patient.id LIMIT %(most)s
"""
AFTER = WATCHED.replace("{which}", "(%(after)s::uuid IS NULL OR patient.id > %(after)s::uuid)")
CHOSEN = WATCHED.replace("{which}", "patient.id = ANY (%(patient_ids)s::uuid[])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An active patient, their local date, and the newest session that was received of them."""

    id: UUID
    time_zone: str
    today: dt.date
    session_id: UUID | None
    contact_on: dt.date | None

    @property
    def first(self) -> dt.date:
        """The first date on which they may have been silent."""
        earliest = self.today - LONGEST_SILENCE
        return max(earliest, self.contact_on + DAY) if self.contact_on else earliest


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A rule that a patient meets tonight; the same `cause` is told once."""

    patient_id: UUID
    raised: Raised
    cause: str


def watched_after(after: UUID | None, *, most: int, now: dt.datetime) -> list[Watched]:
    """Return the next patients to look at, in the order of their keys."""
    return _watched(AFTER, {"after": after, "most": most}, now=now)


def watched_again(patient_ids: Collection[UUID], *, now: dt.datetime) -> list[Watched]:
    """Return these patients as they are now; one who was discharged meanwhile is left out."""
    values = {"patient_ids": list(patient_ids), "most": len(patient_ids)}
    return _watched(CHOSEN, values, now=now)


def found_among(watched: Sequence[Watched], limits: Thresholds) -> list[Found]:
    """Return what the nightly rules find among these patients."""
    return [*silences(watched, limits), *low_adherence(watched, limits)]


def _watched(statement: str, values: dict[str, Any], *, now: dt.datetime) -> list[Watched]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    return [
        Watched(
            id=patient_id,
            time_zone=zone,
            today=local_date(now, zone),
            session_id=session_id,
            contact_on=local_date(received_at, zone) if received_at else None,
        )
        for patient_id, zone, session_id, received_at in rows
    ]


# ---- No contact ----------------------------------------------------------------------------------


def silences(watched: Sequence[Watched], limits: Thresholds) -> Iterator[Found]:
    """Yield who has been silent too long, and since when."""
    least = min(limits.no_contact_expected_days, limits.no_contact_active_days)
    asked = {each.id: each for each in watched if (each.today - each.first).days >= least}
    if not asked:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SILENCES,
            {
                "patient_ids": list(asked),
                "firsts": [each.first for each in asked.values()],
                "todays": [each.today for each in asked.values()],
            },
        )
        rows = cursor.fetchall()
    for patient_id, began_on, active, expected, has_weekdays in rows:
        severity = no_contact_severity(
            expected_days=expected, active_days=active, has_weekdays=has_weekdays, limits=limits
        )
        if severity is None:
            continue
        one = asked[patient_id]
        because = Because(
            since=one.contact_on or began_on, expected_days=expected, active_days=active
        )
        yield Found(
            patient_id=patient_id,
            raised=Raised(rule=NO_CONTACT, severity=severity, because=because),
            cause=f"{NO_CONTACT}:{one.session_id or 'start'}:{severity}",
        )


# ---- Low adherence -------------------------------------------------------------------------------


def low_adherence(watched: Sequence[Watched], limits: Thresholds) -> Iterator[Found]:
    """
    Yield whose last completed weeks with anything prescribed were all low.

    The last weeks are looked at first; whose run reaches further back, over null weeks, again. Where
    the last weeks were all null, a run before them was told in its time.
    """
    length = limits.low_adherence_weeks
    asked = list(watched)
    for weeks_back in (length + 2, WEEKS_BACK):
        undecided = []
        for one, weeks in _completed_weeks(asked, weeks_back):
            low = _low_run(weeks, limits)
            if len(low) >= length:
                yield _low(one, low[:length])
            elif low and len(low) == len(weeks):
                undecided.append(one)
        asked = undecided


def _completed_weeks(
    watched: Sequence[Watched], weeks_back: int
) -> Iterator[tuple[Watched, list[Week]]]:
    """Yield each patient's completed weeks that are not null, newest first."""
    by_monday: defaultdict[dt.date, list[Watched]] = defaultdict(list)
    for each in watched:
        by_monday[week_start(each.today)].append(each)
    for monday, same in by_monday.items():
        weeks = [monday - number * WEEK for number in range(1, weeks_back + 1)]
        figures = figures_of(patient_ids=[each.id for each in same], weeks=weeks)
        for one in same:
            found = (
                (week, figures[one.id, week].dose) for week in weeks if (one.id, week) in figures
            )
            yield one, [(week, dose) for week, dose in found if dose is not None]


def _low_run(weeks: Sequence[Week], limits: Thresholds) -> list[Week]:
    """Return the low weeks up to the first that was not, newest first."""
    least = Fraction(limits.low_adherence_percent, 100)
    return list(takewhile(lambda week: week[1] < least, weeks))


def _low(one: Watched, weeks: Sequence[Week]) -> Found:
    behind = tuple(WeekBehind(week=week, percent=percent(dose) or 0) for week, dose in weeks)
    return Found(
        patient_id=one.id,
        raised=Raised(rule=LOW_ADHERENCE, severity="medium", because=Because(weeks=behind)),
        cause=f"{LOW_ADHERENCE}:{behind[0].week.isoformat()}",
    )
