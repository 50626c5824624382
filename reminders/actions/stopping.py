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
from reminders.actions.digest_choices import choose_digests
from reminders.actions.preferences import choice_of
from reminders.bodies.weeks import DigestChoice
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
    _change(link, is_stopped=True, by=by, now=now)


def start_mails(*, link: StopLink, by: Actor, now: dt.datetime) -> None:
    """Take it back."""
    _change(link, is_stopped=False, by=by, now=now)


def _change(link: StopLink, *, is_stopped: bool, by: Actor, now: dt.datetime) -> None:
    stopped_at = now if is_stopped else None
    with transaction.atomic():
        if link.patient is None:
            _digests(is_stopped=is_stopped, by=by, now=now)
            return
        patient = lock_patient(link.patient, by)
        if by.acting_as == CARER:
            is_changed = _copies(patient, link.user, stopped_at)
        else:
            is_changed = _own(patient, STOPPED_BY[Delivery.Kind(link.kind)], stopped_at)
        if is_changed:
            audit.record(
                action="mails_stopped" if is_stopped else "mails_started",
                by=by,
                now=now,
                patient_id=patient.pk,
                target="clinics.User",
                target_id=link.user,
                details={"kind": link.kind},
            )


def _own(patient: Patient, name: str, stopped_at: dt.datetime | None) -> bool:
    """Tell whether that changed anything; so do the others."""
    row = choice_of(patient).row
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


def _digests(*, is_stopped: bool, by: Actor, now: dt.datetime) -> None:
    """Choose them anew, as over the API; what else was chosen stays."""
    row = DigestPreferences.objects.visible_to(by).first()
    is_always = row is not None and row.is_always
    choose_digests(
        asked=DigestChoice(wants_digests=not is_stopped, always=is_always), by=by, now=now
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
