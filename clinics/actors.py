"""Who acts in a request, a task or a command: the one thing that policies and `visible_to` look at."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

ADMIN = "admin"
THERAPIST = "therapist"
PATIENT = "patient"
CARER = "carer"
SYSTEM = "system"
OPERATOR = "operator"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """
    A signed-in user in the one clinic, and perhaps the one patient record, that a request is about.

    `roles` holds `admin` and `therapist` as the clinic granted them; `patient_id` is set only under
    `me/`, where `acting_as` is `patient` or `carer`. An operator acts outside every clinic, or in the
    one that they chose.
    """

    user_id: UUID | None
    acting_as: str = ""
    device_id: UUID | None = None
    clinic_id: UUID | None = None
    membership_id: UUID | None = None
    patient_id: UUID | None = None
    roles: frozenset[str] = frozenset()

    @property
    def is_therapist(self) -> bool:
        return THERAPIST in self.roles

    @property
    def is_admin(self) -> bool:
        return ADMIN in self.roles

    @property
    def is_operator(self) -> bool:
        return self.acting_as == OPERATOR

    @property
    def is_staff(self) -> bool:
        return bool(self.roles)


def system(clinic_id: UUID | None = None) -> Actor:
    """The platform itself: periodic jobs and commands. It sees nothing through `visible_to`."""
    return Actor(user_id=None, acting_as=SYSTEM, clinic_id=clinic_id)
