from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.constraints import one_of
from core.ids import uuid7


class BaseModel(models.Model):
    """Give a row its key. `created_at` is technical: it is never shown, counted or compared."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class AuditEvent(models.Model):
    """
    Who did what, to which patient, when and from where. Append-only.

    Plain ids, no foreign keys: an event can neither block nor follow a delete. `details` names
    changed fields and technical ids, never clinical values.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField()
    clinic_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    acting_as = models.CharField(max_length=16)
    action = models.CharField(max_length=64)
    patient_id = models.UUIDField(null=True)
    target = models.CharField(max_length=64, blank=True)
    target_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["clinic_id", "patient_id", "at"], name="audit_of_a_patient"),
            models.Index(
                fields=["-at", "-id"], condition=Q(clinic_id=None), name="audit_of_no_clinic"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}:{self.target_id}"


class JobRun(models.Model):
    """The last run of one periodic job, so that readiness can tell whether the clock ticks."""

    class Outcome(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    name = models.CharField(max_length=64, primary_key=True)
    last_started_at = models.DateTimeField()
    last_finished_at = models.DateTimeField(null=True)
    last_outcome = models.CharField(max_length=16, choices=Outcome.choices)

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """
    One mail that is to be sent: the outbox. Written with the change that it tells of.

    It holds ids, never health data, and no secret: what a mail needs is looked up, or made, when it
    is sent. Plain ids, no foreign keys: what it is about belongs to apps above.
    """

    class Kind(models.TextChoices):
        PASSWORD_RESET = "password_reset", _("password reset")
        PASSWORD_CHANGED = "password_changed", _("password changed")
        INVITATION = "invitation", _("invitation")
        ALERT = "alert", _("alert")
        CONFIRM_CONTACT = "confirm_contact", _("code for an address or a number")
        SIGN_OFF = "sign_off", _("a change waits for a signature")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("no longer wanted")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    clinic_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=32, choices=Kind.choices)
    key = models.CharField(max_length=120, help_text=_("The same key is left once in a clinic."))
    recipient_id = models.UUIDField(null=True, help_text=_("A user; their address is looked up."))
    address = models.CharField(max_length=254, blank=True)
    about = models.JSONField(default=dict, help_text=_("What it tells of: names and ids."))
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(help_text=_("When it is tried next."))
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic_id", "key"],
                name="one_message_for_a_key_in_a_clinic",
                nulls_distinct=False,
            ),
            one_of(
                "kind",
                "password_reset, password_changed, invitation, alert, confirm_contact, sign_off",
                name="message_kind_is_known",
            ),
            one_of("state", "waiting, sent, failed, dropped", name="message_state_is_known"),
            models.CheckConstraint(
                condition=Q(recipient_id__isnull=False, address="")
                | (Q(recipient_id=None) & ~Q(address="")),
                name="message_has_one_recipient",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", settled_at=None)
                | (~Q(state="waiting") & Q(settled_at__isnull=False)),
                name="message_is_settled_or_waits",
            ),
            models.CheckConstraint(
                condition=Q(attempts__range=(0, 4)), name="message_is_tried_four_times"
            ),
            models.CheckConstraint(
                condition=Q(next_at__gte=F("due_at")), name="message_is_not_tried_before_it_is_due"
            ),
            models.CheckConstraint(condition=~Q(key=""), name="message_has_a_key"),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"], condition=Q(state="waiting"), name="message_by_next_try"
            ),
            models.Index(fields=["settled_at"], name="message_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Epoch(models.Model):
    """
    Which life of the database this is: one row, made anew after a restore from a backup.

    A restore brings the backup's value back, which phones hold too, and counts sequences again
    from where the backup was made. So the operator replaces it (`manage.py new_epoch`) before the
    phones return, and phones that hold any other value start over.
    """

    name = models.CharField(max_length=16, primary_key=True)
    value = models.UUIDField()
    began_at = models.DateTimeField()

    class Meta:
        constraints = [one_of("name", "changes", name="epoch_is_the_only_one")]

    def __str__(self) -> str:
        return str(self.value)
