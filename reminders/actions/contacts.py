"""Where people are reached: added, confirmed, taken away."""

from __future__ import annotations

import datetime as dt
import hmac
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.actors import Actor
from clinics.attempts import LONGEST_WINDOW, refuse_many
from clinics.models import User
from clinics.tokens import hash_short_code, short_code_for
from core import audit, outbox
from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from core.ids import uuid7
from core.models import Message
from patients.actions.change import lock_patient
from reminders.actions.addresses import Place, place_of
from reminders.actions.preferences import lock_own
from reminders.bodies.contacts import NewContact
from reminders.models import Channel, Contact

MOST_OF_A_CHANNEL = 10
CODE_LIFE = dt.timedelta(minutes=30)
CODES_AN_HOUR = 3
MOST_TRIES = 5
PURPOSE = "confirm contact"


class TooManyContacts(Conflict):
    code = "too_many_contacts"
    message = gettext_lazy("These are ten already. Take one away first.")


class ContactCodeInvalid(Invalid):
    """The same words for a code that is wrong, too old, or tried too often. The try is kept."""

    code = "contact_code_invalid"
    keeps_writes = True
    message = gettext_lazy("This code is not good. Look again, or ask for a new one.")

    @classmethod
    def of_field(cls) -> ContactCodeInvalid:
        return cls([FieldError(field="code", code=cls.code, detail=str(cls.message))])


def add_contact(
    *, patient_id: UUID, asked: NewContact, by: Actor, now: dt.datetime
) -> tuple[Contact, bool]:
    """
    Add where the actor is reached; return it, and whether it is new.

    A browser is confirmed by what it sends: its owner was asked there. To an address or a number
    goes a code, and a new one when it is added again before it is confirmed, or after it was
    disabled. One that works already stays as it is.

    :raises Invalid: by the field's name
    :raises TooManyContacts: ten of a channel
    :raises TooManyAttempts: three codes within an hour
    """
    with transaction.atomic():
        patient = lock_own(patient_id, by)
        place = place_of(asked)
        user = _lock_user(by)
        own = Contact.objects.visible_to(by).filter(channel=place.channel)
        contact = own.filter(address=place.address).first()
        is_new = contact is None or contact.disabled_because == Contact.Disabled.REMOVED
        if is_new:
            _refuse_an_eleventh(own)
        if contact is None:
            contact = _new(place, user, by=by, now=now)
        if not _works(contact, place):
            _ask_to_confirm(contact, place, now=now)
            _record("contact_added", contact, patient.pk, by=by, now=now)
    return contact, is_new


def confirm_contact(
    *, patient_id: UUID, contact_id: UUID, code: str, by: Actor, now: dt.datetime
) -> Contact:
    """
    Confirm an address or a number by the code that came there; twice is as once.

    :raises NotFound: none of the actor's
    :raises ContactCodeInvalid: for whatever reason; five tries are all
    """
    with transaction.atomic():
        patient = lock_own(patient_id, by)
        contact = _locked(contact_id, by)
        if contact.is_usable():
            return contact
        is_right = _is_right(contact, code, now=now)
        if is_right:
            _confirm(contact, now=now)
            _record("contact_confirmed", contact, patient.pk, by=by, now=now)
    if not is_right:  # outside the block, which would forget the try
        raise ContactCodeInvalid.of_field()
    return contact


def remove_contact(*, patient_id: UUID, contact_id: UUID, by: Actor, now: dt.datetime) -> None:
    """
    Take one's address, number or browser away, also after discharge.

    That of the login stays as a row, so that nothing puts it back; adding it again does.

    :raises NotFound: none of the actor's, or taken away already
    """
    with transaction.atomic():
        patient = lock_patient(patient_id, by)
        contact = _locked(contact_id, by)
        _record("contact_removed", contact, patient.pk, by=by, now=now)
        if contact.channel == Channel.EMAIL and contact.address == contact.user.email:
            contact.code_hash = contact.code_ends_at = None
            contact.save(update_fields=["code_hash", "code_ends_at", "updated_at"])
            contact.disable(Contact.Disabled.REMOVED, now=now)
        else:
            contact.delete()


