"""
One clinic of the demo, told by the product's own actions with the clock that they are given set back.

What happens is gathered first and done in the order of time, so that each night's check and each
answer of the care team finds what had happened until then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid5

from django.core.exceptions import ObjectDoesNotExist

from clinics.actions.invitations import invite_member
from clinics.actions.settings import change_clinic
from clinics.actors import ADMIN, THERAPIST, Actor
from clinics.bodies import ClinicChange
from clinics.models import Clinic, User
from core.bodies import decode
from core.calendar import DAY, WEEK, days, local_date, week_start, zone
from core.tenancy import clinic_context
from patients.actions.activation import activate_assignment, screening_of
from patients.actions.assignments import draft_assignment
from patients.actions.carers import add_carer
from patients.actions.people import link_login, register_patient
from patients.bodies.people import NewPatient
from patients.models import Assignment, Patient, PrescribedExercise
from patients.orders import LineOrder
from patients.screening import ScreeningAnswers
from programs.actions.own_exercises import copy_exercise
from programs.actions.reviews import review_exercise
from programs.content import exercise_content
from programs.dose import MEASURE_FIELDS, weekday_list
from programs.models import Exercise, Program
from rehab_platform.demo.care import Case, give
from rehab_platform.demo.kinds import IDS, Diary, Kind, Line, Plan, all_kinds
from rehab_platform.demo.people import ClinicEntry, PatientEntry
from rehab_platform.demo.telling import choose, past_weeks, reach, tell_past_week
from rehab_platform.founding import acting_for, found_clinic, give_role
from sessions.actions.store import log_session
from sessions.actions.watch import watch_clinic
from sessions.bodies import LogSession

LONGEST_WEEKS = 6
OPENS, NIGHT, CHOOSES, CARE_AT = 9, 3, 11, 18


class DemoRefused(Exception):
    """The demo cannot be seeded here; the message says why."""


class Event(NamedTuple):
    """Something that happens at an instant; it is told the instant."""

    at: dt.datetime
    happen: Callable[[dt.datetime], object]


class Told(NamedTuple):
    """A clinic whose story is told: who acts in it, on which today, by which seed."""

    clinic: Clinic
    admin: Actor
    therapists: Mapping[str, Actor]
    users: Mapping[str, User]
    today: dt.date
    number: int

    def at(self, day: dt.date, hour: int) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(hour), tzinfo=zone(self.clinic.time_zone))


def tell(entry: ClinicEntry, *, users: Mapping[str, User], number: int, now: dt.datetime) -> None:
    """Make a clinic and let its six weeks happen. It needs a transaction."""
    today = local_date(now, entry.time_zone)
    first = week_start(today) - LONGEST_WEEKS * WEEK
    opens_at = dt.datetime.combine(first, dt.time(OPENS), tzinfo=zone(entry.time_zone))
    told = _found(entry, users, today=today, number=number, now=opens_at)
    with clinic_context(told.clinic.pk):
        for person in entry.people():
            reach(users[person.email], told.clinic, opens_at)
        events = [*_of_clinic(entry, told, first), *_nights(told, first), *_weeks(told, first)]
        for patient in entry.patients:
            events += _life(patient, told)
        for event in sorted(events, key=lambda each: each.at):  # stable: told in this order
            if event.at <= now:
                event.happen(event.at)


def confirm_everything(assignment: Assignment) -> ScreeningAnswers:
    """Confirm each point of a draft's screening, as a therapist who has asked them all."""
    rows = PrescribedExercise.objects.filter(line__assignment=assignment)
    versions = [row.exercise_version for row in rows.select_related("exercise_version")]
    asked = screening_of(versions)
    return ScreeningAnswers(
        items=[item.id for item in asked.items], exercises=[one.exercise for one in asked.exercises]
    )


# ---- the clinic ----------------------------------------------------------------------------------


def _found(
    entry: ClinicEntry, users: Mapping[str, User], *, today: dt.date, number: int, now: dt.datetime
) -> Told:
    clinic = found_clinic(
        name=entry.name,
        time_zone=entry.time_zone,
        country=entry.country,
        phone_number=entry.phone_number,
        now=now,
    )
    admin = give_role(clinic=clinic, user=users[entry.admin.email], role=ADMIN, now=now)
    therapists = {
        one.email: give_role(clinic=clinic, user=users[one.email], role=THERAPIST, now=now)
        for one in entry.therapists
    }
    return Told(clinic, admin, therapists, users, today, number)


def _of_clinic(entry: ClinicEntry, told: Told, first: dt.date) -> Iterator[Event]:
    """Yield its settings, the exercise of its own, and an invitation that waits."""
    asked = ClinicChange(version=told.clinic.settings_version, on_call_contact=entry.on_call)
    yield Event(told.at(first, OPENS), lambda at: change_clinic(asked=asked, by=told.admin, now=at))
    yield Event(told.at(first + WEEK, OPENS), partial(_make_own_exercise, entry, told))
    invited = entry.invited
    yield Event(
        told.at(told.today - 2 * DAY, OPENS),
        lambda at: invite_member(email=invited.email, roles=[invited.role], by=told.admin, now=at),
    )


def _make_own_exercise(entry: ClinicEntry, told: Told, now: dt.datetime) -> None:
    own, by = entry.own_exercise, told.therapists[entry.therapists[0].email]
    key = uuid5(IDS, f"{told.number} {entry.name} {own.name}")
    copy, _is_new = copy_exercise(
        exercise_id=_shipped(own.of).pk, key=key, name=own.name, by=by, now=now
    )
    review_exercise(exercise_id=copy.pk, version=1, status="reviewed", by=by, now=now)


