"""
Telling who is on call for a clinic: its own address, or its administrators where none is set.

A message names nobody: what it is about is an id, read behind the login.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from django.db import connection

from clinics.actors import ADMIN, THERAPIST
from clinics.models import Clinic, Membership
from core import outbox
from core.models import Message
from core.tenancy import clinic_context


def to_on_call(
    *,
    address: str,
    admins: Iterable[UUID],
    clinic_id: UUID,
    about: Mapping[str, UUID],
    key: str,
    due_at: dt.datetime,
) -> Iterator[Message]:
    """Draft one message to the address, or where none is set to each administrator."""
    kind = Message.Kind.ALERT
    if address:
        yield outbox.draft(
            kind=kind, clinic_id=clinic_id, key=f"{key}:on-call", due_at=due_at,
            address=address, about=about,
        )  # fmt: skip
        return
    for user_id in admins:
        yield outbox.draft(
            kind=kind, clinic_id=clinic_id, key=f"{key}:{user_id}", due_at=due_at,
            recipient_id=user_id, about=about,
        )  # fmt: skip


def tell_on_call(
    *, clinic_id: UUID, about: Mapping[str, UUID], key: str, due_at: dt.datetime
) -> None:
    """
    Leave one message, in the clinic's context; the same key is as once.

    `about` names the `patient`, or the `clinic`, in which alerts may stand without a care team.
    Whether any does is looked at when it is sent.
    """
    address = Clinic.objects.values_list("on_call_contact", flat=True).get(pk=clinic_id)
    admins = Membership.objects.filter(
        clinic_id=clinic_id, role=ADMIN, deactivated_at=None, user__is_active=True
    )
    users = admins.order_by("user_id").values_list("user_id", flat=True)
    messages = to_on_call(
        address=address, admins=users, clinic_id=clinic_id, about=about, key=key, due_at=due_at
    )
    outbox.leave_all(list(messages))


def tell_where_they_treated(user_id: UUID, *, now: dt.datetime) -> None:
    """Tell who is on call in each clinic where somebody treats: their login has just ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, clinic_id, row_id FROM places_of(%s)", [user_id])
        places = [(clinic, row) for kind, clinic, row in cursor.fetchall() if kind == THERAPIST]
    for clinic_id, membership_id in places:
        with clinic_context(clinic_id):
            tell_on_call(
                clinic_id=clinic_id,
                about={"clinic": clinic_id},
                key=f"unassigned:{membership_id}:{now:%Y%m%dT%H%M%S}",
                due_at=now,
            )
