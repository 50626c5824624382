"""
Making a clinic and its logins by command, for the demo and the tour.

Operators make clinics over the API and in their pages (`clinics.actions.operating`); each step
leaves its audit event like any other write.
"""

from __future__ import annotations

import datetime as dt

from clinics.actions.operating import insert_clinic
from clinics.actors import CARER, PATIENT, Actor, system
from clinics.models import Clinic, Membership, User
from core import audit
from core.tenancy import clinic_context
from patients.models import Patient


def found_clinic(
    *, name: str, time_zone: str, country: str, phone_number: str, now: dt.datetime
) -> Clinic:
    """Make a clinic without people."""
    return insert_clinic(
        name=name,
        time_zone=time_zone,
        country=country,
        phone_number=phone_number,
        by=system(),
        now=now,
    )


def make_login(*, name: str, email: str, password: str, now: dt.datetime) -> User:
    """Make a user who may sign in and sees nothing yet."""
    user = User.objects.create_user(email, password, name=name)
    audit.record(
        action="login_made", by=system(), now=now, target="clinics.User", target_id=user.pk
    )
    return user


def give_role(*, clinic: Clinic, user: User, role: str, now: dt.datetime) -> Actor:
    """Let a user work in a clinic, and return them as the one who acts there."""
    with clinic_context(clinic.pk):
        membership = Membership.objects.create(clinic=clinic, user=user, role=role)
        audit.record(
            action="membership_given",
            by=system(clinic.pk),
            now=now,
            target="clinics.Membership",
            target_id=membership.pk,
        )
    return Actor(
        user_id=user.pk,
        acting_as="staff",
        clinic_id=clinic.pk,
        membership_id=membership.pk,
        roles=frozenset({role}),
    )


def acting_for(patient: Patient, user: User) -> Actor:
    """Return the patient, or another user as their carer, acting for that record."""
    return Actor(
        user_id=user.pk,
        acting_as=PATIENT if patient.user_id == user.pk else CARER,
        clinic_id=patient.clinic_id,
        patient_id=patient.pk,
    )
