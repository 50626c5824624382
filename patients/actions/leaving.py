"""
A therapist leaves the clinic, or treats nobody any more: their places in care teams end.

A colleague may take them over; otherwise a lead passes to whoever has been on the team longest, and
a patient of whom nobody is left stands as unassigned, and who is on call hears of the alerts that
stand. What was prescribed and logged stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clinics.actions.members import end_memberships, working_memberships
from clinics.actions.on_call import tell_on_call
from clinics.actions.settings import lock_clinic
from clinics.actors import Actor
from clinics.models import Membership
from clinics.policies import may_manage_clinic
from core import audit
from core.errors import Forbidden, Invalid, NotFound
from core.models import AuditEvent
from patients.actions.care_team import find_therapist
from patients.actions.change import raise_changes
from patients.bodies.leaving import LeftOut
from patients.models import CareTeamMembership, Patient


def deactivate_member(*, user_id: UUID, cover: UUID | None, by: Actor, now: dt.datetime) -> LeftOut:
    """
    End everything that somebody works as in the clinic, with effect at their next request.

    Their login, their other clinics and records of their own go on.

    :raises NotFound: nobody who works here
    :raises LastAdmin: nobody would be left to manage the clinic
    :raises Invalid: `cover` is no working therapist, or the one who leaves
    """
    with transaction.atomic():
        return _end(user_id, None, cover=cover, by=by, now=now)


def end_role(
    *, user_id: UUID, role: str, cover: UUID | None, by: Actor, now: dt.datetime
) -> LeftOut:
    """
    End one role of somebody who works in the clinic; raises as `deactivate_member`.
    """
    with transaction.atomic():
        return _end(user_id, role, cover=cover, by=by, now=now)


def _end(
    user_id: UUID, role: str | None, *, cover: UUID | None, by: Actor, now: dt.datetime
) -> LeftOut:
    if not may_manage_clinic(by):
        raise Forbidden
    lock_clinic(by)
    working = working_memberships(user_id, by=by)
    ending = [one for one in working if role in {None, one.role}]
    if not ending:
        raise NotFound(_("Nobody with this id has this role in this clinic."))
    heir = find_therapist(cover, by=by, field="cover") if cover else None
    if heir and heir.user_id == user_id:
        raise Invalid.at("cover", "covers_themselves", _("Name somebody who stays."))
    patients = _locked_patients(ending, by=by)
    end_memberships(ending, by=by, now=now)
    return _hand_over(patients, ending, heir, by=by, now=now)


def _locked_patients(ending: Sequence[Membership], *, by: Actor) -> list[Patient]:
    """Lock whom they treat, in the order in which everybody does."""
    places = CareTeamMembership.objects.filter(membership__in=ending)
    found = Patient.objects.known_to(by).filter(pk__in=places.values("patient_id"))
    return list(found.select_for_update().order_by("pk"))


def _hand_over(
    patients: list[Patient],
    ending: Sequence[Membership],
    heir: Membership | None,
    *,
    by: Actor,
    now: dt.datetime,
) -> LeftOut:
    """Move or end every place: as many statements for one patient as for a hundred."""
    places = CareTeamMembership.objects.filter(patient__in=patients)
    left = list(places.filter(membership__in=ending))
    places.filter(membership__in=ending).delete()
    led = {one.patient_id for one in left if one.is_lead}
    joined = _let_join(heir, patients) if heir else []
    _give_leads(led, heir)
    raise_changes(patients)
    events = [
        _event("care_team_left", one.patient_id, one.membership_id, by=by, now=now) for one in left
    ]
    events += [_event("care_team_joined", one, heir.pk, by=by, now=now) for one in joined if heir]
    AuditEvent.objects.bulk_create(events)
    treated = _working_places().filter(patient__in=patients).values("patient_id")
    alone = Patient.objects.filter(pk__in=[one.pk for one in patients]).exclude(pk__in=treated)
    unassigned = alone.update(unassigned_at=now)
    if unassigned:
        _tell_on_call(ending[0], now=now)
    return LeftOut(care_teams=len(patients), unassigned=unassigned)


def _tell_on_call(left: Membership, *, now: dt.datetime) -> None:
    """One message for all the patients: alerts of theirs may stand."""
    tell_on_call(
        clinic_id=left.clinic_id,
        about={"clinic": left.clinic_id},
        key=f"unassigned:{left.pk}",
        due_at=now,
    )


def _let_join(heir: Membership, patients: list[Patient]) -> list[UUID]:
    """Put a therapist on the teams that lack them; return of whom."""
    has = set(
        CareTeamMembership.objects.filter(membership=heir, patient__in=patients).values_list(
            "patient_id", flat=True
        )
    )
    missing = [one for one in patients if one.pk not in has]
    CareTeamMembership.objects.bulk_create(
        CareTeamMembership(clinic_id=one.clinic_id, patient=one, membership=heir) for one in missing
    )
    return [one.pk for one in missing]


def _give_leads(led: set[UUID], heir: Membership | None) -> None:
    """Pass each lead on: to who takes over, else to whoever has been there longest."""
    team = _working_places().filter(patient_id__in=led)
    if heir:
        team = team.filter(membership=heir)
    longest = team.order_by("patient_id", "pk").distinct("patient_id").values_list("pk", flat=True)
    CareTeamMembership.objects.filter(pk__in=list(longest)).update(is_lead=True)


def _working_places() -> QuerySet[CareTeamMembership]:
    return CareTeamMembership.objects.filter(
        membership__deactivated_at=None, membership__user__is_active=True
    )


def _event(
    action: str, patient_id: UUID, membership_id: UUID, *, by: Actor, now: dt.datetime
) -> AuditEvent:
    return audit.build(
        action=action,
        by=by,
        now=now,
        patient_id=patient_id,
        target="clinics.Membership",
        target_id=membership_id,
    )