def _nights(told: Told, first: dt.date) -> Iterator[Event]:
    """Yield each night's check, as beat would have run it."""
    for day in days(first + DAY, told.today):
        yield Event(told.at(day, NIGHT), lambda at: watch_clinic(told.clinic, now=at))


def _weeks(told: Told, first: dt.date) -> Iterator[Event]:
    """Yield each week's summaries and digests, as beat would have had them told."""
    for telling in past_weeks(told.clinic, first=first, today=told.today):
        yield Event(telling.due_at, partial(tell_past_week, told.clinic, telling))


# ---- a patient -----------------------------------------------------------------------------------


def _life(entry: PatientEntry, told: Told) -> Iterator[Event]:
    """Register a patient and prescribe; yield what they log and what is done for them."""
    found = all_kinds()
    kind = found.kinds[entry.kind]
    plan = found.plans[kind.plan]
    starts_on = week_start(told.today) - kind.weeks_ago * WEEK
    by, opens_at = told.therapists[entry.of], told.at(starts_on, OPENS)
    patient = _register(entry, told, by=by, now=opens_at)
    assignment = _prescribe(patient, kind, plan, starts_on, by=by, now=opens_at)
    seed = f"{told.number} {entry.number}"
    case = Case(
        patient_id=patient.pk,
        therapist=by,
        admin=told.admin,
        patient=acting_for(patient, told.users[entry.email]),
        carer=acting_for(patient, told.users[entry.carer.email]) if entry.carer else None,
        lines=_lines(assignment, plan),
        today=told.today,
        zone_name=patient.time_zone,
        seed=seed,
    )
    if entry.reminders:
        yield Event(told.at(starts_on, CHOOSES), partial(choose, entry.reminders, case))
    yield from _sessions(kind, plan, case, starts_on)
    for care in kind.care:
        yield Event(told.at(told.today - care.days_ago * DAY, CARE_AT), partial(give, care, case))


def _sessions(kind: Kind, plan: Plan, case: Case, starts_on: dt.date) -> Iterator[Event]:
    diary = Diary(
        kind,
        lines=case.lines,
        trains_on=plan.trains_on,
        starts_on=starts_on,
        today=case.today,
        zone_name=case.zone_name,
        seed=case.seed,
    )
    for one in diary.sessions():
        by = case.carer if one.by_carer and case.carer else case.patient
        yield Event(one.sent_at, partial(_log, case.patient_id, one.content, by))


def _log(patient_id: UUID, content: LogSession, by: Actor, now: dt.datetime) -> None:
    log_session(patient_id=patient_id, content=content, by=by, now=now)


def _register(entry: PatientEntry, told: Told, *, by: Actor, now: dt.datetime) -> Patient:
    patient = register_patient(
        asked=NewPatient(
            name=entry.name,
            date_of_birth=entry.born,
            medical_record_number=entry.number,
            affected_side=entry.side,
            communication_needs=entry.needs,
            assistive_devices=entry.devices,
            precautions=entry.precautions,
        ),
        by=by,
        now=now,
    )
    link_login(patient_id=patient.pk, email=entry.email, by=by, now=now)
    if entry.carer:
        add_carer(patient_id=patient.pk, email=entry.carer.email, by=by, now=now)
    patient.refresh_from_db()
    return patient


def _prescribe(
    patient: Patient, kind: Kind, plan: Plan, starts_on: dt.date, *, by: Actor, now: dt.datetime
) -> Assignment:
    draft = draft_assignment(
        patient_id=patient.pk,
        title=plan.title,
        program_id=_program(plan.program) if plan.program else None,
        changes=plan.changes,
        items=[
            decode(item | {"exercise": str(_shipped(item["exercise"]).pk)}, LineOrder)
            for item in plan.items
        ],
        starts_on=starts_on,
        by=by,
        now=now,
    )
    if kind.is_draft:
        return draft
    return activate_assignment(
        assignment_id=draft.pk, answers=confirm_everything(draft), by=by, now=now
    )


def _lines(assignment: Assignment, plan: Plan) -> list[Line]:
    rows = PrescribedExercise.objects.filter(line__assignment=assignment)
    return [
        _line(row, plan)
        for row in rows.select_related("exercise_version", "line").order_by("line__position")
    ]


def _line(row: PrescribedExercise, plan: Plan) -> Line:
    usual = weekday_list(row.weekdays) or plan.trains_on
    content = exercise_content(row.exercise_version.content)
    return Line(
        id=row.line_id,
        position=row.line.position,
        side=row.side,
        sets=row.sets,
        amounts={name: getattr(row, name) for name in MEASURE_FIELDS[row.line.measure]},
        weekdays=frozenset(plan.only_on.get(row.line.position, usual)),
        times_per_day=row.times_per_day or 1,
        load_kg=None if row.load_kg is None else float(row.load_kg),
        checks={check.id: check.right for check in content.checks if not check.optional},
    )


def _shipped(slug: str) -> Exercise:
    try:
        return Exercise.objects.get(clinic=None, slug=slug)
    except ObjectDoesNotExist:
        raise _not_loaded() from None


def _program(slug: str) -> UUID:
    try:
        return Program.objects.get(clinic=None, slug=slug).pk
    except ObjectDoesNotExist:
        raise _not_loaded() from None


def _not_loaded() -> DemoRefused:
    return DemoRefused("Load the catalogue first: manage.py load_catalogue")
