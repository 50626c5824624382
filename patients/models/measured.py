from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import done_by, done_by_nobody_yet
from core.constraints import one_of
from patients.models.records import OfPatient
from programs.dose import Measure
from programs.models import Exercise, OutcomeMeasure
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
    recorded_by = done_by()
    recorded_at = models.DateTimeField()
    withdrawn_by = done_by_nobody_yet()
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


class Goal(OfPatient):
    """
    Something measurable to reach: an amount of an exercise, or a score of an outcome measure.

    How far it is is derived from what was logged or assessed from `starts_on` on, never stored.
    """

    class Kind(models.TextChoices):
        EXERCISE = "exercise", _("an amount of an exercise")
        MEASURE = "measure", _("a score of an outcome measure")

    class Amount(models.TextChoices):
        BEST_SET = "best_set", _("in one go")
        DAY_TOTAL = "day_total", _("in a day")
        WEEK_TOTAL = "week_total", _("in a week")

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        ENDED = "ended", _("ended")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, null=True, related_name="+")
    exercise_measure = models.CharField(max_length=16, choices=Measure.choices, blank=True)
    amount = models.CharField(max_length=12, choices=Amount.choices, blank=True)
    slug = models.SlugField(max_length=60, db_index=False, blank=True)
    variant = models.CharField(max_length=60, blank=True)
    aid = models.CharField(max_length=24, blank=True)
    side = models.CharField(max_length=8, choices=Assessment.Side.choices, blank=True)
    baseline = models.DecimalField(max_digits=9, decimal_places=3)
    target = models.DecimalField(max_digits=9, decimal_places=3)
    starts_on = models.DateField(help_text=_("The patient's date on which it was set."))
    due_on = models.DateField()
    text = models.CharField(max_length=200, help_text=_("Shown to the patient."))
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    set_by = done_by()
    set_at = models.DateTimeField()
    ended_by = done_by_nobody_yet()
    ended_at = models.DateTimeField(null=True)
    ended_on = models.DateField(null=True)
    ended_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "patient",
                    "exercise",
                    "exercise_measure",
                    "amount",
                    "slug",
                    "variant",
                    "aid",
                    "side",
                ],
                condition=Q(status="active"),
                nulls_distinct=False,
                name="one_active_goal_of_a_kind",
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind="exercise", exercise__isnull=False, slug="", variant="", aid="", side="")
                    & ~Q(exercise_measure="")
                    & ~Q(amount="")
                )
                | (
                    Q(kind="measure", exercise__isnull=True, exercise_measure="", amount="")
                    & ~Q(slug="")
                ),
                name="goal_is_of_an_exercise_or_a_measure",
            ),
            models.CheckConstraint(
                condition=~Q(target=F("baseline")), name="goal_target_is_not_its_baseline"
            ),
            models.CheckConstraint(
                condition=Q(kind="measure") | Q(target__gt=F("baseline")),
                name="goal_of_an_exercise_aims_higher",
            ),
            models.CheckConstraint(
                condition=Q(baseline__gte=0, target__gte=0), name="goal_amounts_in_range"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("starts_on")), name="goal_is_not_due_before_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(status="active", ended_at__isnull=True, ended_on__isnull=True)
                | (
                    Q(status="ended", ended_at__isnull=False, ended_on__isnull=False)
                    & Q(ended_by__isnull=False)
                    & ~Q(ended_reason="")
                ),
                name="goal_ended_has_who_when_and_why",
            ),
            one_of("kind", "exercise, measure", name="goal_kind_is_known"),
            one_of("amount", ", best_set, day_total, week_total", name="goal_amount_is_known"),
            one_of(
                "exercise_measure",
                ", repetitions, hold, duration, distance, steps",
                name="goal_exercise_measure_is_known",
            ),
            one_of("status", "active, ended", name="goal_status_is_known"),
            one_of("side", ", left, right", name="goal_side_is_known"),
            one_of("aid", ", " + ", ".join(AIDS), name="goal_aid_is_known"),
        ]
        indexes = [
            models.Index(fields=["patient", "-set_at", "-id"], name="goal_of_patient"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
