"""Who is in the demo: its clinics, their staff and patients, as `clinics.yaml` names them. Pure."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from clinics.bodies import Email
from core.body_types import LocalDate, parse_own
from patients.bodies.people import Devices, Name, Needs, Precautions, RecordNumber, SideAffected
from programs.shipped import PlainLoader
from reminders.bodies.preferences import Clock

PASSWORD = "harbour-lights-2026"  # noqa: S105 - of a demo on loopback, printed at its start
HERE = Path(__file__).parent
T = TypeVar("T")


class Described(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The base of what the demo's files describe: a word that nobody reads is refused."""


class Person(Described, kw_only=True, frozen=True):
    """A login of the demo."""

    name: Name
    email: Email


class Reminded(Described, kw_only=True, frozen=True):
    """What a patient chose about reminders; `weekdays` empty: every day."""

    times: list[Clock]
    weekdays: list[int] = []
    copies_carers: bool = False
    counts_by_mail: bool = False
    is_paused: bool = False
    wants_reminders: bool = True

    @property
    def goes_out(self) -> bool:
        return bool(self.times) and self.wants_reminders and not self.is_paused


class PatientEntry(Person, kw_only=True, frozen=True):
    """A record in one clinic; `of` is the address of the therapist who treats the patient."""

    born: LocalDate
    number: RecordNumber
    side: SideAffected
    kind: str
    of: Email
    needs: Needs = []
    devices: Devices = []
    precautions: Precautions = ""
    carer: Person | None = None
    reminders: Reminded | None = None


class OwnExercise(Described, kw_only=True, frozen=True):
    """A copy of a shipped exercise under a name of the clinic's own."""

    of: str
    name: Name


class Invited(Described, kw_only=True, frozen=True):
    email: Email
    role: str


class ClinicEntry(Described, kw_only=True, frozen=True):
    name: Name
    time_zone: str
    country: str
    phone_number: str
    on_call: Email
    admin: Person
    therapists: list[Person]
    own_exercise: OwnExercise
    invited: Invited
    patients: list[PatientEntry]

    def people(self) -> list[Person]:
        """Return everybody who belongs here: staff, patients and carers."""
        carers = [one.carer for one in self.patients if one.carer]
        return [self.admin, *self.therapists, *self.patients, *carers]


class Cast(Described, kw_only=True, frozen=True):
    """Everybody; `operator` runs the platform, `no_role` may sign in and belongs nowhere yet."""

    operator: Person
    no_role: Person
    clinics: list[ClinicEntry]

    def logins(self) -> list[Person]:
        """
        Return each person but the operator once, by address.

        Who is treated in two clinics has one login.
        """
        everybody: dict[str, Person] = {}
        for clinic in self.clinics:
            for person in clinic.people():
                everybody.setdefault(person.email, person)
        everybody.setdefault(self.no_role.email, self.no_role)
        return list(everybody.values())


def read(name: str, kind: type[T]) -> T:
    """Read one of the demo's files strictly."""
    found: Any = yaml.load((HERE / name).read_text(encoding="utf-8"), PlainLoader)  # noqa: S506
    return msgspec.convert(found, kind, dec_hook=parse_own)


@cache
def cast() -> Cast:
    """Return everybody who is in the demo."""
    return read("clinics.yaml", Cast)
