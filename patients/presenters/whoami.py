"""Where a user may go: their places of work and the records that they may act for."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import groupby
from uuid import UUID

from clinics.actors import Actor
from clinics.bodies import RecordOut, WhoAmI
from clinics.models import Clinic, User
from clinics.presenters import memberships_out, places_of
from core import audit
from core.errors import NotSignedIn
from core.tenancy import set_clinic
from patients.models import Patient

MOST_PLACES = 100
Place = tuple[str, UUID, UUID]


def who_am_i(who: Actor, *, now: dt.datetime) -> WhoAmI:
    """
    Describe a user. Needs a transaction: names are read inside each clinic's context, one at a time.

    Reading a record's name leaves its audit event there. Three queries, and three for each clinic
    with a record; the first 100 places are shown.
    """
    if who.user_id is None:
        raise NotSignedIn
    user = User.objects.get(pk=who.user_id)
    places = places_of(user.pk)[:MOST_PLACES]
    clinics = Clinic.objects.in_bulk({clinic for _kind, clinic, _row in places})
    return WhoAmI(
        id=user.pk,
        email=user.email,
        name=user.name,
        memberships=memberships_out(places, clinics),
        records=_records(places, clinics, who=who, now=now),
    )


def _records(
    places: list[Place], clinics: dict[UUID, Clinic], *, who: Actor, now: dt.datetime
) -> list[RecordOut]:
    """A user who is a patient and a carer of one record acts for it as the patient."""
    acting = {row: kind for kind, _clinic, row in places if kind == "carer"}
    acting |= {row: kind for kind, _clinic, row in places if kind == "patient"}
    of_records = sorted({(clinic, row) for _kind, clinic, row in places if row in acting})
    found: list[RecordOut] = []
    for clinic, rows in groupby(of_records, key=lambda one: one[0]):
        names = _names(replace(who, clinic_id=clinic), [row for _clinic, row in rows], now=now)
        found += [
            RecordOut(
                id=row,
                clinic=clinic,
                clinic_name=clinics[clinic].name,
                name=name,
                acting_as=acting[row],
            )
            for row, name in names
        ]
    set_clinic(None)
    return found


def _names(who: Actor, rows: list[UUID], *, now: dt.datetime) -> list[tuple[UUID, str]]:
    """Return the keys and names of records in the one clinic that `who` is put in."""
    set_clinic(who.clinic_id)
    records = Patient.objects.filter(pk__in=rows).order_by("name", "pk")
    found = list(records.values_list("pk", "name"))
    patients = [str(pk) for pk, _name in found]
    audit.record(action="read_who_am_i", by=who, now=now, details={"patients": patients})
    return found
