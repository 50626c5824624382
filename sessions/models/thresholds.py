from __future__ import annotations

from typing import Self, TypeVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from clinics.models import Clinic, Membership, done_by
from core.models import BaseModel
from sessions.thresholds import LIMITS, NEVER_ABOVE

Row = TypeVar("Row", bound=models.Model)


class OfClinicQuerySet(models.QuerySet[Row]):
    """What the staff of a clinic read of it, and an operator who looks into it."""

    def visible_to(self, who: Actor | None) -> Self:
        """Restrict to those of the clinic that staff act in, or an operator looks into."""
        if who is None or not (who.is_staff or who.is_operator) or who.clinic_id is None:
            return self.none()
        return self.filter(clinic_id=who.clinic_id)


def limit_constraints() -> list[models.CheckConstraint]:
    """Hold every number to its limits, and each lesser row to its graver one."""
    within = [
        models.CheckConstraint(
            condition=Q(**{f"{name}__range": tuple(limit)}), name=f"threshold_{name}_in_range"
        )
        for name, limit in LIMITS.items()
    ]
    ordered = [
        models.CheckConstraint(
            condition=Q(**{f"{lesser}__lte": F(graver)}), name=f"threshold_{lesser}_in_order"
        )
        for lesser, graver in NEVER_ABOVE
    ]
    return [*within, *ordered]


class AlertThresholds(BaseModel):
    """
    A clinic's own numbers and texts of the alert rules; the newest number stands, none ever changes.

    `loosened` names the numbers that raise less often than those before them: a clinician has
    signed for that by name.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, db_index=False, related_name="+")
    number = models.PositiveIntegerField()
    pain_after_critical = models.PositiveSmallIntegerField()
    pain_after_medium = models.PositiveSmallIntegerField()
    pain_rise_high = models.PositiveSmallIntegerField()
    pain_above_previous_high = models.PositiveSmallIntegerField()
    pain_above_previous_from = models.PositiveSmallIntegerField()
    exercise_pain_critical = models.PositiveSmallIntegerField()
    exercise_pain_high = models.PositiveSmallIntegerField()
    effort_above_ceiling = models.PositiveSmallIntegerField()
    skipped_for_pain_sessions = models.PositiveSmallIntegerField()
    no_contact_expected_days = models.PositiveSmallIntegerField()
    no_contact_active_days = models.PositiveSmallIntegerField()
    no_contact_high_days = models.PositiveSmallIntegerField()
    no_contact_critical_days = models.PositiveSmallIntegerField()
    low_adherence_percent = models.PositiveSmallIntegerField()
    low_adherence_weeks = models.PositiveSmallIntegerField()
    suggestion_sessions = models.PositiveSmallIntegerField()
    texts = models.JSONField(default=dict, help_text=_("Rule → what the care team is told to do."))
    set_by = done_by()
    set_at = models.DateTimeField()
    loosened = ArrayField(models.CharField(max_length=40), default=list, size=len(LIMITS))
    signed_off_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    signed_off_name = models.CharField(max_length=120, blank=True)
    signed_off_at = models.DateTimeField(null=True)
    sign_off_reason = models.CharField(max_length=500, blank=True)

    objects = OfClinicQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("alert thresholds")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "number"], name="one_version_of_thresholds_for_a_number"
            ),
            models.CheckConstraint(
                condition=Q(loosened=[])
                | (
                    Q(signed_off_by__isnull=False, signed_off_at__isnull=False)
                    & ~Q(signed_off_name="")
                    & ~Q(sign_off_reason="")
                ),
                name="thresholds_are_loosened_with_a_signature",
            ),
            *limit_constraints(),
        ]
        triggers = [
            pgtrigger.Protect(
                name="thresholds_stay", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


class ClinicWatchQuerySet(models.QuerySet["ClinicWatch"]):
    def visible_to(self, who: Actor | None) -> ClinicWatchQuerySet:
        """The platform's own bookkeeping: nobody reads it."""
        return self.none()


class ClinicWatch(BaseModel):
    """How far a clinic's nightly check has come: of which night, and after which patient."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, db_index=False, related_name="+")
    night = models.DateField()
    is_done = models.BooleanField()
    checked_until = models.UUIDField(null=True)

    objects = ClinicWatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic"], name="one_watch_of_a_clinic"),
        ]

    def __str__(self) -> str:
        return str(self.night)
