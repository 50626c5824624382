from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import User
from core.constraints import one_of
from patients.models.records import OfPatient
from programs.models import OutcomeMeasure
from programs.scores import AIDS, MOST


class Assessment(OfPatient):
    """
    One dated score of an outcome measure, or `is_unable`.

    `score` is a number or, on a scale of codes, null with the `code`. One that was corrected is
    kept as `replaced`, and its successor names it. `variant`, `aid` and `side` are empty where the
    instrument has none.
    """

    class Status(models.TextChoices):
        CURRENT = "current", _("current")
        REPLACED = "replaced", _("replaced by a correction")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Side(models.TextChoices):
        LEFT = "left", _("left")
        RIGHT = "right", _("right")

    measure = models.ForeignKey(
        OutcomeMeasure,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        help_text=_("The version whose range the score was checked against."),
    )
    slug = models.SlugField(max_length=60, db_index=False)
    variant = models.CharField(max_length=60, blank=True)
    aid = models.CharField(max_length=24, blank=True)
    side = models.CharField(max_length=8, choices=Side.choices, blank=True)
    assessed_on = models.DateField()
    score = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    code = models.CharField(max_length=8, blank=True)
    is_unable = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.CURRENT)
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    recorded_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "slug", "variant", "aid", "side", "assessed_on"],
                condition=Q(status="current"),
                name="one_assessment_alike_for_a_date",
            ),
            models.UniqueConstraint(fields=["replaces"], name="one_correction_of_an_assessment"),
            models.CheckConstraint(
                condition=Q(score__isnull=False, code="", is_unable=False)
                | (Q(score__isnull=True, is_unable=False) & ~Q(code=""))
                | Q(score__isnull=True, code="", is_unable=True),
                name="assessment_is_a_score_a_code_or_unable",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__range=(Decimal(0), MOST)),
                name="assessment_score_in_range",
            ),
            models.CheckConstraint(
                condition=(Q(status="withdrawn") & ~Q(withdrawn_reason=""))
                & Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                | (~Q(status="withdrawn") & Q(withdrawn_at__isnull=True)),
                name="assessment_withdrawn_has_who_when_and_why",
            ),
            one_of("status", "current, replaced, withdrawn", name="assessment_status_is_known"),
            one_of("side", ", left, right", name="assessment_side_is_known"),
            one_of("aid", ", " + ", ".join(AIDS), name="assessment_aid_is_known"),
        ]
        indexes = [
            models.Index(fields=["patient", "-assessed_on", "-id"], name="assessment_of_patient"),
        ]

    def __str__(self) -> str:
        return f"{self.slug} {self.pk}"
