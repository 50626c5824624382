"""The mails that an alert waits, or a change of its rules, while it does."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.utils.translation import gettext as _

from clinics.mails import LOGIN_ENDED, address_of, alert_mail
from clinics.models import Clinic
from core.mail import Mail, Unwanted
from core.models import Message
from patients.models import CareTeamMembership
from sessions.models import Alert, ThresholdProposal

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


def waiting_sign_off_mail(message: Message, now: dt.datetime) -> Mail | Unwanted:
    """Say that a change waits for a signature, and not what it is; once it was decided, nothing."""
    to = address_of(message)
    if to is None:
        return LOGIN_ENDED
    assert message.clinic_id is not None  # a change of a clinic's numbers
    proposal = ThresholdProposal.objects.select_related("clinician").get(
        pk=UUID(message.about["proposal"]), clinic_id=message.clinic_id
    )
    if proposal.status != ThresholdProposal.Status.WAITING:
        return Unwanted(f"the change is {proposal.status}")
    if proposal.clinician.deactivated_at is not None:
        return Unwanted("the clinician has left")
    clinic = Clinic.objects.get(pk=proposal.clinic_id).name
    subject = _("%(clinic)s: a change waits for your signature") % {"clinic": clinic}
    return Mail(to=to, subject=subject, template="sign_off", context={"clinic": clinic})


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
