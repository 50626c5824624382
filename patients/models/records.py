from __future__ import annotations

import datetime as dt
from typing import Self, TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from clinics.models import Clinic, Membership, User, done_by, done_by_nobody_yet
from core.body_types import FIRST_DATE
from core.constraints import one_of
from core.models import BaseModel
from patients.models.walls import CARE_TEAM_OF_THERAPISTS
from programs.dose import DoseFields, Measure, Side, dose_constraints
from programs.models import Exercise, ExerciseVersion, ProgramVersion


class DateInUtc(Func):
    """The calendar date of an instant in UTC, the same whatever zone the connection has."""

    template = "((%(expressions)s) AT TIME ZONE 'UTC')::date"
    output_field = models.DateField()


class PatientQuerySet(models.QuerySet["Patient"]):
    def visible_to(self, who: Actor | None) -> Self:
        """
        Restrict to the records that this request may read.

        A patient and a carer: the record chosen. A therapist: the patients whose care team they
        are on. An operator: all of the clinic that they chose, to read.
        """
        if who is None or who.clinic_id is None:
            return self.none()
        if who.patient_id:
            return self.filter(clinic_id=who.clinic_id, pk=who.patient_id)
        if who.is_operator:
            return self.filter(clinic_id=who.clinic_id)
        if who.is_therapist and who.membership_id:
            team = CareTeamMembership.objects.filter(
                patient=OuterRef("pk"), membership_id=who.membership_id
            )
            return self.filter(Exists(team), clinic_id=who.clinic_id)
        return self.none()

    def known_to(self, who: Actor | None) -> Self:
        """Restrict to the records that exist as far as this member of staff may know."""
        if who is None or not who.is_staff:
            return self.none()
        return self.filter(clinic_id=who.clinic_id)


class Patient(BaseModel):
    """A clinic's record of a person. The same person in two clinics has two records."""

    class AffectedSide(models.TextChoices):
        LEFT = "left", _("left")
        RIGHT = "right", _("right")
        BOTH = "both", _("both")
        NONE = "none", _("none")

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        DISCHARGED = "discharged", _("discharged")

    class Need(models.TextChoices):
        APHASIA = "aphasia", _("aphasia")
        LOW_VISION = "low_vision", _("low vision")
        HARD_OF_HEARING = "hard_of_hearing", _("hard of hearing")
        COGNITIVE = "cognitive", _("cognitive")

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="patient_records"
    )
    name = models.CharField(max_length=120)
    date_of_birth = models.DateField()
    medical_record_number = models.CharField(max_length=40)
    affected_side = models.CharField(max_length=8, choices=AffectedSide.choices)
    time_zone = models.CharField(max_length=64)
    language = models.CharField(max_length=8, default="en")
    communication_needs = ArrayField(models.CharField(max_length=20), default=list, size=4)
    assistive_devices = ArrayField(models.CharField(max_length=80), default=list, size=10)
    precautions = models.TextField(max_length=2000, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    discharged_on = models.DateField(null=True)
    unassigned_at = models.DateTimeField(
        null=True, help_text=_("When the last working therapist was taken off the care team.")
    )
    change_seq = models.BigIntegerField(
        default=0,
        help_text=_("Raised with every change that this patient's phones must learn of."),
    )

    objects = PatientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "medical_record_number"],
                name="one_patient_for_a_medical_record_number",
            ),
            models.UniqueConstraint(
                fields=["clinic", "user"], name="one_record_for_a_user_in_a_clinic"
            ),
            one_of(
                "affected_side",
                "left, right, both, none",
                name="patient_affected_side_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="active", discharged_on=None)
                | Q(status="discharged", discharged_on__isnull=False),
                name="patient_discharge_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(date_of_birth__gte=FIRST_DATE)
                & Q(date_of_birth__lte=DateInUtc("created_at")),
                name="patient_is_born_before_the_record",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "name", "id"], name="patient_by_name")]

    def __str__(self) -> str:
        return str(self.pk)


Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class OfPatientQuerySet(models.QuerySet[Row_co]):
    """Rows that belong to a patient: whoever may read the patient may read them."""

    def visible_to(self, who: Actor | None) -> Self:
        if who is None or who.clinic_id is None:
            return self.none()
        if who.patient_id:
            return self.filter(clinic_id=who.clinic_id, patient_id=who.patient_id)
        return self.filter(
            clinic_id=who.clinic_id,
            patient_id__in=Patient.objects.visible_to(who).values("pk"),
        )


