from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import User
from patients.models import Patient
from patients.models.records import OfPatient
from reminders.models.contacts import Channel

MOST_TIMES = 6


class ReminderPreferences(OfPatient):
    """
    How a patient wants to be reminded. Without such a row: no reminders, weekly summaries by mail.

    `planned_through` and `planned_with` are the planner's own: up to which local date deliveries
    were planned, and from what (zone, version of these preferences, version of the zone rules).
    """

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, db_index=False, db_constraint=False,
        related_name="reminder_preferences",
    )  # fmt: skip
    channels = ArrayField(
        models.CharField(max_length=8, choices=Channel.choices),
        default=list,
        size=3,
        help_text=_("In order: the first that can be used carries a reminder."),
    )
    quiet_from = models.TimeField(null=True, help_text=_("Null: as the clinic's."))
    quiet_until = models.TimeField(null=True)
    is_paused = models.BooleanField(default=False)
    paused_until = models.DateField(
        null=True, help_text=_("The last local date of the pause; null: until it is ended.")
    )
    copies_carers = models.BooleanField(default=False)
    follows_phone = models.BooleanField(
        default=False, help_text=_("The record's time zone follows the phone's.")
    )
    counts_by_mail_at = models.DateTimeField(
        null=True, help_text=_("When the patient agreed to day words and counts in mails.")
    )
    reminders_stopped_at = models.DateTimeField(null=True)
    summaries_stopped_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    planned_through = models.DateField(null=True)
    planned_with = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name_plural = _("reminder preferences")
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], name="one_choice_of_reminders_for_a_patient"
            ),
            models.CheckConstraint(
                condition=Q(channels__contained_by=["email", "web_push", "sms"]),
                name="preferred_channels_are_known",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | (
                    Q(quiet_from__isnull=False, quiet_until__isnull=False)
                    & ~Q(quiet_from=F("quiet_until"))
                ),
                name="preferred_quiet_hours_have_both_ends",
            ),
            models.CheckConstraint(
                condition=Q(paused_until=None) | Q(is_paused=True),
                name="reminder_pause_has_an_end_only_while_paused",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ReminderTime(OfPatient):
    """One local wall-clock time, on some days of the week. `slot` keeps it apart from the others."""

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, db_index=False, db_constraint=False,
        related_name="reminder_times",
    )  # fmt: skip
    slot = models.PositiveSmallIntegerField()
    at = models.TimeField(help_text=_("To the minute, at the patient's own clock."))
    weekdays = models.PositiveSmallIntegerField(
        default=127, help_text=_("Bit 0 is Monday … bit 6 is Sunday.")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "slot"], name="one_reminder_time_for_a_slot"
            ),
            models.CheckConstraint(
                condition=Q(slot__range=(1, MOST_TIMES)), name="reminder_time_is_one_of_six"
            ),
            models.CheckConstraint(
                condition=Q(weekdays__range=(1, 127)), name="reminder_time_has_a_weekday"
            ),
            models.CheckConstraint(
                condition=Q(at__second=0), name="reminder_time_is_to_the_minute"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.pk}"


class StoppedCopies(OfPatient):
    """A carer wants no copies of a patient's reminders. What the patient gets is another matter."""

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, db_index=False, db_constraint=False,
        related_name="stopped_copies",
    )  # fmt: skip
    user = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    stopped_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = _("stopped copies")
        constraints = [
            models.UniqueConstraint(fields=["patient", "user"], name="copies_are_stopped_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
