"""
What a patient chose (`preferences`), where people are reached (`contacts`), what is to go out and
what became of it (`deliveries`), and the weeks as they were told (`summaries`).
"""

from __future__ import annotations

from reminders.models.contacts import Channel, Contact
from reminders.models.deliveries import Delivery, Receipt
from reminders.models.preferences import ReminderPreferences, ReminderTime, StoppedCopies
from reminders.models.summaries import ClinicWeeks, Digest, DigestPreferences, WeeklySummary

__all__ = (
    "Channel",
    "ClinicWeeks",
    "Contact",
    "Delivery",
    "Digest",
    "DigestPreferences",
    "Receipt",
    "ReminderPreferences",
    "ReminderTime",
    "StoppedCopies",
    "WeeklySummary",
)
