"""The address of a login, where it was proved: whoever accepted an invitation there reads it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from uuid import UUID

from django.db import connection

from core.ids import uuid7
from reminders.models import Channel, Contact

AT_ONCE: Final = 1000
# Those who work in the clinic, are treated there, or care for somebody who is, without such a
# contact. One that was disabled or taken away is there, and so is not made again.
MISSING: Final = """
SELECT invited.accepted_by_id, invited.email, max(invited.accepted_at)
FROM clinics_invitation invited
JOIN clinics_user login ON login.id = invited.accepted_by_id
    AND login.email = invited.email AND login.is_active
WHERE invited.clinic_id = %(clinic)s AND invited.accepted_at IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM reminders_contact known
    WHERE known.clinic_id = %(clinic)s AND known.user_id = login.id
      AND known.channel = 'email' AND known.address = login.email)
  AND (EXISTS (
         SELECT 1 FROM clinics_membership works
         WHERE works.clinic_id = %(clinic)s AND works.user_id = login.id
           AND works.deactivated_at IS NULL)
    OR EXISTS (
         SELECT 1 FROM patients_patient treated
         WHERE treated.clinic_id = %(clinic)s AND treated.user_id = login.id)
    OR EXISTS (
         SELECT 1 FROM patients_carer cares
         WHERE cares.clinic_id = %(clinic)s AND cares.user_id = login.id
           AND cares.revoked_at IS NULL))
GROUP BY invited.accepted_by_id, invited.email
ORDER BY invited.accepted_by_id
LIMIT %(most)s
"""


def asked(clinic_id: UUID) -> dict[str, Any]:
    """Return the values of MISSING."""
    return {"clinic": clinic_id, "most": AT_ONCE}


def ensure_login_contacts(*, clinic_id: UUID, now: dt.datetime) -> int:
    """
    Give each of a clinic's people the address of their login as a contact, where it was proved.

    Needs the clinic's context. One statement where nothing is missing; at most a thousand at once.
    Return how many were made.
    """
    with connection.cursor() as cursor:
        cursor.execute(MISSING, asked(clinic_id))
        missing = cursor.fetchall()
    made = [
        Contact(
            id=uuid7(),
            clinic_id=clinic_id,
            user_id=user_id,
            channel=Channel.EMAIL,
            address=address,
            added_at=accepted_at,
            confirmed_at=accepted_at,
        )
        for user_id, address, accepted_at in missing
    ]
    if made:
        Contact.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)
