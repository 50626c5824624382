from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import done_by, done_by_nobody_yet
from core.constraints import YesAndNoAlone
from patients.models import Line, OfPatient
from programs.models import ExerciseVersion


class FormCheck(OfPatient):
    """
    How a therapist saw an exercise done in the clinic: the patient's own checks, scored by them.

    One for a line and date; what was wrong is withdrawn and scored anew. The row's exercise version
    says what was asked and which answer was right.
    """

    line = models.ForeignKey(Line, on_delete=models.PROTECT, db_index=False, related_name="+")
    exercise_version = models.ForeignKey(
        ExerciseVersion, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    seen_on = models.DateField()
    answers = models.JSONField(help_text=_("Check id → yes or no."))
    note = models.CharField(max_length=500, blank=True)
    scored_by = done_by()
    scored_at = models.DateTimeField()
    withdrawn_by = done_by_nobody_yet()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "seen_on"],
                condition=Q(withdrawn_at=None),
                name="one_form_check_of_a_line_for_a_date",
            ),
            models.CheckConstraint(
                condition=Q(YesAndNoAlone("answers")), name="form_check_answers_are_yes_or_no"
            ),
            models.CheckConstraint(
                condition=Q(seen_on__range=(dt.date(2000, 1, 1), dt.date(2100, 1, 1))),
                name="form_check_date_in_range",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~Q(withdrawn_reason=""),
                name="form_check_withdrawn_says_by_whom_and_why",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-seen_on", "-id"], name="form_check_of_patient"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
