"""
The demo clinic: its people, one prescription, and two weeks and more of logged sessions.

Everything clinical goes through the product's own actions, with the clock they are given set back.
The same day of seeding gives the same story: nothing in it is random.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid5

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from clinics.actors import ADMIN, THERAPIST, Actor
from clinics.models import Clinic, User
from core.bodies import Instant, LocalDate
from core.calendar import WEEK, days, local_date, week_start, zone
from core.tenancy import clinic_context
from patients.actions.activation import activate_assignment, screening_of
from patients.actions.assignments import draft_assignment
from patients.actions.carers import add_carer
from patients.actions.people import link_login, register_patient
from patients.bodies.people import NewPatient
from patients.models import Assignment, Patient, PrescribedExercise
from patients.orders import ItemChange
from patients.screening import ScreeningAnswers
from programs.doses import HoldDose, OnWeekdays, RepetitionsDose
from programs.models import Program
from rehab_platform.founding import acting_for, found_clinic, give_role, make_login
from sessions.actions.store import log_session
from sessions.bodies import LogSession, ResultIn, SetIn

CLINIC_NAME = "Harbour Clinic"
TIME_ZONE = "Europe/Lisbon"
PASSWORD = "harbour-lights-2026"  # noqa: S105 - of a demo on loopback, printed at its start
PROGRAM = "six_leg_exercises"
WEEKS_BEFORE = 2
EVERY_DAY = OnWeekdays(weekdays=[1, 2, 3, 4, 5, 6, 7], times_per_day=1)
# Gives each demo session the same id whenever the demo is seeded.
SESSION_IDS = UUID("6f9b3c52-0f5e-4c0e-9a52-3d1f4f0f7a11")


@dataclass(frozen=True, slots=True)
class Person:
    """A login of the demo."""

    role: str
    name: str
    email: str


THERAPIST_LOGIN = Person("therapist", "Rui Costa", "rui@harbour.example")
PATIENT_LOGIN = Person("patient", "Ana Silva", "ana@harbour.example")
CARER_LOGIN = Person("carer", "João Silva", "joao@harbour.example")
ADMIN_LOGIN = Person("clinic admin", "Helena Prata", "helena@harbour.example")
FREE_LOGIN = Person("no role yet", "Maria Lopes", "maria@harbour.example")
PEOPLE = (THERAPIST_LOGIN, PATIENT_LOGIN, CARER_LOGIN, ADMIN_LOGIN, FREE_LOGIN)


class DemoRefused(Exception):
    """The demo cannot be seeded here; the message says why."""


def refuse_in_production() -> None:
    """
    Keep logins with a published password away from real patients.

    :raises DemoRefused: these settings are a production server's
    """
    is_production = str(settings.SETTINGS_MODULE).endswith(".production")
    if is_production or settings.SECURE_SSL_REDIRECT or settings.SECURE_HSTS_SECONDS:
        raise DemoRefused("The demo is not for production: everybody knows its password.")


def seed(*, now: dt.datetime) -> bool:
    """
    Make the demo clinic, whole or not at all; tell whether it was made now.

    :raises DemoRefused: in production, or before the catalogue is loaded
    """
    refuse_in_production()
    if User.objects.filter(email=THERAPIST_LOGIN.email).exists():
        return False
    with transaction.atomic():
        starts_on = week_start(local_date(now, TIME_ZONE)) - WEEKS_BEFORE * WEEK
        monday = _at(starts_on, 9)
        clinic = found_clinic(
            name=CLINIC_NAME,
            time_zone=TIME_ZONE,
            country="PT",
            phone_number="+351 210 000 000",
            now=monday,
        )
        users = {
            person: make_login(name=person.name, email=person.email, password=PASSWORD, now=monday)
            for person in PEOPLE
        }
        rui = give_role(clinic=clinic, user=users[THERAPIST_LOGIN], role=THERAPIST, now=monday)
        give_role(clinic=clinic, user=users[ADMIN_LOGIN], role=ADMIN, now=monday)
        with clinic_context(clinic.pk):
            ana = _register(clinic, by=rui, now=monday)
            assignment = _prescribe(ana, starts_on, by=rui, now=monday)
            by_patient = acting_for(ana, users[PATIENT_LOGIN])
            by_carer = acting_for(ana, users[CARER_LOGIN])
            for content in _sessions(assignment, until=local_date(now, TIME_ZONE)):
                done_at = content.performed_at.at
                by = by_carer if done_at.weekday() == SUNDAY else by_patient
                log_session(patient_id=ana.pk, content=content, by=by, now=done_at + HALF_AN_HOUR)
    return True


def sign_ins() -> str:
    """Return the demo's logins as a table to print."""
    rows = [f"  {person.role:<13} {person.email:<24} {person.name}" for person in PEOPLE]
    return "\n".join([f"Sign in with the password {PASSWORD} as", *rows])


