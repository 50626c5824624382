from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from clinics.models import Clinic, User
from core.constraints import one_of
from core.models import BaseModel
from patients.models import Patient
from reminders.models.contacts import Channel

# A message is tried once and, after 1, 5 and 25 minutes, three times more.
MOST_ATTEMPTS = 4


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, who: Actor | None) -> Self:
        """Restrict to those of the patients whom this request may read, and one's own digests."""
        if who is None or who.clinic_id is None:
            return self.none()
        of_patients = Q(patient_id__in=Patient.objects.visible_to(who).values("pk"))
        own = Q(patient=None, recipient_id=who.user_id) if who.is_therapist else Q(pk=None)
        return self.filter(of_patients | own, clinic_id=who.clinic_id)


class Delivery(BaseModel):
    """
    One thing that is to reach one person by one channel: the row is the queue.

    Its key is the nominal local date and the slot, never the instant. It holds ids alone: what is
    said, and where to, is looked up when it is sent, and so is whether it is still wanted. A digest
    has no patient. `slot` is 0 for what comes once a week; `local_date` is then the week's Monday.
    """

    class Kind(models.TextChoices):
        REMINDER = "reminder", _("reminder")
        WEEKLY_SUMMARY = "weekly_summary", _("weekly summary")
        DIGEST = "digest", _("digest for a therapist")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        EXPIRED = "expired", _("too late to be of use")
        SUPPRESSED = "suppressed", _("no longer wanted")

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, db_index=False, related_name="+")
    # Held by the composite key, (clinic, patient); the clinic of a digest by a key of its own.
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, null=True, db_index=False, db_constraint=False,
        related_name="deliveries",
    )  # fmt: skip
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    local_date = models.DateField(help_text=_("The nominal date, or the Monday of the week."))
    slot = models.PositiveSmallIntegerField(default=0)
    time_zone = models.CharField(max_length=64, help_text=_("In which it was planned."))
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    next_at = models.DateTimeField(help_text=_("When it is tried next."))
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=40, blank=True, help_text=_("Why it did not go out."))
    attempts = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=80, blank=True)
    instead_of = models.UUIDField(
        null=True,
        help_text=_("The delivery by an earlier channel; a plain key, for it is forgotten."),
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "recipient", "patient", "kind", "channel", "local_date", "slot"],
                name="one_delivery_for_a_slot",
                nulls_distinct=False,
            ),
            one_of("kind", "reminder, weekly_summary, digest", name="delivery_kind_is_known"),
            one_of("channel", "email, web_push, sms", name="delivery_channel_is_known"),
            one_of(
                "state",
                "waiting, sent, failed, expired, suppressed",
                name="delivery_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="digest", patient=None)
                | (~Q(kind="digest") & Q(patient__isnull=False)),
                name="delivery_is_of_a_patient_or_a_digest",
            ),
            models.CheckConstraint(
                condition=Q(kind="reminder", slot__range=(1, 6))
                | (~Q(kind="reminder") & Q(slot=0)),
                name="delivery_slot_suits_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", settled_at=None)
                | (~Q(state="waiting") & Q(settled_at__isnull=False)),
                name="delivery_is_settled_or_waits",
            ),
            models.CheckConstraint(
                condition=~Q(state="suppressed") | ~Q(reason=""),
                name="delivery_suppressed_says_why",
            ),
            models.CheckConstraint(
                condition=Q(attempts__range=(0, MOST_ATTEMPTS)),
                name="delivery_is_tried_four_times",
            ),
            models.CheckConstraint(
                condition=Q(next_at__gte=F("due_at")), name="delivery_is_not_tried_before_it_is_due"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("due_at")), name="delivery_expires_after_it_is_due"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"], condition=Q(state="waiting"), name="delivery_by_next_try"
            ),
            models.Index(
                fields=["clinic", "next_at", "id"],
                condition=Q(state="waiting"),
                name="delivery_of_clinic",
            ),
            models.Index(fields=["patient", "kind", "-due_at"], name="delivery_of_patient"),
            models.Index(fields=["settled_at"], name="delivery_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Receipt(models.Model):
    """
    That a delivery was taken by its provider, kept at once and apart, while the others of its chunk
    are still being sent: whoever takes over from a worker that died does not send it again.
    """

    delivery_id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="receipt_by_time")]

    def __str__(self) -> str:
        return str(self.delivery_id)
