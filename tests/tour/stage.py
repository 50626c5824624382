"""
What must stand before the story can start, and what the API rightly refuses to write: the past.

Operators have no interface yet, so the clinic and its logins are made here. The plan that Ana had
for the last two weeks is prescribed by the product's own actions, with their clock set back.
Everything else in the tour goes over HTTP.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core import mail
from django.db import transaction

from clinics.actors import THERAPIST, Actor
from clinics.models import Clinic, Membership, User
from core.tenancy import clinic_context
from patients.actions.activation import activate_assignment
from patients.actions.assignments import draft_assignment
from patients.models import Assignment, Line, Patient
from patients.orders import LineOrder, RowOrder
from programs.doses import DurationDose, HoldDose, OnWeekdays, RepetitionsDose, TimesPerWeek
from programs.models import Exercise
from rehab_platform.demo import confirm_everything, refuse_in_production
from rehab_platform.demo.mailbox import newest
from rehab_platform.founding import found_clinic, give_role, make_login
from reminders.actions.deliver import deliver
from reminders.actions.plan import plan_clinic
from reminders.actions.weeks import make_slice
from reminders.models import Contact, Delivery
from sessions.actions.revise import revise_line
from tests.tour.script import (
    CLINIC_NAME,
    CLINIC_PHONE,
    COUNTRY,
    OTHER_NAME,
    PATIENT_NAME,
    THERAPIST_NAME,
    EarlierPlan,
    Logins,
)

EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


def set_the_stage(*, zone_name: str, now: dt.datetime) -> Logins:
    """Make a clinic of this story's own, a therapist who works in it, and logins for two patients."""
    refuse_in_production()
    tag = uuid4().hex[:8]
    logins = Logins(
        therapist=f"marta.{tag}@meridian.example",
        patient=f"ana.{tag}@meridian.example",
        other=f"bruno.{tag}@meridian.example",
        password=uuid4().hex,
    )
    with transaction.atomic():
        clinic = found_clinic(
            name=CLINIC_NAME,
            time_zone=zone_name,
            country=COUNTRY,
            phone_number=CLINIC_PHONE,
            now=now,
        )
        therapist = make_login(
            name=THERAPIST_NAME, email=logins.therapist, password=logins.password, now=now
        )
        give_role(clinic=clinic, user=therapist, role=THERAPIST, now=now)
        make_login(name=PATIENT_NAME, email=logins.patient, password=logins.password, now=now)
        make_login(name=OTHER_NAME, email=logins.other, password=logins.password, now=now)
    return logins


def prescribe_earlier(*, therapist_email: str, patient_id: UUID, plan: EarlierPlan) -> None:
    """Prescribe what Ana had until yesterday, as if it had been done on the plan's first morning."""
    by = _therapist(therapist_email)
    with clinic_context(by.clinic_id):
        patient = Patient.objects.get(pk=patient_id)
        assignment = draft_assignment(
            patient_id=patient.pk,
            title=plan.title,
            items=_orders(),
            starts_on=plan.first,
            ends_on=plan.last,
            by=by,
            now=plan.made_at,
        )
        activate_assignment(
            assignment_id=assignment.pk,
            answers=confirm_everything(assignment),
            by=by,
            now=plan.made_at,
        )
        revise_line(
            line_id=_line(assignment, "leg_press").pk,
            order=RowOrder(dose=RepetitionsDose(sets=3, repetitions=10, load_kg=20)),
            starts_on=plan.press_grows_on,
            by=by,
            now=plan.revised_at,
        )