def code_of(message: Message) -> str:
    """Return the code that a message carries: it follows from the message, and is kept nowhere."""
    return short_code_for(PURPOSE, message.pk)


def _lock_user(by: Actor) -> User:
    """Two requests of one person, for two records, count their contacts one after the other."""
    if by.user_id is None:
        raise Forbidden
    return User.objects.select_for_update(no_key=True).get(pk=by.user_id)


def _refuse_an_eleventh(own: QuerySet[Contact]) -> None:
    if own.exclude(disabled_because=Contact.Disabled.REMOVED).count() >= MOST_OF_A_CHANNEL:
        raise TooManyContacts(field="address")


def _works(contact: Contact, place: Place) -> bool:
    """A browser that subscribed anew has other keys."""
    keys = (contact.push_key, contact.push_secret)
    return contact.is_usable() and keys == (place.push_key, place.push_secret)


def _new(place: Place, user: User, *, by: Actor, now: dt.datetime) -> Contact:
    assert by.clinic_id is not None
    return Contact.objects.create(
        clinic_id=by.clinic_id,
        user=user,
        channel=place.channel,
        address=place.address,
        push_key=place.push_key,
        push_secret=place.push_secret,
        added_at=now,
    )


def _ask_to_confirm(contact: Contact, place: Place, *, now: dt.datetime) -> None:
    if place.channel is Channel.WEB_PUSH:
        contact.push_key, contact.push_secret = place.push_key, place.push_secret
        _confirm(contact, now=now)
        return
    user = str(contact.user_id)
    refuse_many(now=now, window=LONGEST_WINDOW, contact_codes=(user, CODES_AN_HOUR))
    message = outbox.draft(
        kind=Message.Kind.CONFIRM_CONTACT,
        clinic_id=contact.clinic_id,
        key=f"confirm_contact:{uuid7()}",
        recipient_id=contact.user_id,
        about={"contact": contact.pk},
        due_at=now,
    )
    contact.code_hash = hash_short_code(contact.pk, code_of(message))
    contact.code_ends_at, contact.code_attempts = now + CODE_LIFE, 0
    contact.confirmed_at = None
    if contact.disabled_because == Contact.Disabled.REMOVED:
        contact.disabled_at, contact.disabled_because = None, ""
    contact.save()
    outbox.leave_all([message])


def _confirm(contact: Contact, *, now: dt.datetime) -> None:
    contact.confirmed_at = now
    contact.code_hash = contact.code_ends_at = None
    contact.code_attempts = 0
    contact.disabled_at, contact.disabled_because = None, ""
    contact.save()


def _is_right(contact: Contact, code: str, *, now: dt.datetime) -> bool:
    """Count a try, then look: a sixth is no use, right or wrong."""
    if contact.code_hash is None or contact.code_ends_at is None or contact.code_ends_at <= now:
        return False
    if contact.code_attempts >= MOST_TRIES:
        return False
    contact.code_attempts += 1
    contact.save(update_fields=["code_attempts", "updated_at"])
    said = hash_short_code(contact.pk, code)
    return hmac.compare_digest(bytes(contact.code_hash), said)


def _locked(contact_id: UUID, by: Actor) -> Contact:
    own = Contact.objects.visible_to(by).exclude(disabled_because=Contact.Disabled.REMOVED)
    found = own.select_for_update(of=("self",)).select_related("user").filter(pk=contact_id)
    contact = found.first()
    if contact is None:
        raise NotFound(_("There is no such contact."))
    return contact


def _record(
    action: str, contact: Contact, patient_id: UUID, *, by: Actor, now: dt.datetime
) -> None:
    audit.record(
        action=action,
        by=by,
        now=now,
        patient_id=patient_id,
        target="reminders.Contact",
        target_id=contact.pk,
        details={"channel": contact.channel},
    )
