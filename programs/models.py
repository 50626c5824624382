from __future__ import annotations

from typing import Any, Self, TypeVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from clinics.models import Clinic, User
from core.constraints import one_of
from core.models import BaseModel
from programs.dose import DoseFields, dose_constraints

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class ReviewStatus(models.TextChoices):
    DRAFT = "draft", _("draft, not yet reviewed by a clinician")
    REVIEWED = "reviewed", _("reviewed by a clinician")


class SharedOrOwnQuerySet(models.QuerySet[Row_co]):
    def visible_to(self, who: Actor | None) -> Self:
        """
        Restrict to the rows that ship with the platform and those of the request's clinic.

        An operator outside every clinic sees what ships.
        """
        if who is None or (who.clinic_id is None and not who.is_operator):
            return self.none()
        return self.filter(Q(clinic=None) | Q(clinic_id=who.clinic_id))


def never_changed() -> pgtrigger.Protect:
    """A published version stays as it is: what was prescribed from it must not move."""
    return pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete)


class Exercise(BaseModel):
    """A catalogue entry's identity; what it says lies in its versions."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, related_name="+")
    slug = models.SlugField(max_length=60)
    current = models.ForeignKey(
        "ExerciseVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    retired_at = models.DateTimeField(null=True)
    copied_from = models.ForeignKey(
        "ExerciseVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    key = models.UUIDField(null=True, help_text=_("Chosen by who made a clinic's own entry."))
    key_hash = models.BinaryField(
        max_length=32, null=True, help_text=_("SHA-256 of what was sent with the key.")
    )

    objects: Any = SharedOrOwnQuerySet["Exercise"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "slug"],
                nulls_distinct=False,
                name="one_exercise_for_a_slug",
            ),
            models.UniqueConstraint(fields=["clinic", "key"], name="one_exercise_for_a_key"),
            models.CheckConstraint(
                condition=Q(key__isnull=True, key_hash__isnull=True)
                | Q(clinic__isnull=False, key__isnull=False, key_hash__isnull=False),
                name="own_exercise_s_key_has_its_hash",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class ExerciseVersion(BaseModel):
    """One published wording of an exercise. Never changed; `content` is a content.ExerciseContent."""

    class Category(models.TextChoices):
        STRETCHING = "stretching", _("stretching")
        MOBILITY = "mobility", _("mobility")
        STRENGTHENING = "strengthening", _("strengthening")
        WEIGHT_BEARING = "weight_bearing", _("weight bearing")
        BALANCE = "balance", _("balance")
        GAIT = "gait", _("walking")

    class Helper(models.TextChoices):
        NONE = "none", _("none")
        NEAR = "near", _("someone near")
        HANDS_ON = "hands_on", _("someone who helps with their hands")

    class Laterality(models.TextChoices):
        ONE = "one", _("one side")
        BOTH = "both", _("both sides at once")
        ALTERNATE = "alternate", _("sides in turn")

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, related_name="+")
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    review_status = models.CharField(max_length=16, choices=ReviewStatus.choices)
    name = models.CharField(max_length=120)
    category = models.CharField(max_length=16, choices=Category.choices)
    level = models.PositiveSmallIntegerField()
    helper = models.CharField(max_length=16, choices=Helper.choices)
    position = models.CharField(max_length=20)
    laterality = models.CharField(max_length=16, choices=Laterality.choices)
    measures = ArrayField(models.CharField(max_length=16), size=5)
    content = models.JSONField()
    content_hash = models.BinaryField(max_length=32)

    objects: Any = SharedOrOwnQuerySet["ExerciseVersion"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["exercise", "number"], name="one_exercise_version_for_a_number"
            ),
            models.CheckConstraint(condition=Q(level__range=(1, 4)), name="exercise_level_1_to_4"),
        ]
        triggers = [never_changed()]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class Program(BaseModel):
    """A reusable, ordered template's identity; what it holds lies in its versions."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, related_name="+")
    slug = models.SlugField(max_length=60)
    current = models.ForeignKey(
        "ProgramVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    retired_at = models.DateTimeField(null=True)
    copied_from = models.ForeignKey(
        "ProgramVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    key = models.UUIDField(null=True, help_text=_("Chosen by who made a clinic's own entry."))
    key_hash = models.BinaryField(
        max_length=32, null=True, help_text=_("SHA-256 of what was sent with the key.")
    )

    objects: Any = SharedOrOwnQuerySet["Program"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "slug"],
                nulls_distinct=False,
                name="one_program_for_a_slug",
            ),
            models.UniqueConstraint(fields=["clinic", "key"], name="one_program_for_a_key"),
            models.CheckConstraint(
                condition=Q(key__isnull=True, key_hash__isnull=True)
                | Q(clinic__isnull=False, key__isnull=False, key_hash__isnull=False),
                name="own_program_s_key_has_its_hash",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class ProgramVersion(BaseModel):
    """One published state of a program. Never changed."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, related_name="+")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    review_status = models.CharField(max_length=16, choices=ReviewStatus.choices)
    name = models.CharField(max_length=120)
    weeks = models.PositiveSmallIntegerField(null=True)
    content_hash = models.BinaryField(max_length=32)

    objects: Any = SharedOrOwnQuerySet["ProgramVersion"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "number"], name="one_program_version_for_a_number"
            ),
        ]
        triggers = [never_changed()]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class ProgramItem(DoseFields, BaseModel):
    """One exercise of a program version with its default dose, side and schedule."""

    class Side(models.TextChoices):
        LEFT = "left", _("left")
        RIGHT = "right", _("right")
        BOTH = "both", _("both at once")
        ALTERNATING = "alternating", _("in turn")
        EACH = "each", _("each side")
        AFFECTED = "affected", _("the affected side")
        UNAFFECTED = "unaffected", _("the other side")

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, related_name="+")
    program_version = models.ForeignKey(
        ProgramVersion, on_delete=models.PROTECT, related_name="items"
    )
    position = models.PositiveSmallIntegerField()
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=16, choices=Side.choices)

    objects: Any = SharedOrOwnQuerySet["ProgramItem"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program_version", "position"],
                name="one_program_item_for_a_position",
            ),
            *dose_constraints("program_item"),
        ]
        triggers = [never_changed()]

    def __str__(self) -> str:
        return str(self.pk)


class Review(BaseModel):
    """
    One judgement on one published version; the newest counts, before what the version says itself.

    Append-only. A clinic reviews its own entries; shared ones are reviewed by the platform, outside
    any clinic's context, which is what row-level security asks of a row without a clinic.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, related_name="+")
    exercise_version = models.ForeignKey(
        ExerciseVersion, on_delete=models.PROTECT, null=True, related_name="reviews"
    )
    program_version = models.ForeignKey(
        ProgramVersion, on_delete=models.PROTECT, null=True, related_name="reviews"
    )
    measure_version = models.ForeignKey(
        "OutcomeMeasure", on_delete=models.PROTECT, null=True, related_name="reviews"
    )
    status = models.CharField(max_length=16, choices=ReviewStatus.choices)
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reviewer_name = models.CharField(max_length=120)
    reviewed_at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)

    objects: Any = SharedOrOwnQuerySet["Review"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    exercise_version__isnull=False,
                    program_version__isnull=True,
                    measure_version__isnull=True,
                )
                | Q(
                    exercise_version__isnull=True,
                    program_version__isnull=False,
                    measure_version__isnull=True,
                )
                | Q(
                    exercise_version__isnull=True,
                    program_version__isnull=True,
                    measure_version__isnull=False,
                ),
                name="review_of_one_version",
            ),
            models.CheckConstraint(
                condition=Q(measure_version__isnull=True) | Q(clinic__isnull=True),
                name="no_clinic_reviews_a_measure",
            ),
            models.CheckConstraint(
                condition=~Q(reviewer_name=""), name="review_names_its_reviewer"
            ),
            one_of("status", "draft, reviewed", name="review_status_is_known"),
        ]
        indexes = [
            models.Index(fields=["exercise_version", "reviewed_at"], name="reviews_of_an_exercise"),
            models.Index(fields=["program_version", "reviewed_at"], name="reviews_of_a_program"),
            models.Index(fields=["measure_version", "reviewed_at"], name="reviews_of_a_measure"),
        ]
        triggers = [never_changed()]

    def __str__(self) -> str:
        return str(self.pk)


class PlatformContent(BaseModel):
    """What ships with the platform for all clinics, in numbered versions that never change."""

    number = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    review_status = models.CharField(max_length=16, choices=ReviewStatus.choices)
    content = models.JSONField()
    content_hash = models.BinaryField(max_length=32)

    class Meta:
        abstract = True


class SafetyBlock(PlatformContent):
    """The general safety texts: before, stop now, stop and tell, the clinician's screening list."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="one_safety_block_for_a_number"),
        ]
        triggers = [never_changed()]

    def __str__(self) -> str:
        return str(self.number)


class OutcomeMeasure(PlatformContent):
    """A standard instrument. One without a valid range and a source is kept but not offered."""

    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    is_offered = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "number"], name="one_outcome_measure_for_a_number"
            ),
        ]
        triggers = [never_changed()]

    def __str__(self) -> str:
        return self.slug