class OfPatient(BaseModel):
    """
    A row of one patient in one clinic.

    Both are held by the one key over (clinic, patient) that EnableTenancy makes: a key of its own
    for each would be looked up again for every row that is written.
    """

    clinic = models.ForeignKey(
        Clinic, on_delete=models.PROTECT, db_index=False, db_constraint=False, related_name="+"
    )
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, db_index=False, db_constraint=False, related_name="+"
    )

    objects = OfPatientQuerySet.as_manager()

    class Meta:
        abstract = True


class CareTeamMembership(OfPatient):
    """A therapist who is responsible for a patient; one of them may lead."""

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, db_constraint=False, related_name="care_team"
    )
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    is_lead = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "membership"], name="one_place_in_a_care_team"
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(is_lead=True),
                name="one_lead_of_a_care_team",
            ),
        ]
        indexes = [models.Index(fields=["membership", "patient"], name="care_team_of_therapist")]
        triggers = [CARE_TEAM_OF_THERAPISTS]

    def __str__(self) -> str:
        return str(self.pk)


class Carer(OfPatient):
    """A user who logs and reads on the patient's behalf, while consent stands."""

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, db_constraint=False, related_name="carers"
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="cares_for")
    consented_at = models.DateTimeField()
    consent_recorded_by = done_by()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "user"],
                condition=Q(revoked_at=None),
                name="one_standing_consent_for_a_carer",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Assignment(OfPatient):
    """A program prescribed to a patient. Both dates are inclusive and local to the patient."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("active")
        ENDED = "ended", _("ended")

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, db_constraint=False, related_name="assignments"
    )
    therapist = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    program_version = models.ForeignKey(
        ProgramVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    title = models.CharField(max_length=120)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    screened_by = done_by_nobody_yet()
    screened_at = models.DateTimeField(null=True)
    screening = models.JSONField(
        null=True,
        help_text=_("The confirmed answers; shape patients.screening.Screening."),
    )
    drafted_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on") - dt.timedelta(days=1)),
                name="assignment_does_not_end_before_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(status="draft")
                | Q(
                    screened_by__isnull=False,
                    screened_at__isnull=False,
                    screening__isnull=False,
                    activated_at__isnull=False,
                )
                | Q(status="ended", activated_at=None),
                name="assignment_is_active_only_after_screening",
            ),
            one_of("status", "draft, active, ended", name="assignment_status_is_known"),
        ]
        indexes = [models.Index(fields=["patient", "status"], name="assignment_of_patient")]

    def __str__(self) -> str:
        return str(self.pk)


class Line(OfPatient):
    """The chain of rows that succeed each other; exercise and measure never change on it."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="lines")
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="+")
    measure = models.CharField(max_length=16, choices=Measure.choices)
    position = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=500, blank=True, help_text=_("Shown to the patient."))

    class Meta:
        constraints = [
            one_of(
                "measure",
                "repetitions, hold, duration, distance, steps",
                name="line_measure_is_known",
            )
        ]
        indexes = [models.Index(fields=["patient", "assignment"], name="line_of_patient")]

    def __str__(self) -> str:
        return str(self.pk)


class DateRange(Func):
    """The half-open range of dates `[from, until)`; an open end is unbounded."""

    function = "DATERANGE"


class PrescribedExercise(DoseFields, OfPatient):
    """One row of a line: dose, side and schedule over the half-open local dates [from, until)."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="rows")
    exercise_version = models.ForeignKey(
        ExerciseVersion, on_delete=models.PROTECT, related_name="+"
    )
    in_force_from = models.DateField()
    in_force_until = models.DateField(null=True)
    side = models.CharField(max_length=16, choices=Side.choices)
    side_asked = models.CharField(
        max_length=16,
        blank=True,
        help_text=_("`affected` or `unaffected` where the therapist said so."),
    )
    is_outside_usual_range = models.BooleanField(default=False)
    prescribed_by = done_by()
    prescribed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(in_force_until=None) | Q(in_force_until__gt=F("in_force_from")),
                name="prescribed_row_is_not_empty",
            ),
            one_of(
                "side",
                "left, right, both, alternating, each",
                name="prescribed_side_is_known",
            ),
            # By the line's text: by its key, PostgreSQL would take this index for any look at a
            # line's rows, and a B-tree finds them in a tenth of the pages.
            ExclusionConstraint(
                name="prescribed_rows_of_a_line_overlap",
                expressions=[
                    (Cast("line", models.TextField()), RangeOperators.EQUAL),
                    (
                        DateRange("in_force_from", "in_force_until"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            *dose_constraints("prescribed"),
        ]
        indexes = [models.Index(fields=["patient", "in_force_from"], name="prescribed_of_patient")]

    def __str__(self) -> str:
        return str(self.pk)
