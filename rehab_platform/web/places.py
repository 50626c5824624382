"""
Which of a login's records or places of work a page is about: what a phone says in a header.

An address may name it (`record` or `clinic`). Where it does not, the only one is meant; whoever has
several chooses.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from clinics.actors import CARER, PATIENT, THERAPIST, Actor
from clinics.presenters import places_of
from core.errors import NotFound


def records_of(user_id: UUID) -> list[Actor]:
    """Return the login as each record's patient or carer; who is both acts as the patient."""
    places = [one for one in places_of(user_id) if one[0] in {PATIENT, CARER}]
    acting = {(clinic, row): kind for kind, clinic, row in sorted(places)}
    return [
        Actor(user_id=user_id, acting_as=kind, clinic_id=clinic, patient_id=row)
        for (clinic, row), kind in acting.items()
    ]


def practices_of(user_id: UUID) -> list[Actor]:
    """Return the login as a therapist of each clinic where it is one."""
    return [
        Actor(
            user_id=user_id,
            acting_as="staff",
            clinic_id=clinic,
            membership_id=row,
            roles=frozenset({THERAPIST}),
        )
        for kind, clinic, row in places_of(user_id)
        if kind == THERAPIST
    ]


def record_named(found: Sequence[Actor], said: str) -> Actor | None:
    """
    Return the record that is meant; None where there are several and none was named.

    :raises NotFound: there is none, or the one that was named is not among them
    """
    return _named(found, [one.patient_id for one in found], said)


def clinic_named(found: Sequence[Actor], said: str) -> Actor | None:
    """As `record_named`, of a place of work."""
    return _named(found, [one.clinic_id for one in found], said)


def _named(found: Sequence[Actor], keys: Sequence[UUID | None], said: str) -> Actor | None:
    if not found:
        raise NotFound
    if not said:
        return found[0] if len(found) == 1 else None
    for one, key in zip(found, keys, strict=True):
        if str(key) == said:
            return one
    raise NotFound
