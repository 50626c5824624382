"""A clinic's patients: list, register, read, change, and the login a record belongs to."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actors import Actor
from clinics.http import STAFF, StaffView, answer
from clinics.openapi import operation
from core.errors import Forbidden
from core.pagination import Listing, paginate
from patients.actions.change import no_such_patient
from patients.actions.people import change_patient, link_login, register_patient, unlink_login
from patients.bodies.people import (
    Login,
    NewPatient,
    PatientCard,
    PatientChange,
    PatientOut,
    PatientQuery,
)
from patients.models import CareTeamMembership, Patient
from patients.policies import may_manage_person, may_see_clinical
from patients.presenters.people import patient_cards, patient_out

BY_NAME = ("name", "id")

RUI = {
    "membership": "019aa9f4-1f02-7d55-9a3c-5b0c6f2e8d10",
    "name": "Rui Costa",
    "is_lead": True,
    "is_working": True,
}
ANA: dict[str, object] = {
    "id": "019aa9f4-2b7e-7a41-8c9d-0e1f2a3b4c5d",
    "name": "Ana Silva",
    "date_of_birth": "1958-04-17",
    "medical_record_number": "H-1027",
    "time_zone": "Europe/Lisbon",
    "language": "en",
    "status": "active",
    "discharged_on": None,
    "has_login": True,
    "care_team": [RUI],
    "affected_side": "left",
    "communication_needs": ["aphasia"],
    "assistive_devices": ["quad cane"],
    "precautions": "No kneeling.",
    "is_paused": False,
}
ANA_IN_A_LIST = {
    name: ANA[name]
    for name in (
        "id", "name", "date_of_birth", "medical_record_number", "status", "is_paused", "care_team",
    )
} | {"on_my_care_team": True, "unassigned_since": None}  # fmt: skip
ANA_TO_REGISTER = {
    name: ANA[name]
    for name in (
        "name", "date_of_birth", "medical_record_number", "affected_side", "communication_needs",
        "assistive_devices", "precautions",
    )
}  # fmt: skip


class PatientsView(StaffView):
    access = {"get": STAFF, "post": STAFF}
    audited_as = "patients"

    @operation(
        summary="List patients",
        description="A therapist's own, or with `known` all of the clinic, the others by name "
        "alone. An administrator's: all of the clinic, with nothing clinical.",
        query=PatientQuery,
        answers={200: Listing[PatientCard]},
        examples={200: {"results": [ANA_IN_A_LIST], "next": None}},
    )
    def get(self, request: Request) -> Response:
        asked = self.query(PatientQuery)
        page = paginate(
            listed(self.actor, asked),
            order=BY_NAME,
            cursor=asked.cursor,
            limit=asked.limit,
            bound_to=f"patients:{self.actor.user_id}:{self.actor.clinic_id}:{_filters(asked)}",
        )
        self.reads(one.pk for one in page.items)
        cards = patient_cards(page.items, who=self.actor, now=self.now)
        return answer(Listing(results=cards, next=page.next_cursor))

    @operation(
        summary="Register a patient",
        description="The therapist who registers leads the care team. An administrator names one.",
        body=NewPatient,
        answers={201: PatientOut},
        problems=(409,),
        examples={"body": ANA_TO_REGISTER, 201: ANA | {"has_login": False}},
    )
    def post(self, request: Request) -> Response:
        patient = register_patient(asked=self.body(NewPatient), by=self.actor, now=self.now)
        return answer(_shown(self, patient), status=201)


class PatientView(StaffView):
    access = {"get": STAFF, "patch": STAFF}
    audited_as = "patient"

    @operation(
        summary="Read a patient's record",
        description="What is clinical is null for an administrator who does not treat the patient.",
        answers={200: PatientOut},
        examples={200: ANA},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        return answer(_shown(self, find_person(patient_id, self.actor)))

    @operation(
        summary="Change a patient's record",
        description="What is left out stays. Sides that were prescribed as `affected` stay as they "
        "were resolved.",
        body=PatientChange,
        answers={200: PatientOut},
        problems=(409,),
        examples={"body": {"precautions": "No kneeling."}, 200: ANA},
    )
    def patch(self, request: Request, patient_id: UUID) -> Response:
        asked = self.body(PatientChange)
        patient = change_patient(patient_id=patient_id, asked=asked, by=self.actor, now=self.now)
        return answer(_shown(self, patient))


class PatientLoginView(StaffView):
    access = {"put": STAFF, "delete": STAFF}

    @operation(
        summary="Give a record to a login",
        description="The user who signs in with that address may then read it and log to it.",
        body=Login,
        answers={200: PatientOut},
        problems=(409,),
        examples={"body": {"email": "ana@example.org"}, 200: ANA},
    )
    def put(self, request: Request, patient_id: UUID) -> Response:
        email = self.body(Login).email
        patient = link_login(patient_id=patient_id, email=email, by=self.actor, now=self.now)
        return answer(_shown(self, patient))

    @operation(
        summary="Take a record away from its login",
        answers={200: PatientOut},
        examples={200: ANA | {"has_login": False}},
    )
    def delete(self, request: Request, patient_id: UUID) -> Response:
        patient = unlink_login(patient_id=patient_id, by=self.actor, now=self.now)
        return answer(_shown(self, patient))


def find_person(patient_id: UUID, who: Actor) -> Patient:
    """
    Return a record whose people the actor manages: their care team's, or any as administrator.

    :raises NotFound: unknown, of another clinic, or of a patient whom someone else treats
    """
    patient = Patient.objects.known_to(who).filter(pk=patient_id).first()
    if patient is None or not may_manage_person(who, patient):
        raise no_such_patient()
    return patient


def listed(who: Actor, asked: PatientQuery) -> QuerySet[Patient]:
    """Return the patients that the actor asks for, each of whom they may know of."""
    everyone = Patient.objects.known_to(who)
    mine = Patient.objects.visible_to(who)
    sees_all = asked.known or asked.unassigned or not who.is_therapist
    found = everyone if sees_all else mine
    if asked.unassigned:
        if not who.is_admin:
            raise Forbidden
        found = found.exclude(Exists(_working_therapists()))
        found = found.filter(status=asked.status or Patient.Status.ACTIVE)
    treated = Q() if who.is_admin else Q(pk__in=mine.values("pk"))
    if asked.search:
        number = Q(medical_record_number__icontains=asked.search) & treated
        found = found.filter(Q(name__icontains=asked.search) | number)
    if asked.status:
        found = found.filter(treated, status=asked.status)
    return found


def _working_therapists() -> QuerySet[CareTeamMembership]:
    return CareTeamMembership.objects.filter(
        patient=OuterRef("pk"),
        membership__deactivated_at=None,
        membership__user__is_active=True,
    )


def _filters(asked: PatientQuery) -> str:
    return f"{asked.search}:{asked.status}:{asked.known}:{asked.unassigned}"


def _shown(view: StaffView, patient: Patient) -> PatientOut:
    clinical = may_see_clinical(view.actor, patient)
    return patient_out(patient, clinical=clinical, now=view.now)


urlpatterns = [
    path("patients", PatientsView.as_view(), name="patients"),
    path("patients/<uuid:patient_id>", PatientView.as_view(), name="patient"),
    path("patients/<uuid:patient_id>/login", PatientLoginView.as_view(), name="patient-login"),
]
