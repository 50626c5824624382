"""The clinic that is fuzzed, and one beside it of which nobody may see anything."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from clinics.models import Clinic, Invitation, Membership, PasswordReset, User
from clinics.tokens import hash_short_code, hash_token, new_token, place_code
from core.bodies import Instant
from core.tenancy import clinic_context
from patients.models import (
    Assessment,
    Assignment,
    Carer,
    Goal,
    Line,
    Patient,
    Pause,
    PauseRequest,
)
from reminders.models import Contact
from sessions.actions.store import log_session
from sessions.bodies import LogSession
from sessions.models import Alert, ExerciseSession
from tests.factories import measured, people, prescriptions, programs, reminders

ROLES = ("patient", "therapist", "admin", "operator")
PASSWORD = "correct horse battery"
EXERCISES = ("wall_stretch", "heel_raise", "sit_to_stand")
# Stands in every name of the other clinic's; no draw makes it, and no answer may hold it.
MARK = "Quillfeather"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Who signs in as what; whose mail addresses requests may name; the other clinic's rows."""

    clinic_id: UUID
    emails: dict[str, str]
    others: list[str]
    foreign: dict[str, list[UUID]]
    now: dt.datetime

    def restore(self, role: str) -> None:
        """
        Give the clinic's staff their roles back, and this role's login no other.

        People accept roles, and administrators end them, even their own.
        """
        with clinic_context(self.clinic_id):
            for email, had in _STAFF:
                ended = Membership.objects.exclude(deactivated_at=None)
                ended.filter(user__email=email, role=had).update(deactivated_at=None)
            own = Membership.objects.filter(user__email=self.emails[role], deactivated_at=None)
            own.exclude(role=role).update(deactivated_at=self.now)

    def code(self, path: str, role: str) -> str:
        """Make a code as a mail would have carried it: for the address at `path`, to that role."""
        token, now = new_token(), dt.datetime.now(dt.UTC)
        if "contacts" in path:
            return self._typed_code(role, now=now)
        if "password-reset" in path:
            user = User.objects.get(email=self.others[0])
            PasswordReset.objects.create(
                user=user,
                code_hash=hash_token(token),
                epoch=user.token_epoch,
                made_at=now,
                ends_at=now + dt.timedelta(minutes=30),
            )
            return token
        is_own = path.endswith("/accept")
        email = self.emails[role] if is_own else f"joins.{token[:12].lower()}@fuzz.example"
        code = place_code(self.clinic_id, token)
        with clinic_context(self.clinic_id):
            open_ones = Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None)
            open_ones.update(revoked_at=now)
            clinic = Clinic.objects.get(pk=self.clinic_id)
            by = User.objects.get(email=self.emails["admin"])
            people.invitation(clinic, by, email=email, code_hash=hash_token(code))
        return code

    def _typed_code(self, role: str, *, now: dt.datetime) -> str:
        """Let each address of a role that waits for its code wait for this one."""
        code, ends_at = "204817", now + dt.timedelta(minutes=30)
        with clinic_context(self.clinic_id):
            waiting = Contact.objects.filter(user__email=self.emails[role], confirmed_at=None)
            for one in waiting.exclude(channel="web_push"):
                one.code_hash, one.code_ends_at = hash_short_code(one.pk, code), ends_at
                one.code_attempts = 0
                one.save()
        return code


@transaction.atomic
def set_the_stage(*, now: dt.datetime) -> Stage:
    """Make both clinics and an operator; every login has one password."""
    harbour = people.clinic()
    rui = people.therapist(harbour, "Rui Costa", email="rui@fuzz.example", password=PASSWORD)
    marta = people.therapist(harbour, "Marta Dias", email="marta@fuzz.example")
    people.admin(harbour, "Helena Prata", email="helena@fuzz.example", password=PASSWORD)
    people.operator("Olga Reis", email="olga@fuzz.example", password=PASSWORD)
    ana = _patient(harbour, "Ana Silva", rui, now=now, password=PASSWORD)
    for name in ("Bento Luz", "Celia Melo", "Dario Pinto"):
        _patient(harbour, name, rui, now=now)
    _patient(harbour, "Elsa Vaz", marta, now=now)
    people.invitation(harbour, rui.user)
    people.invitation(harbour, rui.user, patient_id=ana.pk)
    return Stage(
        clinic_id=harbour.pk,
        emails={role: f"{name}@fuzz.example" for role, name in _NAMES.items()},
        others=["bento@fuzz.example", "marta@fuzz.example", "carer.of.bento@fuzz.example"],
        foreign=_the_other_clinic(now),
        now=now,
    )


