"""
What a mail's provider tells later: an address that does not exist, a mail marked as unwanted.

It may tell while the chunk that the mail went out with is still being sent. So the delivery is
locked first, and only then the patient: whoever holds a chunk asks for no lock of a patient that
this one keeps from them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from clinics.actors import system
from clinics.models import UserManager
from core import audit
from core.errors import NotFound
from core.tenancy import clinic_context
from patients.actions.change import raise_change
from patients.models import Patient
from reminders import receipts
from reminders.actions.settle import go_on_by_next_channel
from reminders.actions.stopping import holder_of, stop_mails
from reminders.claimed import read_claimed
from reminders.delivery_tokens import read_delivery_token
from reminders.models import Channel, Contact, Delivery
from reminders.stop_links import StopLink

Disabled = Contact.Disabled


@dataclass(frozen=True, kw_only=True)
class MailEvent:
    """`token`: as the mail carried it. `because`: bounced for good, or complained."""

    token: object
    recipient: str
    because: Contact.Disabled


def note_mail_events(events: Sequence[MailEvent], *, now: dt.datetime) -> int:
    """
    Disable the addresses of mails that came back; return how many. Each event in its own clinic.

    A token that was not made here, an address that the mail did not go to, one that is disabled
    already, and one that was proved again since the mail went out: these change nothing.

    :raises OperationalError: a row is held for longer than one waits here; events before it are noted
    """
    return sum(_note(event, now=now) for event in events)


def _note(event: MailEvent, *, now: dt.datetime) -> bool:
    named = read_delivery_token(event.token)
    if named is None:
        return False
    clinic_id, delivery_id = named
    with clinic_context(clinic_id):
        mails = Delivery.objects.select_for_update().filter(channel=Channel.EMAIL)
        delivery = mails.filter(pk=delivery_id).first()
        if delivery is None:
            return False
        patient = _locked(delivery)
        contact = _contact(delivery, event.recipient)
        if contact is None or _is_proved_since(contact, delivery):
            return False
        _disable(contact, delivery, event.because, now=now)
        if patient is not None and patient.user_id == contact.user_id:
            raise_change(patient)
        if event.because == Disabled.COMPLAINED:
            _stop(contact, delivery, now=now)
        else:
            _failed(delivery, now=now)
    return True


def _locked(delivery: Delivery) -> Patient | None:
    """
    The patient's row, as for every write about one; a digest is of none.

    Its key is left to whoever plans: what refers to the patient holds on to that until it commits.
    """
    if delivery.patient_id is None:
        return None
    return Patient.objects.select_for_update(no_key=True).get(pk=delivery.patient_id)


def _contact(delivery: Delivery, recipient: str) -> Contact | None:
    known = Contact.objects.select_for_update().filter(
        clinic_id=delivery.clinic_id, user_id=delivery.recipient_id, channel=Channel.EMAIL
    )
    return known.usable().filter(address=UserManager.normalize(recipient)).first()


def _is_proved_since(contact: Contact, delivery: Delivery) -> bool:
    sent_at = delivery.settled_at or delivery.due_at
    return contact.confirmed_at is not None and contact.confirmed_at > sent_at


def _disable(
    contact: Contact, delivery: Delivery, because: Contact.Disabled, *, now: dt.datetime
) -> None:
    contact.disable(because, now=now)
    audit.record(
        action=f"contact_{because.value}",
        by=system(contact.clinic_id),
        now=now,
        patient_id=delivery.patient_id,
        target="reminders.Contact",
        target_id=contact.pk,
        details={"channel": contact.channel, "delivery": str(delivery.pk)},
    )


def _stop(contact: Contact, delivery: Delivery, *, now: dt.datetime) -> None:
    """Whoever marks a mail as unwanted gets no more of that kind, as by the link that it carried."""
    link = StopLink(
        clinic=contact.clinic_id,
        user=contact.user_id,
        patient=delivery.patient_id,
        kind=delivery.kind,
    )
    try:
        holder = holder_of(link)
    except NotFound:  # they left meanwhile, and get none anyway
        return
    stop_mails(link=link, by=holder, now=now)


def _failed(delivery: Delivery, *, now: dt.datetime) -> None:
    """
    It went out, at the time that stays, and came back: in time, the next channel carries it.

    What a worker sent before it died has a receipt of that, and is settled here.
    """
    it = read_claimed(delivery.pk, now=now)
    if delivery.state == Delivery.State.WAITING and it.received_at is not None:
        delivery.attempts += 1
        delivery.settled_at = it.received_at
        receipts.forget([delivery.pk])
    elif delivery.state != Delivery.State.SENT:
        return
    delivery.state = Delivery.State.FAILED
    delivery.last_error = "bounced"
    delivery.save(update_fields=["state", "last_error", "attempts", "settled_at", "updated_at"])
    go_on_by_next_channel(it, now=now)
