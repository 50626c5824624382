"""The message that proves an address or a number: six digits, and nothing about anybody."""

from __future__ import annotations

import datetime as dt
import hmac
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic
from clinics.tokens import hash_short_code
from core.mail import Mail, OtherWay, Unwanted
from core.mail_providers import NotTaken
from core.models import Message
from reminders.actions.contacts import code_of
from reminders.channels import open_port
from reminders.channels.port import Note, Result
from reminders.models import Channel, Contact

NO_LONGER = Unwanted("the code has ended, or another was asked for")


def confirm_contact_message(message: Message, now: dt.datetime) -> Mail | OtherWay | Unwanted:
    """Carry the code to the address or the number itself, while it is good."""
    contact = Contact.objects.filter(pk=UUID(message.about["contact"])).first()
    code = code_of(message)
    if contact is None or contact.code_hash is None or contact.code_ends_at is None:
        return NO_LONGER
    if contact.code_ends_at <= now or not hmac.compare_digest(
        bytes(contact.code_hash), hash_short_code(contact.pk, code)
    ):
        return NO_LONGER
    clinic = Clinic.objects.get(pk=contact.clinic_id).name
    if contact.channel == Channel.SMS:
        text = _("%(code)s is your code for %(clinic)s.") % {"code": code, "clinic": clinic}
        note = Note(key=message.pk, title="", text=str(text), template="")
        return OtherWay(lambda: _send(note, contact))
    return Mail(
        to=contact.address,
        subject=_("%(code)s is your code") % {"code": code},
        template="confirm_contact",
        context={"code": code, "clinic": clinic},
    )


def _send(note: Note, contact: Contact) -> None:
    port = open_port(contact.channel)
    try:
        outcome = port.send(note, [contact])
    finally:
        port.close()
    if outcome.result is not Result.TAKEN:
        raise NotTaken(outcome.error, is_final=outcome.result is Result.REFUSED)
