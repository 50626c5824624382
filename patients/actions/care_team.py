"""
Who is responsible for a patient.

A team with a working therapist has one of them in the lead: the first to join takes it, and when
its holder leaves it passes to whoever has been there longest. The last may leave; the patient then
stands on the administrators' list as unassigned, and who is on call hears of the alerts that stand.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.actions.on_call import tell_on_call
from clinics.actors import Actor
from clinics.models import Membership
from core import audit
from core.errors import Conflict, Invalid, NotFound
from patients.actions.change import lock_person, raise_change
from patients.models import CareTeamMembership, Patient


class TeamNeedsLead(Conflict):
    code = "team_needs_lead"
    message = _("Put another therapist in the lead instead.")


def put_on_care_team(
    *, patient_id: UUID, membership_id: UUID, is_lead: bool, by: Actor, now: dt.datetime
) -> Patient:
    """
    Put a therapist on a care team, in the lead or not; the same twice is as once.

    :raises NotFound: not a working therapist of this clinic
    :raises TeamNeedsLead: the lead would be given up with nobody named for it
    """
    with transaction.atomic():
        patient = lock_person(patient_id, by)
        membership = find_therapist(membership_id, by=by)
        place = patient.care_team.filter(membership=membership).first()
        if place and place.is_lead and not is_lead:
            raise TeamNeedsLead(field="is_lead")
        if place and place.is_lead == is_lead:
            return patient
        join(patient, membership.pk, is_lead=is_lead or _working(patient) is None)
        _mark_unassigned(patient, None)
        _record("care_team_joined", patient, membership.pk, by=by, now=now)
    return patient


def remove_from_care_team(
    *, patient_id: UUID, membership_id: UUID, by: Actor, now: dt.datetime
) -> Patient:
    """
    Take a therapist off a care team, the last one too; it never waits for another.

    :raises NotFound: not on this care team
    """
    with transaction.atomic():
        patient = lock_person(patient_id, by)
        places = patient.care_team.select_related("membership__user")
        place = places.filter(membership_id=membership_id).first()
        if place is None:
            raise NotFound(_("There is no such therapist on this care team."))
        patient.care_team.filter(pk=place.pk).delete()
        heir = _working(patient)
        if heir is None:
            left_at = place.membership.deactivated_at or now
            _mark_unassigned(patient, patient.unassigned_at or left_at)
            _hand_over(patient, place, now=now)
        elif not patient.care_team.filter(is_lead=True).exists():
            join(patient, heir.membership_id, is_lead=True)
        _record("care_team_left", patient, membership_id, by=by, now=now)
    return patient


def find_therapist(membership_id: UUID, *, by: Actor, field: str = "") -> Membership:
    """
    Return a working therapist of the actor's clinic.

    :raises NotFound: there is none; Invalid where the id came in a body's field
    """
    therapists = Membership.objects.visible_to(by).working()
    found = therapists.filter(pk=membership_id, role=Membership.Role.THERAPIST).first()
    if found is not None:
        return found
    detail = _("There is no such therapist in this clinic.")
    raise Invalid.at(field, "unknown_therapist", detail) if field else NotFound(detail)


def join(patient: Patient, membership_id: UUID, *, is_lead: bool) -> None:
    """Give a therapist a place, or change it. The record must be locked, or new."""
    if is_lead:
        patient.care_team.filter(is_lead=True).update(is_lead=False)
    CareTeamMembership.objects.update_or_create(
        patient=patient,
        membership_id=membership_id,
        defaults={"is_lead": is_lead},
        create_defaults={"is_lead": is_lead, "clinic_id": patient.clinic_id},
    )


def _mark_unassigned(patient: Patient, since: dt.datetime | None) -> None:
    if patient.unassigned_at != since:
        patient.unassigned_at = since
        patient.save(update_fields=["unassigned_at", "updated_at"])


def _hand_over(patient: Patient, place: CareTeamMembership, *, now: dt.datetime) -> None:
    """Have who is on call told, once, of the alerts that the last working therapist leaves."""
    member = place.membership
    if member.deactivated_at is None and member.user.is_active:
        tell_on_call(
            clinic_id=patient.clinic_id,
            about={"patient": patient.pk},
            key=f"unassigned:{place.pk}",
            due_at=now,
        )


def _working(patient: Patient) -> CareTeamMembership | None:
    """Return the working therapist who has been on the team longest; keys rise with time."""
    team = patient.care_team.filter(
        membership__deactivated_at=None, membership__user__is_active=True
    )
    return team.order_by("pk").first()


def _record(
    action: str, patient: Patient, membership_id: UUID, *, by: Actor, now: dt.datetime
) -> None:
    raise_change(patient)
    audit.record(
        action=action,
        by=by,
        now=now,
        patient_id=patient.pk,
        target="clinics.Membership",
        target_id=membership_id,
    )
