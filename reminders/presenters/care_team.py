"""What the care team sees of a patient's reminders, in a fixed number of statements."""

from __future__ import annotations

import datetime as dt

from clinics.actors import Actor
from patients.models import Patient
from reminders.bodies.care_team import ContactSeen, DeliverySeen, PatientReminders
from reminders.masking import masked
from reminders.models import Contact, Delivery
from reminders.presenters.preferences import choice_out

MOST_DELIVERIES = 20


def patient_reminders(patient: Patient, *, who: Actor, now: dt.datetime) -> PatientReminders:
    """Show the reminders of a patient whom this actor sees, and whose clinic is loaded."""
    return PatientReminders(
        choice=choice_out(patient, now=now),
        contacts=_contacts(patient),
        deliveries=_deliveries(patient, who),
    )


def _contacts(patient: Patient) -> list[ContactSeen]:
    """Those of the patient's own login; a carer's are the carer's."""
    if patient.user_id is None:
        return []
    own = Contact.objects.filter(clinic_id=patient.clinic_id, user_id=patient.user_id)
    return [
        ContactSeen(
            id=one.pk,
            channel=one.channel,  # type: ignore[arg-type]
            address=masked(one.channel, one.address),
            confirmed_at=one.confirmed_at,
            disabled_at=one.disabled_at,
            disabled_because=one.disabled_because,
            disabled_words=str(one.get_disabled_because_display()),
        )
        for one in own.order_by("channel", "pk")
    ]


def _deliveries(patient: Patient, who: Actor) -> list[DeliverySeen]:
    rows = Delivery.objects.visible_to(who).filter(patient=patient)
    return [
        DeliverySeen(
            id=one.pk,
            kind=one.kind,
            channel=one.channel,  # type: ignore[arg-type]
            to="patient" if one.recipient_id == patient.user_id else "carer",
            local_date=one.local_date,
            slot=one.slot,
            due_at=one.due_at,
            state=one.state,
            state_words=str(one.get_state_display()),
            reason=one.reason,
            attempts=one.attempts,
            settled_at=one.settled_at,
        )
        for one in rows.order_by("-due_at", "-pk")[:MOST_DELIVERIES]
    ]
