"""One clinic's clinical rows and its audit, to read, behind its glass."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.models import AuditEvent
from patients.models import Assignment, Patient, Pause, PrescribedExercise
from programs.wording import weekdays_in_words
from rehab_platform.operating.pages import GlassPage, YesOrNo
from rehab_platform.operating.site import site
from reminders.masking import masked
from reminders.models import Contact, Delivery, ReminderPreferences, WeeklySummary
from sessions.models import Alert, ExerciseResult, ExerciseSession


@admin.register(Patient, site=site)
class PatientPage(GlassPage):
    of_patient = "pk"
    list_display = ("name", "medical_record_number", "date_of_birth", "affected_side")
    list_filter = ("affected_side",)
    search_fields = ("name", "medical_record_number")
    ordering = ("name", "pk")


class OfPatientPage(GlassPage):
    list_select_related: ClassVar[Any] = ("patient",)
    search_fields: ClassVar[Any] = ("patient__name",)
    ordering: ClassVar[Any] = ("-pk",)

    @admin.display(description=_("patient"))
    def patient_name(self, row: Any) -> str:
        return str(row.patient.name)


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
    list_display = ("rule", "patient_name", "severity", "status", "raised_at")
    list_filter = ("severity", "status")


@admin.register(Pause, site=site)
class PausePage(OfPatientPage):
    list_display = ("reason", "patient_name", "starts_on", "ends_on")
    list_filter = ("reason",)


@admin.register(ReminderPreferences, site=site)
class RemindersPage(OfPatientPage):
    list_display = ("patient_name", "times", "channels", "is_paused", "copies_carers")
    list_filter = ("is_paused",)
    readonly_fields = ("times",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReminderPreferences]:
        return super().get_queryset(request).prefetch_related("patient__reminder_times")

    @admin.display(description=_("times"))
    def times(self, row: ReminderPreferences) -> str:
        chosen = sorted(row.patient.reminder_times.all(), key=lambda one: (one.at, one.slot))
        return ", ".join(f"{one.at:%H:%M} {weekdays_in_words(one.weekdays)}" for one in chosen)


@admin.register(Contact, site=site)
class ContactPage(GlassPage):
    """An address is shown in part, on its own page too; a browser's keys and a code nowhere."""

    list_display = ("shown", "channel", "name", "confirmed_at", "disabled_because")
    list_filter = ("channel", "disabled_because", ("confirmed_at", YesOrNo))
    list_select_related: ClassVar[Any] = ("user",)
    search_fields = ("user__name",)
    ordering = ("-pk",)
    fields = (
        "shown", "channel", "name", "added_at", "confirmed_at", "disabled_at", "disabled_because",
    )  # fmt: skip
    readonly_fields = ("shown", "name")

    @admin.display(description=_("address"))
    def shown(self, row: Contact) -> str:
        return masked(row.channel, row.address)

    @admin.display(description=_("name"))
    def name(self, row: Contact) -> str:
        return str(row.user.name)


@admin.register(Delivery, site=site)
class DeliveryPage(OfPatientPage):
    list_display = ("due_at", "patient_name", "kind", "channel", "state", "reason", "attempts")
    list_filter = ("state", "kind", "channel")


@admin.register(WeeklySummary, site=site)
class WeeklySummaryPage(OfPatientPage):
    list_display = ("week", "patient_name", "made_at")


@admin.register(AuditEvent, site=site)
class AuditPage(GlassPage):
    list_display = ("at", "action", "acting_as", "actor_id", "patient_id", "target", "reason")
    list_filter = ("acting_as", ("at", admin.DateFieldListFilter))
    search_fields = ("=action",)
    search_help_text = _("An action, as it is written")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        clinic_id = self.glass(request).clinic_id
        return AuditEvent.objects.filter(clinic_id=clinic_id).order_by("-pk")
