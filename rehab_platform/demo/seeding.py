"""Seeding the demo, once and whole, and saying who may sign in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction

from clinics.actions.logins import make_operator
from clinics.actors import system
from clinics.models import User
from core.planning import one_plan
from rehab_platform.demo.kinds import all_kinds
from rehab_platform.demo.people import PASSWORD, ClinicEntry, cast
from rehab_platform.demo.story import DemoRefused, tell
from rehab_platform.founding import make_login

SEED = 1
LOGINS_BEFORE = dt.timedelta(weeks=8)


def refuse_in_production() -> None:
    """
    Keep logins with a published password away from real patients.

    :raises DemoRefused: these settings are a production server's
    """
    is_production = str(settings.SETTINGS_MODULE).endswith(".production")
    if is_production or settings.SECURE_SSL_REDIRECT or settings.SECURE_HSTS_SECONDS:
        raise DemoRefused("The demo is not for production: everybody knows its password.")


def seed(*, now: dt.datetime, number: int = SEED) -> bool:
    """
    Make the demo's clinics, whole or not at all; tell whether they were made now.

    The same number on the same day gives the same story.

    :raises DemoRefused: in production, or before the catalogue is loaded
    """
    refuse_in_production()
    everybody = cast()
    emails = [person.email for person in (everybody.operator, *everybody.logins())]
    if User.objects.filter(email__in=emails).exists():
        return False
    before = now - LOGINS_BEFORE
    with transaction.atomic(), one_plan():
        make_operator(
            email=everybody.operator.email,
            name=everybody.operator.name,
            password=PASSWORD,
            by=system(),
            now=before,
        )
        users = {
            one.email: make_login(name=one.name, email=one.email, password=PASSWORD, now=before)
            for one in everybody.logins()
        }
        for entry in everybody.clinics:
            tell(entry, users=users, number=number, now=now)
    return True


def sign_ins() -> str:
    """Return the demo's logins to print: the operator's, then by clinic and role."""
    blocks = [f"Sign in with the password {PASSWORD} as"]
    runs = cast().operator
    blocks.append("The platform (/operator/)\n" + _row("operator", runs.email, runs.name, ""))
    for entry in cast().clinics:
        rows = [_row(*each) for each in _of_clinic(entry)]
        blocks.append("\n".join([f"{entry.name} ({entry.time_zone})", *rows]))
    free = cast().no_role
    blocks.append("Nowhere yet\n" + _row("no role yet", free.email, free.name, ""))
    return "\n\n".join(blocks)


def _of_clinic(entry: ClinicEntry) -> Iterator[tuple[str, str, str, str]]:
    """Yield role, address, name and what is to be seen of each login of a clinic."""
    yield "clinic admin", entry.admin.email, entry.admin.name, ""
    for one in entry.therapists:
        yield "therapist", one.email, one.name, ""
    for patient in entry.patients:
        says = all_kinds().kinds[patient.kind].says
        yield "patient", patient.email, patient.name, says
        if patient.carer:
            yield "carer", patient.carer.email, patient.carer.name, f"of {patient.name}"


def _row(role: str, email: str, name: str, says: str) -> str:
    return f"  {role:<13} {email:<26} {name:<15} {says}".rstrip()
