"""The mail that an alert waits, while it does."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from clinics.mails import alert_mail
from core.mail import Mail, Unwanted
from core.models import Message
from sessions.models import Alert


def waiting_alert_mail(message: Message, now: dt.datetime) -> Mail | Unwanted:
    """As `alert_mail`; of an alert that somebody has answered meanwhile, none."""
    alert_id = message.about.get("alert")
    if alert_id is not None:
        assert message.clinic_id is not None  # an alert is a clinic's
        alerts = Alert.objects.filter(pk=UUID(alert_id), clinic_id=message.clinic_id)
        status = alerts.values_list("status", flat=True).first()
        if status in {Alert.Status.ACKNOWLEDGED, Alert.Status.RESOLVED}:
            return Unwanted(f"the alert is {status}")
    return alert_mail(message, now)
