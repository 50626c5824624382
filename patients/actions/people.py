"""Registering and changing patients' records, and the login that a record belongs to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from msgspec import UNSET

from clinics.actors import Actor
from clinics.models import Clinic, User, UserManager
from core import audit
from core.calendar import is_known_zone, local_date
from core.errors import Conflict, Forbidden, Invalid
from patients.actions.care_team import find_therapist, join
from patients.actions.change import lock_person, raise_change
from patients.bodies.people import NewPatient, PatientChange
from patients.models import Patient
from patients.policies import may_register_patient, may_see_clinical

CLINICAL = frozenset({"affected_side", "communication_needs", "assistive_devices", "precautions"})


class MedicalRecordNumberTaken(Conflict):
    code = "medical_record_number_taken"
    message = _("Another patient of this clinic has this record number.")


class LoginHasRecord(Conflict):
    code = "login_has_record"
    message = _("This login has another record in this clinic.")


class PatientHasLogin(Conflict):
    code = "patient_has_login"
    message = _("This patient has a login. Take it away first.")


class LoginIsCarer(Conflict):
    code = "login_is_carer"
    message = _("This login belongs to a carer of this patient.")


def register_patient(*, asked: NewPatient, by: Actor, now: dt.datetime) -> Patient:
    """
    Make a record. The therapist who registers leads its care team, or joins it under `lead`.

    An administrator who is to name a lead does not join.

    :raises MedicalRecordNumberTaken: in this clinic
    :raises Invalid: unknown zone or lead, date of birth that is not past, or no lead named
    """
    if not may_register_patient(by):
        raise Forbidden
    with transaction.atomic():
        clinic = Clinic.objects.visible_to(by).get()
        patient = Patient(
            clinic=clinic,
            **{name: _plain(getattr(asked, name)) for name in _written_fields(asked)},
        )
        patient.time_zone = asked.time_zone or clinic.time_zone
        patient.language = asked.language or clinic.language
        _check(patient, now=now)
        with _one_for_each_number():
            patient.save(force_insert=True)
        _make_care_team(patient, lead=asked.lead, by=by)
        _record("patient_registered", patient, by=by, now=now)
    return patient


def change_patient(
    *, patient_id: UUID, asked: PatientChange, by: Actor, now: dt.datetime
) -> Patient:
    """
    Change what a record says. Sides that were resolved when prescribed stay as they are.

    :raises Forbidden: an administrator who does not treat the patient sends a clinical field
    :raises MedicalRecordNumberTaken, Invalid: as `register_patient`
    """
    with transaction.atomic():
        patient = lock_person(patient_id, by)
        wanted = _differing(patient, asked)
        if CLINICAL & _sent(asked) and not may_see_clinical(by, patient):
            raise Forbidden(_("An administrator does not change what is clinical."))
        if not wanted:
            return patient
        for name, value in wanted.items():
            setattr(patient, name, value)
        _check(patient, now=now)
        with _one_for_each_number():
            patient.save(update_fields=[*wanted, "updated_at"])
        raise_change(patient)
        _record("patient_changed", patient, by=by, now=now, fields=sorted(wanted))
    return patient


def link_login(*, patient_id: UUID, email: str, by: Actor, now: dt.datetime) -> Patient:
    """
    Give a record to the user with that address, who may then read it and log to it.

    :raises Invalid: `unknown_user`: nobody signs in with that address
    :raises PatientHasLogin, LoginHasRecord, LoginIsCarer: it would not be one person, one record
    """
    with transaction.atomic():
        patient = lock_person(patient_id, by)
        give_record(patient, find_user(email), by=by, now=now)
    return patient


def give_record(patient: Patient, user: User, *, by: Actor, now: dt.datetime) -> None:
    """Link a locked record to a login; twice is as once. Raises as `link_login`."""
    if patient.user_id == user.pk:
        return
    if patient.user_id is not None:
        raise PatientHasLogin
    if patient.carers.filter(user=user, revoked_at=None).exists():
        raise LoginIsCarer(field="email")
    patient.user = user
    with _refused_as("one_record_for_a_user_in_a_clinic", LoginHasRecord(field="email")):
        patient.save(update_fields=["user", "updated_at"])
    raise_change(patient)
    _record("login_linked", patient, by=by, now=now, user=str(user.pk))


def unlink_login(*, patient_id: UUID, by: Actor, now: dt.datetime) -> Patient:
    """Take the record away from its login, with effect at the next request; twice is as once."""
    with transaction.atomic():
        patient = lock_person(patient_id, by)
        if patient.user_id is None:
            return patient
        before = str(patient.user_id)
        patient.user = None
        patient.save(update_fields=["user", "updated_at"])
        raise_change(patient)
        _record("login_unlinked", patient, by=by, now=now, user=before)
    return patient


def find_user(email: str) -> User:
    """
    Return the user who signs in with that address.

    An operator's login is nobody's of a clinic.

    :raises Invalid: there is none, it has ended, or it is an operator's: the same words for all
    """
    logins = User.objects.filter(is_active=True, is_operator=False)
    user = logins.filter(email=UserManager.normalize(email)).first()
    if user is None:
        raise Invalid.at("email", "unknown_user", _("Nobody signs in with this address."))
    return user


def _sent(asked: NewPatient | PatientChange) -> set[str]:
    return {name for name in asked.__struct_fields__ if getattr(asked, name) is not UNSET}


def _written_fields(asked: NewPatient) -> set[str]:
    return _sent(asked) - {"lead", "time_zone", "language"}


def _plain(value: object) -> object:
    """Keep a set of words without repeats, in the order given."""
    return list(dict.fromkeys(value)) if isinstance(value, list) else value


def _differing(patient: Patient, asked: PatientChange) -> dict[str, object]:
    given = {name: _plain(getattr(asked, name)) for name in sorted(_sent(asked))}
    return {name: value for name, value in given.items() if value != getattr(patient, name)}


def _check(patient: Patient, *, now: dt.datetime) -> None:
    if not is_known_zone(patient.time_zone):
        detail = _("Give a zone by area and city, such as Europe/Lisbon.")
        raise Invalid.at("time_zone", "unknown_zone", detail)
    if patient.date_of_birth >= local_date(now, patient.time_zone):
        raise Invalid.at("date_of_birth", "not_past", _("A date of birth lies in the past."))


def _make_care_team(patient: Patient, *, lead: UUID | None, by: Actor) -> None:
    if lead is None and not by.is_therapist:
        raise Invalid.at("lead", "missing", _("Say which therapist leads the care team."))
    if lead is not None:
        join(patient, find_therapist(lead, by=by, field="lead").pk, is_lead=True)
    joins = by.is_therapist and by.membership_id != lead and (lead is None or not by.is_admin)
    if joins and by.membership_id:
        join(patient, by.membership_id, is_lead=lead is None)


@contextmanager
def _one_for_each_number() -> Iterator[None]:
    taken = MedicalRecordNumberTaken(field="medical_record_number")
    with _refused_as("one_patient_for_a_medical_record_number", taken):
        yield


@contextmanager
def _refused_as(constraint: str, error: Conflict) -> Iterator[None]:
    """Say in our words what the database refused by that constraint."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as refusal:
        diagnosis = getattr(refusal.__cause__, "diag", None)
        if getattr(diagnosis, "constraint_name", None) != constraint:
            raise
        raise error from None


def _record(
    action: str, patient: Patient, *, by: Actor, now: dt.datetime, **details: object
) -> None:
    audit.record(
        action=action,
        by=by,
        now=now,
        patient_id=patient.pk,
        target="patients.Patient",
        target_id=patient.pk,
        details=details,
    )
