from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from clinics.models import Clinic, Membership
from core.constraints import one_of
from core.models import BaseModel
from patients.models import Patient
from patients.models.records import OfPatient


class WeeklySummary(OfPatient):
    """
    One ISO week as it was told to a patient: made once, and never changed.

    `contents` has the shape reminders.bodies.weeks.Week; what came later shows in the next one. The
    run at its end, and how far the patient's changes had come, are for the next one to go on from.
    """

    class Unit(models.TextChoices):
        DAYS = "days", _("planned days")
        WEEKS = "weeks", _("weeks")

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, db_index=False, db_constraint=False,
        related_name="weekly_summaries",
    )  # fmt: skip
    week = models.DateField(help_text=_("Its Monday."))
    made_at = models.DateTimeField(help_text=_("What was received until then is in it."))
    language = models.CharField(max_length=8)
    contents = models.JSONField()
    run_unit = models.CharField(max_length=5, choices=Unit.choices, blank=True)
    run_length = models.PositiveIntegerField(default=0)
    change_seq = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = _("weekly summaries")
        constraints = [
            models.UniqueConstraint(fields=["patient", "week"], name="one_summary_for_a_week"),
            models.CheckConstraint(
                condition=Q(week__iso_week_day=1), name="summary_week_is_a_monday"
            ),
            one_of("run_unit", ", days, weeks", name="summary_run_unit_is_known"),
            models.CheckConstraint(
                condition=~Q(run_unit="") | Q(run_length=0), name="summary_run_has_a_unit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.week} {self.pk}"


class DigestQuerySet(models.QuerySet["Digest"]):
    def visible_to(self, who: Actor | None) -> Self:
        """Restrict to the therapist's own."""
        if who is None or who.clinic_id is None or not who.is_therapist:
            return self.none()
        return self.filter(clinic_id=who.clinic_id, membership_id=who.membership_id)


class Digest(BaseModel):
    """One ISO week of a therapist's whole caseload as it was told: shape reminders.bodies.Caseload."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, db_index=False, related_name="+")
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, db_index=False, related_name="digests"
    )
    week = models.DateField(help_text=_("Its Monday."))
    made_at = models.DateTimeField()
    contents = models.JSONField()

    objects = DigestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "week"], name="one_digest_for_a_week"),
            models.CheckConstraint(
                condition=Q(week__iso_week_day=1), name="digest_week_is_a_monday"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.week} {self.pk}"


class DigestPreferencesQuerySet(models.QuerySet["DigestPreferences"]):
    def visible_to(self, who: Actor | None) -> Self:
        """Restrict to the therapist's own."""
        if who is None or who.clinic_id is None or not who.is_therapist:
            return self.none()
        return self.filter(clinic_id=who.clinic_id, membership_id=who.membership_id)


class DigestPreferences(BaseModel):
    """What a therapist chose about digests by mail. Without such a row: where somebody needs them."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, db_index=False, related_name="+")
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, db_index=False, related_name="digest_preferences"
    )
    is_always = models.BooleanField(
        default=False, help_text=_("Also in a week in which nobody needs attention.")
    )
    stopped_at = models.DateTimeField(null=True)

    objects = DigestPreferencesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("digest preferences")
        constraints = [
            models.UniqueConstraint(
                fields=["membership"], name="one_choice_of_digests_for_a_membership"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ClinicWeeksQuerySet(models.QuerySet["ClinicWeeks"]):
    def visible_to(self, who: Actor | None) -> ClinicWeeksQuerySet:
        """The platform's own bookkeeping: nobody reads it."""
        return self.none()


class ClinicWeeks(BaseModel):
    """
    How far the weeks of a clinic are made, and when it is looked at again.

    `made` has the shape of reminders.weeks_made.MadeByZone: of the patients of each time zone, and
    of the therapists under the empty name, the week that was made last, and how far while it is.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, db_index=False, related_name="+")
    next_at = models.DateTimeField()
    made = models.JSONField(default=dict)

    objects = ClinicWeeksQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("clinic weeks")
        constraints = [
            models.UniqueConstraint(fields=["clinic"], name="one_state_of_a_clinics_weeks"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
