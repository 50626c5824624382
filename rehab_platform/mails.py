"""Which app writes the mail of each kind of message."""

from __future__ import annotations

from clinics.mails import invitation_mail, password_changed_mail, password_reset_mail
from core.delivery import Writers
from core.models import Message
from reminders.mails import confirm_contact_message
from sessions.mails import waiting_alert_mail, waiting_sign_off_mail

WRITERS: Writers = {
    Message.Kind.ALERT: waiting_alert_mail,
    Message.Kind.CONFIRM_CONTACT: confirm_contact_message,
    Message.Kind.INVITATION: invitation_mail,
    Message.Kind.PASSWORD_CHANGED: password_changed_mail,
    Message.Kind.PASSWORD_RESET: password_reset_mail,
    Message.Kind.SIGN_OFF: waiting_sign_off_mail,
}