_OF_A_PATIENT: dict[str, Any] = {
    "assignment": Assignment,
    "line": Line,
    "goal": Goal,
    "assessment": Assessment,
    "carer": Carer,
    "pause": Pause,
    "request": PauseRequest,
    "session": ExerciseSession,
    "alert": Alert,
}
_STAFF = (
    ("rui@fuzz.example", "therapist"),
    ("marta@fuzz.example", "therapist"),
    ("helena@fuzz.example", "admin"),
)
_NAMES = {"patient": "ana", "therapist": "rui", "admin": "helena", "operator": "olga"}


def _patient(
    clinic: Clinic,
    name: str,
    therapist: Membership,
    *,
    now: dt.datetime,
    password: str | None = None,
) -> Patient:
    """Make a patient with something of everything."""
    first = name.split(maxsplit=1)[0].lower()
    login = people.user(name, f"{first}@fuzz.example", password)
    made = people.patient(clinic, name, care_team=[therapist], login=login)
    week_ago = (now - dt.timedelta(days=7)).date()
    prescriptions.assign(made, *map(prescriptions.order, EXERCISES), from_=week_ago)
    prescriptions.draft(made, prescriptions.order("heel_raise"), from_=now.date(), now=now)
    measured.goal(made, from_=week_ago)
    measured.assessment(made, on=week_ago)
    people.carer(made, f"Carer of {name}", email=f"carer.of.{first}@fuzz.example")
    soon = now.date() + dt.timedelta(days=20)
    people.pause(made, starts_on=soon, ends_on=soon + dt.timedelta(days=5))
    people.pause_request(made, starts_on=soon + dt.timedelta(days=9), ends_on=None)
    people.invitation(clinic, therapist.user, patient_id=made.pk)
    with clinic_context(clinic.pk):
        for ago, symptoms in (
            (2, ["chest_pain"]),
            (24 * 40, ["dizziness"]),
        ):  # an alert; and a held one
            log_session(
                patient_id=made.pk,
                content=LogSession(
                    id=uuid4(),
                    performed_at=Instant(now - dt.timedelta(hours=ago)),
                    symptoms=symptoms,
                    results=[],
                ),
                by=people.acting_for(made),
                now=now,
            )
    return made


def _the_other_clinic(now: dt.datetime) -> dict[str, list[UUID]]:
    fjord = people.clinic(f"{MARK} Clinic", "Europe/Oslo", "NO")
    ingrid = people.therapist(fjord, f"Ingrid {MARK}", email="ingrid@fuzz.example")
    per = _patient(fjord, f"Per {MARK}", ingrid, now=now)
    exercise = programs.own_exercise(fjord, name=f"{MARK} walking")
    assert per.user is not None
    contact = reminders.contact(fjord, per.user, address=f"per@{MARK.lower()}.example")
    program = programs.own_program(fjord, exercise, "walking", name=f"{MARK} program")
    with clinic_context(fjord.pk):
        return {
            "clinic": [fjord.pk],
            "user": [ingrid.user_id],
            "membership": [ingrid.pk],
            "patient": [per.pk],
            "exercise": [exercise.pk],
            "program": [program.pk],
            "contact": [contact.pk],
            **{
                kind: list(model.objects.filter(patient=per).values_list("pk", flat=True))
                for kind, model in _OF_A_PATIENT.items()
            },
        }
