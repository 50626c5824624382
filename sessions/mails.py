"""The mail that an alert waits, while it does."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from clinics.mails import alert_mail
from core.mail import Mail, Unwanted
from core.models import Message
from patients.models import CareTeamMembership
from sessions.models import Alert

NOBODY_LACKS_ONE = Unwanted("no alert stands without a care team")


def waiting_alert_mail(message: Message, now: dt.datetime) -> Mail | Unwanted:
    """
    As `alert_mail`; of an alert that somebody has answered meanwhile, none.

    One about a patient, or the whole clinic, goes out while alerts stand without a care team.
    """
    assert message.clinic_id is not None  # an alert is a clinic's
    alert_id = message.about.get("alert")
    if alert_id is not None:
        alerts = Alert.objects.filter(pk=UUID(alert_id), clinic_id=message.clinic_id)
        status = alerts.values_list("status", flat=True).first()
        if status in {Alert.Status.ACKNOWLEDGED, Alert.Status.RESOLVED}:
            return Unwanted(f"the alert is {status}")
    elif message.about and not _stand_without_team(message.clinic_id, message.about.get("patient")):
        return NOBODY_LACKS_ONE
    return alert_mail(message, now)


def _stand_without_team(clinic_id: UUID, patient_id: str | None) -> bool:
    """Tell whether a patient, or else anybody of the clinic, has alerts and no care team."""
    working = CareTeamMembership.objects.filter(
        membership__deactivated_at=None, membership__user__is_active=True
    )
    standing = (
        Alert.objects.filter(clinic_id=clinic_id)
        .exclude(status=Alert.Status.RESOLVED)
        .exclude(severity=Alert.Severity.SUGGESTION)
        .exclude(patient__in=working.values("patient_id"))
    )
    if patient_id is not None:
        standing = standing.filter(patient_id=UUID(patient_id))
    return standing.exists()
