from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic, Membership, done_by, done_by_nobody_yet
from core.constraints import one_of
from core.models import BaseModel
from sessions.models.thresholds import OfClinicQuerySet
from sessions.thresholds import LIMITS


class ThresholdProposal(BaseModel):
    """
    Numbers that would raise less often, waiting for the clinician who is asked to sign.

    Until she does, what stands holds. At most one waits in a clinic: another takes its place.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        CONFIRMED = "confirmed", _("confirmed")
        DECLINED = "declined", _("declined")
        SUPERSEDED = "superseded", _("superseded")

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, db_index=False, related_name="+")
    replaces = models.PositiveIntegerField(help_text=_("The version that it was made from."))
    numbers = models.JSONField(help_text=_("All of them; shape sessions.thresholds.Thresholds."))
    texts = models.JSONField(default=dict, help_text=_("Rule → what the care team is told to do."))
    loosened = ArrayField(models.CharField(max_length=40), size=len(LIMITS))
    reason = models.CharField(max_length=500)
    clinician = models.ForeignKey(
        Membership, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    proposed_by = done_by()
    proposed_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    decided_by = done_by_nobody_yet()
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=500, blank=True)

    objects = OfClinicQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic"], condition=Q(status="waiting"), name="one_proposal_waits"
            ),
            one_of(
                "status",
                "waiting, confirmed, declined, superseded",
                name="proposal_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", decided_at=None, decided_by=None)
                | (~Q(status="waiting") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="proposal_waits_or_was_decided",
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | ~Q(decision_note=""),
                name="proposal_is_declined_with_a_reason",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="proposal_has_a_reason"),
            models.CheckConstraint(condition=~Q(loosened=[]), name="proposal_loosens_something"),
        ]
        indexes = [
            models.Index(fields=["clinic", "-proposed_at", "-id"], name="proposals_of_clinic"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
