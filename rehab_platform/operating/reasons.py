"""How a reminder or a weekly mail goes out, and why one did not, in words."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rehab_platform.operating.nested import humane
from reminders.models import Contact

WHY: Final[dict[str, str | Promise]] = {
    "late": _("it was too late to be of use"),
    "clinic_archived": _("the clinic is archived"),
    "login_ended": _("the login was deactivated"),
    "membership_ended": _("the therapist works there no more"),
    "discharged": _("the patient was discharged"),
    "consent_revoked": _("the carer's consent was taken back"),
    "not_copied": _("carers get no copies"),
    "stopped": _("these mails were stopped"),
    "reminders_paused": _("the patient paused reminders"),
    "paused": _("the patient is paused"),
    "overtaken": _("a later reminder took its place"),
    "quiet_hours": _("it fell into quiet hours"),
    "told_to_stop": _("the app said to stop for today"),
    "all_done": _("everything was done already"),
    "nothing_due": _("nothing was due"),
    "no_contact": _("there is no address that can be used"),
    "channel_left": _("the channel is no longer chosen"),
    "moved": _("its time was moved"),
}


def why(key: str) -> str:
    return str(WHY.get(key, humane(key)))


def channel_name(key: str) -> str:
    return str(dict(Contact._meta.get_field("channel").flatchoices).get(key, key))
