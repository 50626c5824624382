from __future__ import annotations

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import done_by, done_by_nobody_yet
from core.constraints import one_of
from patients.models import Line, OfPatient, PrescribedExercise

EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


class LoggedAs(models.TextChoices):
    PATIENT = "patient", _("the patient")
    CARER = "carer", _("a carer")
    THERAPIST = "therapist", _("a therapist")


class Verdict(models.TextChoices):
    STOP = "stop", _("stop")
    STOP_EXERCISE = "stop_exercise", _("stop this exercise")
    NOT_DONE = "not_done", _("not done")
    NOT_YET = "not_yet", _("not yet")
    ASK = "ask", _("ask")
    PART = "part", _("part")
    RIGHT = "right", _("right")


class ExerciseSession(OfPatient):
    """
    What a patient did at one time, in its newest version.

    `phone_id` is the id that the phone chose, unique for the patient; the row has its own key.
    `performed_on` is the calendar date where the patient was and never moves with a later change
    of zone.
    """

    class Status(models.TextChoices):
        COUNTED = "counted", _("counted")
        HELD = "held", _("held")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Help(models.TextChoices):
        INDEPENDENT = "independent", _("alone")
        SUPERVISED = "supervised", _("someone near")
        HANDS_ON = "hands_on", _("someone helped with their hands")

    phone_id = models.UUIDField()
    status = models.CharField(max_length=12, choices=Status.choices)
    version = models.PositiveIntegerField(default=1)
    performed_at = models.DateTimeField()
    performed_on = models.DateField()
    claimed_performed_at = models.DateTimeField(
        help_text=_("As the phone said it, before any correction on acceptance.")
    )
    received_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    duration_seconds = models.PositiveIntegerField(null=True)
    effort = models.PositiveSmallIntegerField(null=True)
    pain_before = models.PositiveSmallIntegerField(null=True)
    pain_after = models.PositiveSmallIntegerField(null=True)
    symptoms = ArrayField(models.CharField(max_length=20), default=list, size=10)
    help = models.CharField(max_length=12, choices=Help.choices, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    logged_by = done_by()
    logged_as = models.CharField(max_length=12, choices=LoggedAs.choices)
    has_red_flag = models.BooleanField(default=False)
    is_possible_duplicate = models.BooleanField(default=False)
    decided_by = done_by_nobody_yet()
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=500, blank=True)
    withdrawn_by = done_by_nobody_yet()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "phone_id"],
                name="one_session_for_a_phone_id",
            ),
            models.CheckConstraint(
                condition=Q(duration_seconds=None) | Q(duration_seconds__lte=21_600),
                name="session_duration_in_range",
            ),
            models.CheckConstraint(
                condition=Q(effort=None) | Q(effort__lte=10),
                name="session_effort_0_to_10",
            ),
            models.CheckConstraint(
                condition=Q(pain_before=None) | Q(pain_before__lte=10),
                name="session_pain_before_0_to_10",
            ),
            models.CheckConstraint(
                condition=Q(pain_after=None) | Q(pain_after__lte=10),
                name="session_pain_after_0_to_10",
            ),
            models.CheckConstraint(
                condition=Q(performed_at__range=(EARLIEST, LATEST)),
                name="session_performed_at_in_range",
            ),
            models.CheckConstraint(
                condition=~Q(status="withdrawn") | Q(withdrawn_at__isnull=False),
                name="session_withdrawn_has_its_time",
            ),
            one_of("status", "counted, held, refused, withdrawn", name="session_status_is_known"),
            one_of(
                "help",
                ", independent, supervised, hands_on",
                name="session_help_is_known",
            ),
            one_of(
                "logged_as",
                "patient, carer, therapist",
                name="session_logged_as_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "performed_on"], name="session_of_patient_by_day"),
            models.Index(
                fields=["patient", "performed_at", "id"],
                name="session_of_patient_by_time",
            ),
            models.Index(
                fields=["patient", "received_at"],
                condition=Q(status="held"),
                name="session_held_of_patient",
            ),
            models.Index(
                fields=["patient", "performed_on"],
                condition=Q(has_red_flag=True),
                name="session_red_flag_of_patient",
            ),
            models.Index(
                fields=["patient", "-performed_at"],
                condition=Q(status="counted", pain_after__isnull=False),
                name="session_with_pain_of_patient",
            ),
            models.Index(fields=["patient", "-received_at"], name="session_received_of_patient"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SessionVersion(OfPatient):
    """One version of a session as it was sent, with the answer that it was given. Never changed."""

    session = models.ForeignKey(
        ExerciseSession,
        on_delete=models.PROTECT,
        db_index=False,
        db_constraint=False,
        related_name="versions",
    )
    number = models.PositiveIntegerField()
    content = models.JSONField(help_text=_("As validated; shape sessions.bodies.LogSession."))
    content_hash = models.BinaryField(max_length=32)
    answer = models.JSONField(help_text=_("As given; shape sessions.bodies.SessionAnswer."))
    judged_against = models.JSONField(
        default=list, help_text=_("Per result: the row in force then, with its dose, or null.")
    )
    made_by = done_by()
    made_as = models.CharField(max_length=12, choices=LoggedAs.choices)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    clock_ahead_seconds = models.IntegerField(
        null=True, help_text=_("The phone's clock minus the server's when it was sent.")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "number"], name="one_session_version_for_a_number"
            ),
            one_of(
                "made_as",
                "patient, carer, therapist",
                name="session_version_made_as_is_known",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ExerciseResult(OfPatient):
    """
    What was achieved on one line and side in the newest version of a session.

    The sets are parallel lists, one place a set; a place is null where that amount was not said.
    `credit_numerator` ÷ `credit_denominator` is the exact sum of the sets' credits against
    `prescribed_exercise`, the row in force on `performed_on`; both are null where it is extra
    because no row prescribes it (`is_off_plan`) or the row expects nothing.
    """

    class Skipped(models.TextChoices):
        PAIN = "pain", _("pain")
        FATIGUE = "fatigue", _("tired")
        NO_TIME = "no_time", _("no time")
        NO_EQUIPMENT = "no_equipment", _("no equipment")
        NO_HELPER = "no_helper", _("no helper")
        UNSURE_HOW = "unsure_how", _("not sure how")
        UNWELL = "unwell", _("not well")
        OTHER = "other", _("other")

    class Difficulty(models.TextChoices):
        TOO_EASY = "too_easy", _("too easy")
        JUST_RIGHT = "just_right", _("just right")
        TOO_HARD = "too_hard", _("too hard")

    # Six of these are written with each session: the keys over the clinic and each hold them.
    session = models.ForeignKey(
        ExerciseSession,
        on_delete=models.PROTECT,
        db_index=False,
        db_constraint=False,
        related_name="results",
    )
    line = models.ForeignKey(
        Line, on_delete=models.PROTECT, db_index=False, db_constraint=False, related_name="+"
    )
    prescribed_exercise = models.ForeignKey(
        PrescribedExercise,
        on_delete=models.PROTECT,
        null=True,
        db_constraint=False,
        related_name="+",
    )
    performed_on = models.DateField()
    performed_at = models.DateTimeField()
    counts = models.BooleanField(
        help_text=_("False while the session is held, refused or withdrawn.")
    )
    side = models.CharField(max_length=16)
    is_off_plan = models.BooleanField()
    repetitions = ArrayField(models.PositiveSmallIntegerField(null=True), default=list, size=50)
    hold_seconds = ArrayField(models.PositiveIntegerField(null=True), default=list, size=50)
    duration_seconds = ArrayField(models.PositiveIntegerField(null=True), default=list, size=50)
    distance_m = ArrayField(models.PositiveIntegerField(null=True), default=list, size=50)
    steps = ArrayField(models.PositiveIntegerField(null=True), default=list, size=50)
    load_kg = ArrayField(
        models.DecimalField(max_digits=4, decimal_places=1, null=True),
        default=list,
        size=50,
    )
    set_count = models.PositiveSmallIntegerField()
    skipped = models.CharField(max_length=16, choices=Skipped.choices, blank=True)
    checks = models.JSONField(default=dict, help_text=_("Check id → yes, no or unsure."))
    difficulty = models.CharField(max_length=12, choices=Difficulty.choices, blank=True)
    pain = models.PositiveSmallIntegerField(null=True)
    credit_numerator = models.BigIntegerField(null=True)
    credit_denominator = models.PositiveIntegerField(null=True)
    total = models.PositiveBigIntegerField(
        help_text=_("Sum over the sets in the line's measure; for hold repetitions × seconds.")
    )
    best_set = models.PositiveBigIntegerField(
        default=0,
        db_default=0,
        help_text=_("The most that one set achieved, in the unit of the total."),
    )
    verdict = models.CharField(max_length=16, choices=Verdict.choices, blank=True)
    has_check_not_yet = models.BooleanField(default=False)
    asks_to_stop = models.BooleanField(
        default=False,
        help_text=_("Pain or a safety check said: stop this exercise today."),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "line", "side"],
                name="one_result_for_a_line_and_side",
            ),
            models.CheckConstraint(
                condition=Q(pain=None) | Q(pain__lte=10), name="result_pain_0_to_10"
            ),
            models.CheckConstraint(
                condition=Q(set_count__lte=50), name="result_has_at_most_50_sets"
            ),
            models.CheckConstraint(
                condition=Q(side__in=["left", "right", "both", "alternating"]),
                name="result_side_is_known",
            ),
            models.CheckConstraint(
                condition=Q(skipped="") | Q(set_count=0),
                name="result_skipped_has_no_sets",
            ),
            models.CheckConstraint(
                condition=Q(best_set__lte=F("total")), name="result_best_set_is_part_of_its_total"
            ),
            one_of(
                "skipped",
                ", pain, fatigue, no_time, no_equipment, no_helper, unsure_how, unwell, other",
                name="result_skipped_reason_is_known",
            ),
            one_of(
                "difficulty",
                ", too_easy, just_right, too_hard",
                name="result_difficulty_is_known",
            ),
            one_of(
                "verdict",
                ", stop, stop_exercise, not_done, not_yet, ask, part, right",
                name="result_verdict_is_known",
            ),
            models.CheckConstraint(
                condition=Q(credit_numerator=None, credit_denominator=None)
                | Q(
                    credit_numerator__isnull=False,
                    credit_denominator__isnull=False,
                    credit_numerator__gte=0,
                    credit_denominator__gte=1,
                    credit_numerator__lte=F("credit_denominator") * F("set_count"),
                ),
                name="result_credit_is_a_sum_of_set_credits",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "performed_on"], name="result_of_patient_by_day"),
            models.Index(fields=["line", "side", "-total"], name="result_best_of_line"),
            models.Index(
                fields=["line", "-best_set", "performed_on"],
                condition=Q(counts=True),
                name="result_best_set_of_line",
            ),
            # Holds all that counting a line's sessions asks for, so that no row is read for it; by
            # moment and session, so that the results of one session stand side by side.
            models.Index(
                fields=["line", "-performed_at", "-session"],
                include=["clinic", "counts", "total"],
                name="result_latest_of_line",
            ),
            models.Index(
                fields=["line", "-performed_at"],
                condition=Q(counts=True, has_check_not_yet=True),
                name="result_not_yet_of_line",
            ),
            models.Index(
                fields=["line", "-performed_at"],
                condition=Q(counts=True) & ~Q(difficulty=""),
                name="result_difficulty_of_line",
            ),
            models.Index(
                fields=["line", "-performed_at"],
                condition=Q(counts=True) & ~Q(checks={}),
                name="result_checks_of_line",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SafetyCheck(OfPatient):
    """The patient's answers before a session. Uploaded and kept once, like a session."""

    phone_id = models.UUIDField()
    checked_at = models.DateTimeField()
    checked_on = models.DateField()
    received_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answers = models.JSONField(help_text=_("Question id → yes or no."))
    symptoms = ArrayField(models.CharField(max_length=20), default=list, size=10)
    has_red_flag = models.BooleanField(default=False)
    logged_by = done_by()
    logged_as = models.CharField(max_length=12, choices=LoggedAs.choices)
    content_hash = models.BinaryField(max_length=32)
    answer = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "phone_id"],
                name="one_safety_check_for_a_phone_id",
            ),
            one_of(
                "logged_as",
                "patient, carer, therapist",
                name="safety_check_logged_as_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "checked_on"], name="safety_check_of_patient"),
            models.Index(
                fields=["patient", "checked_on"],
                condition=Q(has_red_flag=True),
                name="check_red_flag_of_patient",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
