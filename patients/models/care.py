from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import done_by, done_by_nobody_yet
from core.constraints import one_of
from patients.models.records import OfPatient, Patient


class Discharge(OfPatient):
    """
    The end of a patient's care, and its new beginning if there was one. Kept for ever.

    `discharged_on` is the last date of care where the patient is; the one that stands has no
    readmission, and the patient's own row repeats its date.
    """

    class Reason(models.TextChoices):
        COMPLETED = "completed", _("goals reached or treatment completed")
        MOVED = "moved", _("treated elsewhere")
        WISH = "wish", _("the patient's wish")
        MEDICAL = "medical", _("for a medical reason")
        NO_CONTACT = "no_contact", _("no longer in contact")
        DIED = "died", _("died")
        OTHER = "other", _("other")

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, db_constraint=False, related_name="discharges"
    )
    discharged_on = models.DateField()
    reason = models.CharField(max_length=12, choices=Reason.choices)
    note = models.CharField(max_length=500, blank=True)
    made_by = done_by()
    made_at = models.DateTimeField()
    readmitted_on = models.DateField(null=True)
    readmitted_by = done_by_nobody_yet()
    readmitted_at = models.DateTimeField(null=True)
    readmission_note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(readmitted_at=None),
                name="one_standing_discharge",
            ),
            models.CheckConstraint(
                condition=Q(
                    readmitted_on__isnull=True,
                    readmitted_by__isnull=True,
                    readmitted_at__isnull=True,
                    readmission_note="",
                )
                | Q(
                    readmitted_on__isnull=False,
                    readmitted_by__isnull=False,
                    readmitted_at__isnull=False,
                    readmitted_on__gte=F("discharged_on"),
                ),
                name="readmission_is_whole_and_later",
            ),
            one_of(
                "reason",
                "completed, moved, wish, medical, no_contact, died, other",
                name="discharge_reason_is_known",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-made_at"], name="discharge_of_patient")]

    def __str__(self) -> str:
        return str(self.pk)


class Pause(OfPatient):
    """
    An inclusive range of local dates in which nothing is expected.

    One that was ended on its first day covers no date and is kept: its end lies one day before
    its start.
    """

    class Reason(models.TextChoices):
        HOSPITAL = "hospital", _("in hospital")
        HOLIDAY = "holiday", _("away")
        ILLNESS = "illness", _("ill")
        SAFETY_HOLD = "safety_hold", _("safety hold")
        OTHER = "other", _("other")

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, db_constraint=False, related_name="pauses"
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    reason = models.CharField(max_length=16, choices=Reason.choices)
    note = models.CharField(max_length=500, blank=True)
    made_by = done_by_nobody_yet()
    made_at = models.DateTimeField()
    ended_by = done_by_nobody_yet()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on") - dt.timedelta(days=1)),
                name="pause_does_not_end_before_it_starts",
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(reason="safety_hold", ends_on=None),
                name="one_open_safety_hold",
            ),
            one_of(
                "reason",
                "hospital, holiday, illness, safety_hold, other",
                name="pause_reason_is_known",
            ),
        ]
        indexes = [models.Index(fields=["patient", "starts_on"], name="pause_of_patient")]

    def __str__(self) -> str:
        return str(self.pk)


class PauseRequest(OfPatient):
    """A pause that a patient, or a carer for them, asks for. A therapist accepts or declines it."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Reason(models.TextChoices):
        HOSPITAL = "hospital", _("in hospital")
        HOLIDAY = "holiday", _("away")
        ILLNESS = "illness", _("ill")
        OTHER = "other", _("other")

    class AskedAs(models.TextChoices):
        PATIENT = "patient", _("the patient")
        CARER = "carer", _("a carer")

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, db_constraint=False, related_name="pause_requests"
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    note = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.WAITING)
    asked_by = done_by()
    asked_as = models.CharField(max_length=12, choices=AskedAs.choices)
    asked_at = models.DateTimeField()
    decided_by = done_by_nobody_yet()
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=500, blank=True)
    pause = models.ForeignKey(Pause, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="asked_pause_does_not_end_before_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(
                    status="waiting",
                    decided_by__isnull=True,
                    decided_at__isnull=True,
                    decision_note="",
                    pause__isnull=True,
                )
                | Q(
                    status="accepted",
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    pause__isnull=False,
                )
                | Q(
                    status__in=["declined", "withdrawn"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    pause__isnull=True,
                ),
                name="pause_request_is_decided_as_a_whole",
            ),
            models.UniqueConstraint(
                fields=["patient", "starts_on", "ends_on", "reason"],
                condition=Q(status="waiting"),
                nulls_distinct=False,
                name="one_waiting_request_for_the_same_pause",
            ),
            one_of(
                "reason", "hospital, holiday, illness, other", name="asked_pause_reason_is_known"
            ),
            one_of(
                "status",
                "waiting, accepted, declined, withdrawn",
                name="pause_request_status_is_known",
            ),
            one_of("asked_as", "patient, carer", name="pause_request_asked_as_is_known"),
        ]
        indexes = [
            models.Index(fields=["patient", "-asked_at"], name="pause_request_of_patient"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
