"""
What each kind of delivery says, written when it is claimed, in the language of whoever gets it.

No name, diagnosis, exercise or number: health data stays behind the login.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from reminders.channels.port import Note
from reminders.claimed import Claimed
from reminders.models import Delivery
from reminders.stop_links import StopLink, stop_url
from reminders.weekly_mails import digest_note, weekly_summary_note

Writer = Callable[[Claimed, dt.datetime], Note]


def reminder_note(it: Claimed, now: dt.datetime) -> Note:
    """Say that something is still to do today, to the patient or to a carer who is copied."""
    if it.is_own:
        text = _("You have something planned for today. Open your plan when you are ready.")
    else:
        text = _("The person you help has something planned for today. It is still to be done.")
    return Note(
        key=it.id,
        title=_("Your plan for today is waiting")
        if it.is_own
        else _("A plan for today is waiting"),
        text=text,
        template="reminder",
        context={
            "text": text,
            "is_own": it.is_own,
            "clinic": it.clinic_name,
            "clinic_phone": it.clinic_phone,
        },
        path="/",
        stop_url=stop_url(
            StopLink(clinic=it.clinic_id, user=it.recipient_id, patient=it.patient_id, kind=it.kind)
        ),
        tag=f"{it.kind}:{it.local_date.isoformat()}:{it.slot}",
        seconds_of_use=max(60, int((it.expires_at - now).total_seconds())),
    )


WRITERS: Mapping[str, Writer] = {
    Delivery.Kind.REMINDER: reminder_note,
    Delivery.Kind.WEEKLY_SUMMARY: weekly_summary_note,
    Delivery.Kind.DIGEST: digest_note,
}
