from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import done_by_nobody_yet
from core.constraints import one_of
from patients.models import Line, OfPatient
from sessions.models.logged import ExerciseSession, SafetyCheck


class Alert(OfPatient):
    """Something that the care team must look at. One open alert for each patient and rule."""

    class Severity(models.TextChoices):
        EMERGENCY = "emergency", _("emergency")
        CRITICAL = "critical", _("critical")
        HIGH = "high", _("high")
        MEDIUM = "medium", _("medium")
        SUGGESTION = "suggestion", _("suggestion")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        RESOLVED = "resolved", _("resolved")

    line = models.ForeignKey(Line, on_delete=models.PROTECT, null=True, related_name="+")
    rule = models.CharField(max_length=24)
    severity = models.CharField(max_length=12, choices=Severity.choices)
    status = models.CharField(max_length=14, choices=Status.choices, default=Status.OPEN)
    raised_at = models.DateTimeField()
    last_occurred_at = models.DateTimeField()
    opened_at = models.DateTimeField(help_text=_("When it last began to wait for someone."))
    openings = models.PositiveIntegerField(
        default=1, help_text=_("How often it was raised, opened again, or became graver.")
    )
    escalated_at = models.DateTimeField(
        null=True, help_text=_("When the on-call contact was told of this opening.")
    )
    acknowledged_by = done_by_nobody_yet()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_note = models.CharField(max_length=2000, blank=True)
    resolved_by = done_by_nobody_yet()
    resolved_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "rule", "line"],
                condition=~Q(status="resolved"),
                nulls_distinct=False,
                name="one_open_alert_for_a_rule",
            ),
            one_of(
                "severity",
                "emergency, critical, high, medium, suggestion",
                name="alert_severity_is_known",
            ),
            one_of("status", "open, acknowledged, resolved", name="alert_status_is_known"),
        ]
        indexes = [
            models.Index(
                fields=["patient", "status", "-last_occurred_at"],
                name="alert_of_patient",
            ),
            models.Index(
                fields=["opened_at"],
                condition=Q(
                    status="open", severity__in=["emergency", "critical"], escalated_at=None
                ),
                name="alert_that_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.pk}"


class AlertOccurrence(OfPatient):
    """One time that a rule was met: by which session or safety check, claimed and received when."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="occurrences")
    session = models.ForeignKey(
        ExerciseSession, on_delete=models.PROTECT, null=True, related_name="+"
    )
    session_version = models.PositiveIntegerField(null=True)
    safety_check = models.ForeignKey(
        SafetyCheck, on_delete=models.PROTECT, null=True, related_name="+"
    )
    severity = models.CharField(max_length=12, choices=Alert.Severity.choices)
    claimed_at = models.DateTimeField()
    received_at = models.DateTimeField()
    because = models.JSONField(
        default=dict, help_text=_("What it rests on; shape sessions.alert_rules.Because.")
    )
    cause = models.CharField(
        max_length=60,
        blank=True,
        help_text=_("Names what the nightly check found, so that it is told once; else empty."),
    )

    class Meta:
        constraints = [
            one_of(
                "severity",
                "emergency, critical, high, medium, suggestion",
                name="occurrence_severity_is_known",
            ),
            models.UniqueConstraint(
                fields=["patient", "cause"],
                condition=~Q(cause=""),
                name="one_occurrence_for_a_cause",
            ),
        ]
        indexes = [models.Index(fields=["alert", "-received_at"], name="occurrence_of_alert")]

    def __str__(self) -> str:
        return str(self.pk)
