"""What an answer about people shows."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from clinics.bodies import DeviceOut, MembershipOut
from clinics.models import Clinic, Device


def device_out(device: Device, *, this_one: UUID | None) -> DeviceOut:
    return DeviceOut(
        id=device.pk,
        name=device.name,
        signed_in_at=device.signed_in_at,
        last_seen_on=device.last_seen_on,
        ends_at=device.ends_at,
        is_this_one=device.pk == this_one,
    )


def places_of(user_id: UUID | None) -> list[tuple[str, UUID, UUID]]:
    """Return (kind, clinic, row) of each place the user may go to; keys alone, across clinics."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, clinic_id, row_id FROM places_of(%s)", [user_id])
        return list(cursor.fetchall())


def memberships_out(
    places: list[tuple[str, UUID, UUID]], clinics: dict[UUID, Clinic]
) -> list[MembershipOut]:
    return [
        MembershipOut(id=row, clinic=clinic, clinic_name=clinics[clinic].name, role=kind)
        for kind, clinic, row in places
        if kind in {"admin", "therapist"}
    ]
