"""
A therapist's caseload: every patient of their care teams, those who need them first.

The needs of the whole caseload are read in three statements, four where a completed week of somebody
is not kept, whatever its size and history, and ordered by `sessions.needs`. A page is cut out of that
order; what it shows of single lines is worked out for its own patients alone.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from clinics.actors import Actor
from core.calendar import DAY, WEEK, local_date, week_start
from core.pagination import Page, paginate_sorted
from patients.models import Patient, PrescribedExercise
from sessions import adherence
from sessions.adherence import LineWeek, Sums
from sessions.caseload_bodies import CaseloadQuery
from sessions.models import Alert, ExerciseSession
from sessions.needs import Need, Situation, needs_of, place_of
from sessions.patient_weeks import figures_at_hand

SITUATIONS = (Path(__file__).parent / "sql" / "caseload.sql").read_text(encoding="utf-8")
WEEKS = 4
NOTHING = Sums()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One row of `sql/caseload.sql`; dates are the patient's own."""

    patient_id: UUID
    name: str
    medical_record_number: str
    status: str
    time_zone: str
    today: dt.date
    alerts: int
    suggestions: int
    worst_alert: str | None
    alert_since: dt.datetime | None
    held: int
    held_since: dt.datetime | None
    asked_for_pause: int
    asked_since: dt.datetime | None
    is_paused: bool
    is_on_hold: bool
    paused_until: dt.date | None
    pause_over_on: dt.date | None
    drafts: int
    programs: list[str]
    began_on: dt.date | None
    review_on: dt.date | None
    is_prescribed: bool
    performed_at: dt.datetime | None
    performed_on: dt.date | None
    received_at: dt.datetime | None

    @property
    def trains(self) -> bool:
        """Whether there are weeks to be told of: care that has ended has none."""
        return self.status == Patient.Status.ACTIVE

    @property
    def completed_weeks(self) -> list[dt.date]:
        """The Mondays of the weeks that are told of."""
        monday = week_start(self.today)
        return [monday - number * WEEK for number in range(1, WEEKS + 1)]

    @property
    def quiet_days(self) -> int | None:
        """Days without a session while something was to be done; None where nothing is."""
        if self.began_on is None or self.is_paused:
            return None
        after_pause = self.pause_over_on + DAY if self.pause_over_on else None
        since = [self.began_on, self.performed_on, after_pause]
        return max(0, (self.today - max(day for day in since if day is not None)).days)

    @property
    def has_begun(self) -> bool:
        """Whether a day on which something could be done has passed."""
        return self.began_on is not None and self.began_on < self.today


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """The figures of the last completed weeks, all of them and their lowest line, and of this one."""

    completed: Sums = NOTHING
    current: Sums = NOTHING
    lowest_line: UUID | None = None
    lowest: Sums = NOTHING


NO_WEEKS = Weeks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """
    One patient of a caseload, with all that they need.

    `weeks` are worked out line by line, and so only where they are shown or nothing is kept.
    """

    facts: Facts
    completed: Sums
    weeks: Weeks | None
    situation: Situation
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many patients have each need at all, and how many have it as their first."""

    patients: int
    paused: int
    having: Counter[Need]
    first: Counter[Need]


def caseload_page(*, who: Actor, asked: CaseloadQuery, now: dt.datetime) -> Page[Case]:
    """Return a page of the caseload in the order of need."""
    filters = f"{asked.need}:{asked.status}:{asked.search}"
    page = paginate_sorted(
        cases(who=who, asked=asked, now=now),
        key=lambda case: place_of(case.situation),
        cursor=asked.cursor,
        limit=asked.limit,
        bound_to=f"caseload:{who.user_id}:{who.clinic_id}:{filters}",
    )
    return Page(_with_weeks(page.items), page.next_cursor)


def tally(*, who: Actor, now: dt.datetime) -> Tally:
    """Count the needs of the whole caseload."""
    found = cases(who=who, asked=CaseloadQuery(), now=now)
    return Tally(
        patients=len(found),
        paused=sum(case.facts.is_paused for case in found),
        having=Counter(need for case in found for need in case.needs),
        first=Counter(case.needs[0] for case in found if case.needs),
    )


def cases(*, who: Actor, asked: CaseloadQuery, now: dt.datetime) -> list[Case]:
    """
    Return every patient asked for with their needs, in three statements or four.

    Without a status: the active, and the discharged of whom an alert or a session still waits.
    """
    zones = dict(_chosen(who, asked))
    todays = {zone: local_date(now, zone) for zone in set(zones.values())}
    facts = _facts(zones, todays)
    kept = _kept([one for one in facts if one.trains])
    weeks = _weeks([one for one in facts if one.trains and one.patient_id not in kept])
    found = [_case(one, kept.get(one.patient_id), weeks.get(one.patient_id)) for one in facts]
    if asked.status == "paused":
        found = [case for case in found if case.facts.is_paused]
    return [case for case in found if asked.need is None or asked.need in case.needs]


def exercise_names(lines: Iterable[UUID]) -> dict[UUID, str]:
    """Return the name of each line's exercise, in its newest row."""
    rows = PrescribedExercise.objects.filter(line__in=list(lines)).order_by("in_force_from", "pk")
    return dict(rows.values_list("line_id", "exercise_version__name"))