def end_the_week(*, therapist_email: str, patient_id: UUID, now: dt.datetime) -> list[str]:
    """
    Let the jobs of the clock run for this clinic at an instant that has not come; say what was mailed.

    Whom mails reach is known of whoever was invited; nobody of this story was.
    """
    by = _therapist(therapist_email)
    assert by.clinic_id is not None
    with clinic_context(by.clinic_id):
        patient = Patient.objects.select_related("user").get(pk=patient_id)
        for login in (patient.user, User.objects.get(email=therapist_email)):
            _reach(login, by.clinic_id, now=now)
    while make_slice(clinic_id=by.clinic_id, now=now) is not None:
        pass
    deliver(now=now)
    with clinic_context(by.clinic_id):
        told = Delivery.objects.exclude(kind="reminder").order_by("kind")
        return [f"{kind} {state}" for kind, state in told.values_list("kind", "state")]


def remind(
    *, therapist_email: str, patient_id: UUID, now: dt.datetime, at: dt.datetime
) -> list[dict[str, str]]:
    """
    Let the planner run now, and the delivery at an instant that has not come.

    Returns the mails that the patient got by it: each its subject, its text and two headers.
    """
    by = _therapist(therapist_email)
    assert by.clinic_id is not None
    with clinic_context(by.clinic_id):
        login = Patient.objects.select_related("user").get(pk=patient_id).user
        _reach(login, by.clinic_id, now=now)
    plan_clinic(by.clinic_id, now=now)
    assert login is not None
    before = len(_mails_to(login.email))
    deliver(now=at)
    return _mails_to(login.email)[before:]


def _mails_to(address: str) -> list[dict[str, str]]:
    """Return what was mailed there, the oldest first: from the folder, or what a test keeps."""
    sent: list[Any]
    if "filebased" in settings.EMAIL_BACKEND:
        folder = Path(settings.EMAIL_FILE_PATH)
        sent = [one.mail for one in reversed(newest(folder)) if one.to == address]
    else:
        sent = [one.message() for one in getattr(mail, "outbox", []) if one.to == [address]]
    headers = ("Subject", "List-Unsubscribe", "List-Unsubscribe-Post")
    return [
        {name: str(one[name]).strip() for name in headers}
        | {"text": next(part for part in one.walk() if part.get_content_type() == "text/plain")
           .get_payload(decode=True).decode()}
        for one in sent
    ]  # fmt: skip


def _reach(login: User | None, clinic_id: UUID, *, now: dt.datetime) -> None:
    assert login is not None
    Contact.objects.get_or_create(
        clinic_id=clinic_id, user=login, channel="email", address=login.email,
        defaults={"added_at": now, "confirmed_at": now},
    )  # fmt: skip


def _therapist(email: str) -> Actor:
    """Return the therapist as the one who acts in the clinic of this story."""
    user = User.objects.get(email=email)
    for clinic in Clinic.objects.filter(name=CLINIC_NAME).order_by("-created_at", "-id"):
        with clinic_context(clinic.pk):
            membership = Membership.objects.filter(user=user, deactivated_at=None).first()
        if membership is not None:
            return Actor(
                user_id=user.pk,
                acting_as="staff",
                clinic_id=clinic.pk,
                membership_id=membership.pk,
                roles=frozenset({THERAPIST}),
            )
    raise LookupError(email)


def _orders() -> list[LineOrder]:
    shipped = Exercise.objects.filter(clinic=None)
    return [
        LineOrder(
            exercise=shipped.get(slug="walking_stick").pk,
            dose=DurationDose(sets=1, duration_seconds=600),
            side="affected",
            schedule=OnWeekdays(weekdays=EVERY_DAY, times_per_day=2),
        ),
        LineOrder(
            exercise=shipped.get(slug="wall_stretch").pk,
            dose=HoldDose(sets=2, repetitions=3, hold_seconds=20),
            side="each",
            schedule=TimesPerWeek(times_per_week=3),
        ),
        LineOrder(
            exercise=shipped.get(slug="leg_press").pk,
            dose=RepetitionsDose(sets=2, repetitions=10, load_kg=20),
            side="both",
            schedule=OnWeekdays(weekdays=[1, 3, 5], times_per_day=1),
        ),
    ]


def _line(assignment: Assignment, slug: str) -> Line:
    return assignment.lines.select_related("exercise").get(exercise__slug=slug)
