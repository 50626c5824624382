"""
What answers about people show, and to whom.

Each function asks a fixed number of queries, however many patients it is given.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.db.models import Q

from clinics.actors import Actor
from clinics.models import Membership
from core.calendar import DAY, local_date
from patients.bodies.people import (
    CarerOut,
    CareTeamMember,
    CareTeamOut,
    PatientCard,
    PatientOut,
    TherapistOut,
)
from patients.models import Carer, CareTeamMembership, Patient, Pause
from patients.paused_dates import Span, covers


def patient_out(patient: Patient, *, clinical: bool, now: dt.datetime) -> PatientOut:
    """Show a record; without `clinical`, as an administrator sees it."""
    paused = paused_patients([patient], now=now) if clinical else frozenset()
    return PatientOut(
        id=patient.pk,
        name=patient.name,
        date_of_birth=patient.date_of_birth,
        medical_record_number=patient.medical_record_number,
        time_zone=patient.time_zone,
        language=patient.language,
        status=patient.status,
        discharged_on=patient.discharged_on,
        has_login=patient.user_id is not None,
        care_team=care_teams([patient.pk])[patient.pk],
        affected_side=patient.affected_side if clinical else None,
        communication_needs=patient.communication_needs if clinical else None,
        assistive_devices=patient.assistive_devices if clinical else None,
        precautions=patient.precautions if clinical else None,
        is_paused=patient.pk in paused if clinical else None,
    )


def patient_cards(
    patients: Sequence[Patient], *, who: Actor, now: dt.datetime
) -> list[PatientCard]:
    """Show a page of patients: one's own in full, an administrator's without what is clinical."""
    mine = set(_visible(patients, who))
    shown = {one.pk for one in patients} if who.is_admin else mine
    teams = care_teams(shown)
    paused = paused_patients([one for one in patients if one.pk in mine], now=now)
    alone = unassigned_since(
        [
            one
            for one in patients
            if one.pk in shown and one.status == Patient.Status.ACTIVE
            if not any(member.is_working for member in teams[one.pk])
        ]
    )
    return [
        PatientCard(
            id=one.pk,
            name=one.name,
            on_my_care_team=one.pk in mine,
            date_of_birth=one.date_of_birth if one.pk in shown else None,
            medical_record_number=one.medical_record_number if one.pk in shown else None,
            status=one.status if one.pk in shown else None,
            is_paused=one.pk in paused if one.pk in mine else None,
            care_team=teams[one.pk] if one.pk in shown else None,
            unassigned_since=alone.get(one.pk),
        )
        for one in patients
    ]


def care_team_out(patient: Patient) -> CareTeamOut:
    members = care_teams([patient.pk])[patient.pk]
    return CareTeamOut(results=members, is_unassigned=not any(one.is_working for one in members))


def care_teams(patients: Collection[UUID]) -> defaultdict[UUID, list[CareTeamMember]]:
    """Return each patient's therapists, the lead first, then in the order in which they joined."""
    teams: defaultdict[UUID, list[CareTeamMember]] = defaultdict(list)
    places = CareTeamMembership.objects.filter(patient_id__in=patients)
    for place in places.select_related("membership__user").order_by("-is_lead", "pk"):
        teams[place.patient_id].append(
            CareTeamMember(
                membership=place.membership_id,
                name=place.membership.user.name,
                is_lead=place.is_lead,
                is_working=_works(place.membership),
            )
        )
    return teams


def unassigned_since(patients: Collection[Patient]) -> dict[UUID, dt.datetime]:
    """
    Return when the last working therapist of each was gone; their teams have none.

    They were taken off the team, or their membership was deactivated while on it.
    """
    since = {one.pk: one.unassigned_at for one in patients}
    places = CareTeamMembership.objects.filter(patient__in=since).select_related("membership")
    for place in places if since else ():
        moments = [place.membership.deactivated_at, since[place.patient_id]]
        since[place.patient_id] = max(filter(None, moments), default=None)
    return {patient: at for patient, at in since.items() if at is not None}


def carer_out(carer: Carer) -> CarerOut:
    """Show a carer whose `user` and `consent_recorded_by` are loaded."""
    return CarerOut(
        id=carer.pk,
        name=carer.user.name,
        email=carer.user.email,
        consented_at=carer.consented_at,
        consent_recorded_by=carer.consent_recorded_by.name,
        revoked_at=carer.revoked_at,
    )


def therapist_out(membership: Membership) -> TherapistOut:
    return TherapistOut(membership=membership.pk, name=membership.user.name)


def paused_patients(patients: Iterable[Patient], *, now: dt.datetime) -> frozenset[UUID]:
    """Return those of whom a pause covers today, each in their own zone."""
    today = {one.pk: local_date(now, one.time_zone) for one in patients}
    near = Pause.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=now.date() - DAY),
        patient_id__in=today,
        starts_on__lte=now.date() + DAY,
    )
    rows = near.values_list("patient_id", "starts_on", "ends_on") if today else ()
    return frozenset(
        patient for patient, first, last in rows if covers([Span(first, last)], today[patient])
    )


def _visible(patients: Sequence[Patient], who: Actor) -> Iterable[UUID]:
    ids = [one.pk for one in patients]
    return Patient.objects.visible_to(who).filter(pk__in=ids).values_list("pk", flat=True)


def _works(membership: Membership) -> bool:
    return membership.deactivated_at is None and membership.user.is_active
