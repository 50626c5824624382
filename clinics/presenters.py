"""What an answer about people shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from clinics.actors import Actor
from clinics.bodies import (
    ClinicOut,
    DeviceOut,
    InvitationOut,
    MemberOut,
    MemberRole,
    MembershipOut,
    PlatformClinicOut,
    PlatformEventOut,
)
from clinics.models import Clinic, Device, Invitation, Membership, User
from core.models import AuditEvent


def device_out(device: Device, *, this_one: UUID | None) -> DeviceOut:
    return DeviceOut(
        id=device.pk,
        name=device.name,
        signed_in_at=device.signed_in_at,
        last_seen_on=device.last_seen_on,
        ends_at=device.ends_at,
        is_this_one=device.pk == this_one,
    )


def clinic_out(clinic: Clinic) -> ClinicOut:
    return ClinicOut(
        id=clinic.pk,
        version=clinic.settings_version,
        name=clinic.name,
        time_zone=clinic.time_zone,
        language=clinic.language,
        country=clinic.country,
        phone_number=clinic.phone_number,
        on_call_contact=clinic.on_call_contact,
        quiet_from=clinic.quiet_from.isoformat("minutes"),
        quiet_until=clinic.quiet_until.isoformat("minutes"),
        summary_weekday=clinic.summary_weekday,
        summary_hour=clinic.summary_hour,
        holds_after_fall=clinic.holds_after_fall,
    )


def platform_clinic_out(clinic: Clinic) -> PlatformClinicOut:
    return PlatformClinicOut(
        id=clinic.pk,
        name=clinic.name,
        time_zone=clinic.time_zone,
        country=clinic.country,
        phone_number=clinic.phone_number,
        archived_at=clinic.archived_at,
    )


def invitation_out(invitation: Invitation, *, now: dt.datetime) -> InvitationOut:
    """Needs `invited_by` at hand."""
    return InvitationOut(
        id=invitation.pk,
        kind=invitation.kind,
        email=invitation.email,
        roles=invitation.roles,
        state=_state_of(invitation, now=now),
        invited_by=invitation.invited_by.name,
        invited_at=invitation.invited_at,
        ends_at=invitation.ends_at,
        times_sent=invitation.times_sent,
    )


def _state_of(invitation: Invitation, *, now: dt.datetime) -> str:
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.revoked_at is not None:
        return "revoked"
    return "open" if invitation.ends_at > now else "expired"


def members_out(people: Sequence[User], who: Actor) -> list[MemberOut]:
    """Show people with what they work as in the actor's clinic: one query for all of them."""
    roles: dict[UUID, list[MemberRole]] = {one.pk: [] for one in people}
    working = Membership.objects.visible_to(who).filter(
        user_id__in=list(roles), deactivated_at=None
    )
    for one in working.order_by("role", "pk"):
        roles[one.user_id].append(MemberRole(membership=one.pk, role=one.role))
    return [
        MemberOut(id=one.pk, name=one.name, email=one.email, roles=roles[one.pk]) for one in people
    ]


def platform_events_out(events: Sequence[AuditEvent]) -> list[PlatformEventOut]:
    """Show events with the names of those who acted: one query for all of them."""
    actors = {one.actor_id for one in events if one.actor_id}
    names = dict(User.objects.filter(pk__in=actors).values_list("pk", "name"))
    return [
        PlatformEventOut(
            id=one.pk,
            at=one.at,
            action=one.action,
            actor=one.actor_id,
            actor_name=names.get(one.actor_id) if one.actor_id else None,
            acting_as=one.acting_as,
            target=one.target,
            target_id=one.target_id,
            request_id=one.request_id,
            address=one.address,
            details=one.details,
        )
        for one in events
    ]


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
