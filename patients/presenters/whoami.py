"""Where a user may go: their places of work and the records that they may act for."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from clinics.bodies import RecordOut, WhoAmI
from clinics.models import Clinic, User
from clinics.presenters import memberships_out, places_of
from core.tenancy import set_clinic
from patients.models import Patient

MOST_PLACES = 100
Place = tuple[str, UUID, UUID]


def who_am_i(user_id: UUID) -> WhoAmI:
    """
    Describe a user. Needs a transaction: names are read inside each clinic's context, one at a time.

    Three queries, and two for each clinic with a record; the first 100 places are shown.
    """
    user = User.objects.get(pk=user_id)
    places = places_of(user.pk)[:MOST_PLACES]
    clinics = Clinic.objects.in_bulk({clinic for _kind, clinic, _row in places})
    return WhoAmI(
        id=user.pk,
        email=user.email,
        name=user.name,
        memberships=memberships_out(places, clinics),
        records=_records(places, clinics),
    )


def _records(places: list[Place], clinics: dict[UUID, Clinic]) -> list[RecordOut]:
    """A user who is a patient and a carer of one record acts for it as the patient."""
    acting = {row: kind for kind, _clinic, row in places if kind == "carer"}
    acting |= {row: kind for kind, _clinic, row in places if kind == "patient"}
    of_records = sorted({(clinic, row) for _kind, clinic, row in places if row in acting})
    found: list[RecordOut] = []
    for clinic, rows in groupby(of_records, key=lambda one: one[0]):
        names = _names(clinic, [row for _clinic, row in rows])
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


def _names(clinic: UUID, rows: list[UUID]) -> list[tuple[UUID, str]]:
    set_clinic(clinic)
    records = Patient.objects.filter(clinic_id=clinic, pk__in=rows).order_by("name", "pk")
    return list(records.values_list("pk", "name"))
