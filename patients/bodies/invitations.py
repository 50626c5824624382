"""The shapes of requests about people who are asked to use a record."""

from __future__ import annotations

from typing import Literal

from django.utils.translation import gettext_lazy as _

from clinics.bodies import Email
from core.bodies import BadValue, Body


class NewRecordInvitation(Body):
    """`consent`: for a carer, the patient has agreed, and the clinic vouches for it."""

    kind: Literal["patient", "carer"]
    email: Email
    consent: Literal["given"] | None = None

    def __post_init__(self) -> None:
        if self.kind == "carer" and self.consent is None:
            raise BadValue("missing", _("Say that the patient consents."), field="consent")
