from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

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
