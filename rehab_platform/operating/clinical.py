"""What one clinic's patients are prescribed, log and set off, to read, behind its glass."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.models import Assignment, Patient, PrescribedExercise
from rehab_platform.operating.pages import GlassPage, OfPatientPage, YesOrNo
from rehab_platform.operating.shown import NOTHING, by_words, column_of, name_of
from rehab_platform.operating.site import site
from sessions.alert_reading import read_occurrence
from sessions.alert_wording import NAMES, rule_name
from sessions.models import (
    Alert,
    AlertOccurrence,
    AlertThresholds,
    ExerciseResult,
    ExerciseSession,
    FormCheck,
    SafetyCheck,
    ThresholdProposal,
)


@admin.register(Patient, site=site)
class PatientPage(GlassPage):
    of_patient = "pk"
    list_display = ("name", "medical_record_number", "status", "date_of_birth", "affected_side")
    list_filter = ("status", "affected_side")
    search_fields = ("name", "medical_record_number")
    search_help_text = _("A patient's name or record number")
    ordering = ("name", "pk")


@admin.register(Assignment, site=site)
class AssignmentPage(OfPatientPage):
    list_display = ("title", "patient_name", "status", "starts_on", "ends_on")
    list_filter = ("status",)


@admin.register(PrescribedExercise, site=site)
class PrescribedPage(OfPatientPage):
    list_display = ("exercise", "patient_name", "side", "in_force_from", "in_force_until")
    list_filter = ("side", "is_outside_usual_range")
    list_select_related = ("patient", "exercise_version")

    @admin.display(description=_("exercise"))
    def exercise(self, row: PrescribedExercise) -> str:
        return row.exercise_version.name


@admin.register(ExerciseSession, site=site)
class SessionPage(OfPatientPage):
    list_display = ("performed_at", "patient_name", "status", "pain_after", "red_flag")
    list_filter = ("status", "has_red_flag")

    @admin.display(description=_("red flag"))
    def red_flag(self, row: ExerciseSession) -> str:
        """Words: a red sign beside each session without one would be read as one."""
        return str(_("yes")) if row.has_red_flag else ""


@admin.register(ExerciseResult, site=site)
class ResultPage(OfPatientPage):
    list_display = ("performed_on", "patient_name", "exercise", "side", "verdict", "pain")
    list_filter = ("verdict", "is_off_plan")
    list_select_related = ("patient", "prescribed_exercise__exercise_version")

    @admin.display(description=_("exercise"))
    def exercise(self, row: ExerciseResult) -> str:
        asked = row.prescribed_exercise
        return asked.exercise_version.name if asked else ""


@admin.register(Alert, site=site)
class AlertPage(OfPatientPage):
    list_display = ("rule_name", "patient_name", "severity", "status", "about", "raised_at")
    list_filter = ("severity", "status", ("rule", by_words(NAMES)))
    list_select_related = ("patient", "line__exercise__current")

    @admin.display(description=_("rule"), ordering="rule")
    def rule_name(self, row: Alert) -> str:
        return rule_name(row.rule)

    @admin.display(description=_("about"))
    def about(self, row: Alert) -> str:
        """Name the exercise of a rule that is about one."""
        return name_of(row.line) if row.line else ""


@admin.register(AlertOccurrence, site=site)
class OccurrencePage(OfPatientPage):
    list_display = ("rule_name", "patient_name", "severity", "claimed_at", "received_at")
    list_filter = ("severity", ("alert__rule", by_words(NAMES)))
    list_select_related = ("patient", "alert")
    readonly_fields = ("exercise", "question")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, *super().get_fields(request, obj))

    @admin.display(description=_("rule"), ordering="alert__rule")
    def rule_name(self, row: AlertOccurrence) -> str:
        return rule_name(row.alert.rule)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Read once what the occurrence is about."""
        found: Any = super().get_object(request, object_id, from_field)
        if found is not None:
            found.occurred = read_occurrence(found, now=timezone.now())
        return found

    @admin.display(description=_("exercise"))
    def exercise(self, row: Any) -> str:
        return row.occurred.exercise or NOTHING

    @admin.display(description=_("the check's question"))
    def question(self, row: Any) -> str:
        return row.occurred.question or NOTHING


@admin.register(AlertThresholds, site=site)
class ThresholdsPage(GlassPage):
    of_patient = ""
    list_display = (
        "number",
        "set_at",
        "set_by_name",
        "signed_off_name",
        column_of(AlertThresholds, "loosened"),
    )
    list_filter = (("signed_off_at", YesOrNo),)
    list_select_related: ClassVar[Any] = ("set_by",)
    search_fields = ("set_by__name", "signed_off_name")
    search_help_text = _("Who set or signed them")
    ordering = ("-number", "pk")

    @admin.display(description=_("set by"), ordering="set_by__name")
    def set_by_name(self, row: AlertThresholds) -> str:
        return row.set_by.name


@admin.register(ThresholdProposal, site=site)
class ProposalPage(GlassPage):
    of_patient = ""
    list_display = (
        "proposed_at",
        "proposed_by_name",
        "clinician_name",
        "status",
        column_of(ThresholdProposal, "loosened"),
    )
    list_filter = ("status",)
    list_select_related: ClassVar[Any] = ("proposed_by", "clinician__user")
    search_fields = ("proposed_by__name", "clinician__user__name")
    search_help_text = _("Who proposed them, or is asked to sign")
    ordering = ("-proposed_at", "-pk")

    @admin.display(description=_("proposed by"), ordering="proposed_by__name")
    def proposed_by_name(self, row: ThresholdProposal) -> str:
        return row.proposed_by.name

    @admin.display(description=_("to be signed by"), ordering="clinician__user__name")
    def clinician_name(self, row: ThresholdProposal) -> str:
        return row.clinician.user.name


@admin.register(SafetyCheck, site=site)
class SafetyCheckPage(OfPatientPage):
    list_display = ("checked_at", "patient_name", "logged_as", "red_flag", "received_at")
    list_filter = ("has_red_flag", "logged_as", ("checked_at", admin.DateFieldListFilter))

    @admin.display(description=_("red flag"))
    def red_flag(self, row: SafetyCheck) -> str:
        return str(_("yes")) if row.has_red_flag else ""


@admin.register(FormCheck, site=site)
class FormCheckPage(OfPatientPage):
    list_display = ("exercise", "patient_name", "seen_on", "scored_by_name", "withdrawn_at")
    list_filter = (("seen_on", admin.DateFieldListFilter), ("withdrawn_at", YesOrNo))
    list_select_related = ("patient", "exercise_version", "scored_by")

    @admin.display(description=_("exercise"))
    def exercise(self, row: FormCheck) -> str:
        return row.exercise_version.name

    @admin.display(description=_("scored by"))
    def scored_by_name(self, row: FormCheck) -> str:
        return row.scored_by.name