def confirm_everything(assignment: Assignment) -> ScreeningAnswers:
    """Confirm each point of a draft's screening, as a therapist who has asked them all."""
    rows = PrescribedExercise.objects.filter(line__assignment=assignment)
    versions = [row.exercise_version for row in rows.select_related("exercise_version")]
    asked = screening_of(versions)
    return ScreeningAnswers(
        items=[item.id for item in asked.items], exercises=[one.exercise for one in asked.exercises]
    )


SUNDAY = 6
HALF_AN_HOUR = dt.timedelta(minutes=30)


def _at(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=zone(TIME_ZONE))


def _register(clinic: Clinic, *, by: Actor, now: dt.datetime) -> Patient:
    patient = register_patient(
        asked=NewPatient(
            name=PATIENT_LOGIN.name,
            date_of_birth=LocalDate(1958, 4, 17),
            medical_record_number="H-1027",
            affected_side="left",
            communication_needs=["aphasia"],
            assistive_devices=["walking stick"],
            precautions="Weak left hand: rest the forearm on the wall.",
        ),
        by=by,
        now=now,
    )
    link_login(patient_id=patient.pk, email=PATIENT_LOGIN.email, by=by, now=now)
    add_carer(patient_id=patient.pk, email=CARER_LOGIN.email, by=by, now=now)
    patient.refresh_from_db()
    return patient


def _prescribe(patient: Patient, starts_on: dt.date, *, by: Actor, now: dt.datetime) -> Assignment:
    try:
        program = Program.objects.get(clinic=None, slug=PROGRAM)
    except ObjectDoesNotExist:
        raise DemoRefused("Load the catalogue first: manage.py load_catalogue") from None
    assignment = draft_assignment(
        patient_id=patient.pk,
        program_id=program.pk,
        changes=[
            ItemChange(
                position=1,
                dose=HoldDose(sets=2, repetitions=3, hold_seconds=20, rest_seconds=15),
                schedule=EVERY_DAY,
                note="Hold on to the kitchen worktop.",
            ),
            ItemChange(
                position=6,
                dose=RepetitionsDose(sets=2, repetitions=8, repetitions_max=12, load_kg=20),
            ),
        ],
        starts_on=starts_on,
        by=by,
        now=now,
    )
    return activate_assignment(
        assignment_id=assignment.pk, answers=confirm_everything(assignment), by=by, now=now
    )


# ---- What she did --------------------------------------------------------------------------------

# By day of the story, from 0: not everything is done, and not everything goes well.
DAYS_OFF = frozenset({3, 9, 16})
SHORT_DAYS = frozenset({5, 11, 15})
HEEL_UP = 4
NEARLY_FELL = 8
GYM_WEEKDAYS = frozenset({1, 4})


def _sessions(assignment: Assignment, *, until: dt.date) -> Iterator[LogSession]:
    """Yield what Ana logged, in order of time, up to the day before `until`."""
    lines = {line.position: line.pk for line in assignment.lines.all()}
    for number, day in enumerate(days(assignment.starts_on, until - dt.timedelta(days=1))):
        if number in DAYS_OFF:
            continue
        yield LogSession(
            id=uuid5(SESSION_IDS, f"{number} morning"),
            performed_at=Instant(_at(day, 10)),
            duration_seconds=1500,
            effort=4,
            pain_before=2,
            pain_after=3 if number in SHORT_DAYS else 2,
            symptoms=["near_fall"] if number == NEARLY_FELL else [],
            help="supervised",
            results=_morning(lines, number, day),
        )
        if number not in SHORT_DAYS:
            yield LogSession(
                id=uuid5(SESSION_IDS, f"{number} afternoon"),
                performed_at=Instant(_at(day, 17)),
                duration_seconds=600,
                effort=3,
                results=[_walk(lines[5], 300)],
            )


def _morning(lines: dict[int, UUID], number: int, day: dt.date) -> list[ResultIn]:
    heel: Literal["yes", "no"] = "no" if number == HEEL_UP else "yes"
    results = [
        ResultIn(
            line=lines[1],
            side="left",
            sets=[SetIn(repetitions=3, hold_seconds=20)] * (1 if number in SHORT_DAYS else 2),
            checks={"heel-down": heel},
            difficulty="just_right",
            pain=2,
        ),
        ResultIn(line=lines[3], side="both", sets=[SetIn(repetitions=10)]),
        ResultIn(line=lines[4], side="left", sets=[SetIn(repetitions=5, hold_seconds=10)]),
        _walk(lines[5], 300),
    ]
    if number in SHORT_DAYS:
        return [*results[:3], ResultIn(line=lines[5], side="left", skipped="fatigue")]
    if number % 2 == 0:
        sets = [SetIn(repetitions=5, hold_seconds=8)]
        results.append(ResultIn(line=lines[2], side="left", sets=sets))
    if day.weekday() in GYM_WEEKDAYS:
        press = SetIn(repetitions=min(8 + number // 4, 12), load_kg=20.0)
        results.append(ResultIn(line=lines[6], side="both", sets=[press, press]))
    return results


def _walk(line: UUID, seconds: int) -> ResultIn:
    return ResultIn(
        line=line, side="left", sets=[SetIn(duration_seconds=seconds)], checks={"felt-safe": "yes"}
    )
