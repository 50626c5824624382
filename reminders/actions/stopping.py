"""
Stopping what comes by mail, and starting it again, by the link that each such mail carries.

Whoever has the link needs no sign-in: it says whose mails of which kind it stops, and does nothing
else. A carer stops their own copies, never the patient's reminders.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinics.actors import CARER, PATIENT, THERAPIST, Actor
from clinics.models import Membership
from core import audit
from core.errors import NotFound
from patients.actions.change import lock_patient, raise_change
from patients.models import Carer, Patient
from reminders.actions.preferences import choice_of
from reminders.models import Delivery, DigestPreferences, ReminderPreferences, StoppedCopies
from reminders.stop_links import StopLink

STOPPED_BY = {
    Delivery.Kind.REMINDER: "reminders_stopped_at",
    Delivery.Kind.WEEKLY_SUMMARY: "summaries_stopped_at",
}


def holder_of(link: StopLink) -> Actor:
    """
    Return whose mails a link stops, as who they act. Needs the context of the link's clinic.

    :raises NotFound: they are no longer the patient, a carer or a therapist whom it was made for
    """
    if link.kind == Delivery.Kind.DIGEST:
        return _therapist(link)
    if link.patient is None:
        raise _leads_nowhere()
    of_record = Patient.objects.filter(pk=link.patient, clinic_id=link.clinic)
    if of_record.filter(user_id=link.user).exists():
        return _on_record(link, PATIENT)
    carers = Carer.objects.filter(patient__in=of_record, user_id=link.user, revoked_at=None)
    if link.kind == Delivery.Kind.REMINDER and carers.exists():
        return _on_record(link, CARER)
    raise _leads_nowhere()


def are_stopped(link: StopLink, by: Actor) -> bool:
    """Tell whether the mails of a link's kind are stopped for its holder."""
    if by.is_therapist:
        chosen = DigestPreferences.objects.visible_to(by)
        return chosen.filter(stopped_at__isnull=False).exists()
    if by.acting_as == CARER:
        return StoppedCopies.objects.visible_to(by).filter(user_id=link.user).exists()
    stopped = {f"{STOPPED_BY[Delivery.Kind(link.kind)]}__isnull": False}
    return ReminderPreferences.objects.visible_to(by).filter(**stopped).exists()


def stop_mails(*, link: StopLink, by: Actor, now: dt.datetime) -> None:
    """Stop the mails of a link's kind; what is stopped stays as it is."""
    with transaction.atomic():
        if _change(link, now, by=by):
            _keep("mails_stopped", link, by=by, now=now)


def start_mails(*, link: StopLink, by: Actor, now: dt.datetime) -> None:
    """Take it back."""
    with transaction.atomic():
        if _change(link, None, by=by):
            _keep("mails_started", link, by=by, now=now)


def _change(link: StopLink, stopped_at: dt.datetime | None, *, by: Actor) -> bool:
    """Tell whether that changed anything."""
    if by.is_therapist:
        return _digests(by, stopped_at)
    assert link.patient is not None  # holder_of has found it
    patient = lock_patient(link.patient, by)
    if by.acting_as == CARER:
        return _copies(patient, link.user, stopped_at)
    row = choice_of(patient).row
    name = STOPPED_BY[Delivery.Kind(link.kind)]
    if (getattr(row, name) is None) == (stopped_at is None):
        return False
    setattr(row, name, stopped_at)
    row.version += 1
    row.save()
    raise_change(patient)
    return True


def _copies(patient: Patient, user_id: UUID, stopped_at: dt.datetime | None) -> bool:
    """The planner sees from the carers whom it would copy that this is another plan."""
    rows = StoppedCopies.objects.filter(patient=patient, user_id=user_id)
    if stopped_at is None:
        deleted, _per_model = rows.delete()
        return deleted > 0
    if rows.exists():
        return False
    StoppedCopies.objects.create(
        clinic_id=patient.clinic_id, patient=patient, user_id=user_id, stopped_at=stopped_at
    )
    return True


def _digests(by: Actor, stopped_at: dt.datetime | None) -> bool:
    assert by.clinic_id is not None
    assert by.membership_id is not None
    Membership.objects.select_for_update(no_key=True).get(pk=by.membership_id)
    row = DigestPreferences.objects.visible_to(by).first()
    if row is None:
        row = DigestPreferences(clinic_id=by.clinic_id, membership_id=by.membership_id)
    if (row.stopped_at is None) == (stopped_at is None):
        return False
    row.stopped_at = stopped_at
    row.save()
    return True


def _keep(action: str, link: StopLink, *, by: Actor, now: dt.datetime) -> None:
    audit.record(
        action=action,
        by=by,
        now=now,
        patient_id=link.patient,
        target="clinics.User",
        target_id=link.user,
        details={"kind": link.kind},
    )


def _therapist(link: StopLink) -> Actor:
    working = Membership.objects.working().filter(
        clinic_id=link.clinic, user_id=link.user, role=Membership.Role.THERAPIST
    )
    membership_id = working.values_list("pk", flat=True).first()
    if membership_id is None:
        raise _leads_nowhere()
    return Actor(
        user_id=link.user,
        acting_as="staff",
        clinic_id=link.clinic,
        membership_id=membership_id,
        roles=frozenset({THERAPIST}),
    )


def _on_record(link: StopLink, acting_as: str) -> Actor:
    return Actor(
        user_id=link.user, acting_as=acting_as, clinic_id=link.clinic, patient_id=link.patient
    )


def _leads_nowhere() -> NotFound:
    return NotFound(_("This link leads nowhere any more."))
