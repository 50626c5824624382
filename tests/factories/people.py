"""
Builders of people and places. Each makes its rows inside the clinic's context.

`therapist`, `admin` and `patient` make a user too; `None` as a patient's email leaves the record
without a login. Where an actor is wanted, `acting(membership)` or `acting_for(patient, user)`.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password

from clinics.actors import CARER, PATIENT, Actor
from clinics.models import Clinic, Device, Invitation, Membership, User
from clinics.tokens import hash_token, new_token
from core import outbox
from core.models import Message
from core.tenancy import clinic_context, set_clinic
from patients.models import Carer, CareTeamMembership, Discharge, Patient, Pause, PauseRequest
from tests.factories.database import store

LONG_AGO = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)
LONG_AFTER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def clinic(
    name: str = "Harbour Clinic",
    time_zone: str = "Europe/Lisbon",
    country: str = "PT",
    **fields: Any,
) -> Clinic:
    made = _clinic(name, time_zone, country, **fields)
    made.save(force_insert=True)
    return made


def _clinic(
    name: str = "Harbour Clinic",
    time_zone: str = "Europe/Lisbon",
    country: str = "PT",
    **fields: Any,
) -> Clinic:
    return Clinic(
        name=name,
        time_zone=time_zone,
        country=country,
        **{"phone_number": "+351 210 000 000"} | fields,
    )


def user(name: str = "Rui Costa", email: str = "", password: str | None = None) -> User:
    """Make a login; without an email, one that no other builder gives."""
    return User.objects.create_user(email or _address(name), password, name=name)


def _address(name: str) -> str:
    return f"{name.split(maxsplit=1)[0].lower()}.{next(_numbers)}@example.org"


def operator(name: str = "Olga Reis", **login: Any) -> User:
    """Make a login that operates the platform."""
    made = user(name, **login)
    made.is_operator = True
    made.save(update_fields=["is_operator"])
    return made


def membership(clinic: Clinic, role: str, *, user: User) -> Membership:
    with clinic_context(clinic.pk):
        return Membership.objects.create(clinic=clinic, user=user, role=role)


def therapist(clinic: Clinic, name: str = "Rui Costa", **login: Any) -> Membership:
    return membership(clinic, "therapist", user=user(name, **login))


def admin(clinic: Clinic, name: str = "Helena Prata", **login: Any) -> Membership:
    return membership(clinic, "admin", user=user(name, **login))


def patient(
    clinic: Clinic,
    name: str = "Ana Silva",
    *,
    care_team: Sequence[Membership] = (),
    email: str | None = "",
    login: User | None = None,
    affected_side: str = "left",
    **fields: Any,
) -> Patient:
    """Make a record with a login (none: `email=None`); the first therapist leads its care team."""
    if login is None and email is not None:
        login = user(name, email)
    with clinic_context(clinic.pk):
        made = _record(clinic, login, name=name, affected_side=affected_side, **fields)
        made.save(force_insert=True)
        for place, one in enumerate(care_team):
            CareTeamMembership.objects.create(
                clinic=clinic, patient=made, membership=one, is_lead=place == 0
            )
    return made


def _record(clinic: Clinic, login: User | None, **fields: Any) -> Patient:
    return Patient(
        clinic=clinic,
        user=login,
        **{
            "name": login.name if login else "",
            "affected_side": "left",
            "date_of_birth": dt.date(1958, 4, 17),
            "medical_record_number": f"MRN-{next(_numbers):04}",
            "time_zone": clinic.time_zone,
        }
        | fields,
    )


def carer(patient: Patient, name: str = "João Silva", **login: Any) -> Carer:
    """Make a carer whose consent stands."""
    person = user(name, **login)
    with clinic_context(patient.clinic_id):
        made = _consent(patient, person)
        made.save(force_insert=True)
    return made


def _consent(patient: Patient, person: User) -> Carer:
    return Carer(
        clinic_id=patient.clinic_id,
        patient=patient,
        user=person,
        consented_at=LONG_AGO,
        consent_recorded_by=patient.user or person,
    )


def pause(patient: Patient, **fields: Any) -> Pause:
    """Pause a patient from 20 to 30 November 2026, both included, unless `fields` say otherwise."""
    with clinic_context(patient.clinic_id):
        return Pause.objects.create(
            clinic_id=patient.clinic_id,
            patient=patient,
            **{
                "starts_on": dt.date(2026, 11, 20),
                "ends_on": dt.date(2026, 11, 30),
                "reason": "holiday",
                "made_at": LONG_AGO,
            }
            | fields,
        )


def message(clinic: Clinic | None, to: User, **fields: Any) -> Message:
    """Leave a message that is due, and return it."""
    place = clinic.pk if clinic else None
    made = outbox.draft(
        **{
            "kind": Message.Kind.ALERT,
            "clinic_id": place,
            "recipient_id": to.pk,
            "key": f"alert:{next(_numbers)}",
            "due_at": LONG_AGO,
        }
        | fields
    )
    with clinic_context(place):
        outbox.leave_all([made])
    return made


def pause_request(patient: Patient, **fields: Any) -> PauseRequest:
    """Ask for a pause from 24 to 26 December 2026, unless `fields` say otherwise."""
    with clinic_context(patient.clinic_id):
        return PauseRequest.objects.create(
            clinic_id=patient.clinic_id,
            patient=patient,
            **{
                "starts_on": dt.date(2026, 12, 24),
                "ends_on": dt.date(2026, 12, 26),
                "reason": "holiday",
                "asked_by": patient.user,
                "asked_as": "patient",
                "asked_at": LONG_AGO,
            }
            | fields,
        )


def discharge(patient: Patient, *, by: User, **fields: Any) -> Discharge:
    """Keep an end of care that is over: discharged on 1 March 2026, readmitted on 1 May."""
    with clinic_context(patient.clinic_id):
        return Discharge.objects.create(
            clinic_id=patient.clinic_id,
            patient=patient,
            **{
                "discharged_on": dt.date(2026, 3, 1),
                "reason": "completed",
                "made_by": by,
                "made_at": LONG_AGO,
                "readmitted_on": dt.date(2026, 5, 1),
                "readmitted_by": by,
                "readmitted_at": LONG_AGO,
            }
            | fields,
        )


def invitation(clinic: Clinic, by: User, **fields: Any) -> Invitation:
    """Ask somebody to be a therapist, or whatever `fields` say; no mail is left."""
    with clinic_context(clinic.pk):
        return Invitation.objects.create(
            clinic=clinic,
            invited_by=by,
            **{
                "kind": "patient" if "patient_id" in fields else "member",
                "roles": [] if "patient_id" in fields else ["therapist"],
                "email": f"invited.{next(_numbers)}@example.org",
                "invited_at": LONG_AGO,
                "ends_at": LONG_AFTER,
            }
            | fields,
        )


def device_token(user: User) -> str:
    """Sign a device in and return its token in clear."""
    token = new_token()
    Device.objects.create(
        user=user,
        name="test phone",
        token_hash=hash_token(token),
        epoch=user.token_epoch,
        signed_in_at=LONG_AGO,
        last_seen_on=dt.datetime.now(dt.UTC).date(),
        ends_at=LONG_AFTER,
    )
    return token


def acting(*memberships: Membership) -> Actor:
    """Return the member of staff as `clinics.http` would identify them; all in one clinic."""
    by_role = {one.role: one for one in memberships}
    first = by_role.get("therapist") or memberships[0]
    return Actor(
        user_id=first.user_id,
        acting_as="staff",
        clinic_id=first.clinic_id,
        membership_id=first.pk,
        roles=frozenset(by_role),
    )


def operating(user: User, clinic: Clinic | None = None) -> Actor:
    """Return an operator as `clinics.http` would identify them, or in a clinic that they chose."""
    return Actor(user_id=user.pk, acting_as="operator", clinic_id=clinic.pk if clinic else None)


def acting_for(patient: Patient, user: User | None = None) -> Actor:
    """Return the patient, or the carer named, acting for that record."""
    return Actor(
        user_id=user.pk if user else patient.user_id,
        acting_as=CARER if user else PATIENT,
        clinic_id=patient.clinic_id,
        patient_id=patient.pk,
    )


@dataclass(frozen=True, kw_only=True)
class World:
    """Harbour Clinic, where Ana Silva is treated, and a clinic that must never see her."""

    clinic: Clinic
    ana: Patient
    rui: Membership
    marta: Membership
    admin: Membership
    carer: Carer
    far_clinic: Clinic
    far_therapist: Membership
    far_patient: Patient


def world() -> World:
    """
    Rui Costa leads Ana Silva's care team; Marta Dias is not on it; Helena Prata is the admin.

    João Silva is Ana's carer. In Fjord Clinic, Ingrid Holm treats Per Berg. Every test over HTTP
    waits for this, so it takes few statements.
    """
    harbour, fjord = _clinic(), _clinic("Fjord Clinic", "Europe/Oslo", "NO")
    names = ["Rui Costa", "Marta Dias", "Helena Prata", "Ana Silva", "João Silva", "Ingrid Holm"]
    logins = [_login(name) for name in [*names, "Per Berg"]]
    rui, marta, helena, ana, joao, ingrid, per = logins
    staff = [
        Membership(clinic=harbour, user=one, role=role)
        for one, role in ((rui, "therapist"), (marta, "therapist"), (helena, "admin"))
    ]
    treated, led = _treated(harbour, ana, lead=staff[0])
    caring = _consent(treated, joao)
    far_therapist = Membership(clinic=fjord, user=ingrid, role="therapist")
    far_patient, far_led = _treated(fjord, per, lead=far_therapist, affected_side="right")
    with clinic_context(harbour.pk):
        store(harbour, fjord, *logins, *staff, treated, led, caring)
        set_clinic(fjord.pk)
        store(far_therapist, far_patient, far_led)
    return World(
        clinic=harbour,
        ana=treated,
        rui=staff[0],
        marta=staff[1],
        admin=staff[2],
        carer=caring,
        far_clinic=fjord,
        far_therapist=far_therapist,
        far_patient=far_patient,
    )


def _login(name: str) -> User:
    return User(email=_address(name), name=name, password=_no_password())


@cache
def _no_password() -> str:
    return make_password(None)


def _treated(
    clinic: Clinic, login: User, *, lead: Membership, **fields: Any
) -> tuple[Patient, CareTeamMembership]:
    made = _record(clinic, login, **fields)
    return made, CareTeamMembership(clinic=clinic, patient=made, membership=lead, is_lead=True)
