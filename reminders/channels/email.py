"""Email: through whichever mail server or provider Django is told of, over one connection."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import get_connection

from core.mail import UNDELIVERED, Mail, describe, is_about_this_mail, is_final, post
from reminders.channels.port import Note, Outcome, Result
from reminders.delivery_tokens import CARRIED_AS, delivery_token
from reminders.models import Contact


class EmailPort:
    def __init__(self) -> None:
        self.server = get_connection()

    def send(self, note: Note, contacts: Sequence[Contact]) -> Outcome:
        contact = contacts[0]
        mail = Mail(
            to=contact.address, subject=note.title, template=note.template,
            context={**note.context, "stop_url": note.stop_url}, stop_url=note.stop_url,
            metadata={CARRIED_AS: delivery_token(clinic_id=contact.clinic_id, delivery_id=note.key)},
        )  # fmt: skip
        try:
            self.server.open()
            post(mail, message_id=note.key, connection=self.server)
        except UNDELIVERED as error:
            self.server.close()
            if is_final(error):
                dead = ((contact, Contact.Disabled.BOUNCED),)
                return Outcome(result=Result.REFUSED, error=describe(error), dead=dead)
            return Outcome(
                result=Result.LATER,
                error=describe(error),
                is_provider_down=not is_about_this_mail(error),
            )
        return Outcome(result=Result.TAKEN)

    def close(self) -> None:
        self.server.close()
