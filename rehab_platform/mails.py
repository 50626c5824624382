"""Which app writes the mail of each kind of message."""

from __future__ import annotations

from clinics.mails import alert_mail, invitation_mail, password_changed_mail, password_reset_mail
from core.delivery import Writers
from core.models import Message

WRITERS: Writers = {
    Message.Kind.ALERT: alert_mail,
    Message.Kind.INVITATION: invitation_mail,
    Message.Kind.PASSWORD_CHANGED: password_changed_mail,
    Message.Kind.PASSWORD_RESET: password_reset_mail,
}