def _chosen(who: Actor, asked: CaseloadQuery) -> Iterable[tuple[UUID, str]]:
    """Return key and zone of each patient asked for."""
    patients = Patient.objects.visible_to(who)
    if asked.search:
        number = Q(medical_record_number__icontains=asked.search)
        patients = patients.filter(Q(name__icontains=asked.search) | number)
    if asked.status is None:
        alert = Alert.objects.filter(patient=OuterRef("pk"), status=Alert.Status.OPEN)
        held = ExerciseSession.objects.filter(
            patient=OuterRef("pk"), status=ExerciseSession.Status.HELD
        )
        is_active = Q(status=Patient.Status.ACTIVE)
        patients = patients.filter(is_active | Exists(alert) | Exists(held))
    else:
        is_over = asked.status == "discharged"
        wanted = Patient.Status.DISCHARGED if is_over else Patient.Status.ACTIVE
        patients = patients.filter(status=wanted)
    return patients.values_list("pk", "time_zone")


def _facts(patients: Iterable[UUID], todays: Mapping[str, dt.date]) -> list[Facts]:
    with connection.cursor() as cursor:
        cursor.execute(
            SITUATIONS,
            {
                "patient_ids": list(patients),
                "zones": list(todays),
                "todays": list(todays.values()),
                "severities": list(Alert.Severity.values),
            },
        )
        names = list(Facts.__dataclass_fields__)
        return [Facts(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _kept(facts: Sequence[Facts]) -> dict[UUID, Sums]:
    """Return the figures of the completed weeks of each patient of whom all of them are kept."""
    weeks = {one.patient_id: one.completed_weeks for one in facts}
    kept = figures_at_hand(patient_ids=weeks, weeks=set(chain.from_iterable(weeks.values())))
    return {
        patient: adherence.add(kept[patient, week].sums for week in each)
        for patient, each in weeks.items()
        if all((patient, week) in kept for week in each)
    }


def _with_weeks(found: Sequence[Case]) -> list[Case]:
    """Return the same cases with what is known of each line; one statement, or none."""
    missing = [case.facts for case in found if case.facts.trains and case.weeks is None]
    weeks = _weeks(missing)
    return [replace(case, weeks=case.weeks or weeks.get(case.facts.patient_id)) for case in found]


def _weeks(facts: Sequence[Facts]) -> dict[UUID, Weeks]:
    """Return the figures of each patient, whose weeks are those of their own today."""
    if not facts:
        return {}
    mondays = {one.patient_id: week_start(one.today) for one in facts}
    rows = adherence.line_weeks(
        patient_ids=list(mondays),
        first=min(mondays.values()) - WEEKS * WEEK,
        last=max(mondays.values()) + WEEK - DAY,
        today_by_zone={one.time_zone: one.today for one in facts},
    )
    by_patient: defaultdict[UUID, list[LineWeek]] = defaultdict(list)
    for row in rows:
        by_patient[row.patient_id].append(row)
    return {patient: _weeks_of(by_patient[patient], monday) for patient, monday in mondays.items()}


def _weeks_of(rows: list[LineWeek], monday: dt.date) -> Weeks:
    completed: defaultdict[UUID, list[Sums]] = defaultdict(list)
    for row in rows:
        if monday - WEEKS * WEEK <= row.week < monday:
            completed[row.line_id].append(row.sums)
    lines = {line: adherence.add(sums) for line, sums in completed.items()}
    asked = [(sums.dose, str(line), line) for line, sums in lines.items() if sums.dose is not None]
    lowest = min(asked)[2] if asked else None
    return Weeks(
        completed=adherence.add(lines.values()),
        current=adherence.add(row.sums for row in rows if row.week == monday),
        lowest_line=lowest,
        lowest=lines[lowest] if lowest else NOTHING,
    )


def _case(facts: Facts, kept: Sums | None, weeks: Weeks | None) -> Case:
    completed = kept if kept is not None else (weeks or NO_WEEKS).completed
    band = completed.band
    situation = Situation(
        patient_id=facts.patient_id,
        name=facts.name,
        is_discharged=facts.status == Patient.Status.DISCHARGED,
        worst_alert=facts.worst_alert,
        alert_since=facts.alert_since,
        suggestions=facts.suggestions,
        held=facts.held,
        held_since=facts.held_since,
        asked_for_pause=facts.asked_for_pause,
        asked_since=facts.asked_since,
        is_on_hold=facts.is_on_hold,
        is_paused=facts.is_paused,
        band=band.value if band else None,
        quiet_days=facts.quiet_days,
        has_logged=facts.performed_on is not None,
        has_begun=facts.has_begun,
        is_prescribed=facts.is_prescribed,
        drafts=facts.drafts,
    )
    return Case(
        facts=facts, completed=completed, weeks=weeks, situation=situation,
        needs=needs_of(situation),
    )  # fmt: skip
