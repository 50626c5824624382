"""Who cares for one clinic's patients, what is aimed at and how care rests and ends, to read."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from patients.goal_wording import plain, unit_of
from patients.models import (
    Assessment,
    Carer,
    CareTeamMembership,
    Discharge,
    Goal,
    Pause,
    PauseRequest,
)
from rehab_platform.operating.pages import OfPatientPage, YesOrNo
from rehab_platform.operating.site import site

RECORD = ("patient__name", "patient__medical_record_number")


@admin.register(CareTeamMembership, site=site)
class CareTeamPage(OfPatientPage):
    list_display = ("therapist", "patient_name", "is_lead")
    list_filter = ("is_lead",)
    list_select_related = ("patient", "membership__user")
    search_fields: ClassVar[Any] = (*RECORD, "membership__user__name")
    search_help_text = _("A patient's name or record number, or a therapist's name")

    @admin.display(description=_("therapist"), ordering="membership__user__name")
    def therapist(self, row: CareTeamMembership) -> str:
        return row.membership.user.name


@admin.register(Carer, site=site)
class CarerPage(OfPatientPage):
    list_display = ("carer", "patient_name", "consented_at", "revoked_at")
    list_filter = (("revoked_at", YesOrNo),)
    list_select_related = ("patient", "user")
    search_fields: ClassVar[Any] = (*RECORD, "user__name")
    search_help_text = _("A patient's name or record number, or a carer's name")

    @admin.display(description=_("carer"), ordering="user__name")
    def carer(self, row: Carer) -> str:
        return row.user.name


@admin.register(Goal, site=site)
class GoalPage(OfPatientPage):
    list_display = ("text", "patient_name", "status", "kind", "target_shown", "due_on")
    list_filter = ("status", "kind", ("due_on", admin.DateFieldListFilter))

    @admin.display(description=_("target"))
    def target_shown(self, row: Goal) -> str:
        """With its unit where it is an amount; a score's is the measure's own."""
        unit = unit_of(row.exercise_measure) if row.exercise_measure else ""
        return f"{plain(row.target)} {unit}".strip()


@admin.register(Assessment, site=site)
class AssessmentPage(OfPatientPage):
    list_display = ("measure_name", "patient_name", "assessed_on", "result", "status")
    list_filter = ("status", "is_unable", ("assessed_on", admin.DateFieldListFilter))
    list_select_related = ("patient", "measure")
    search_fields: ClassVar[Any] = (*RECORD, "slug")
    search_help_text = _("A patient's name or record number, or a measure")

    @admin.display(description=_("measure"), ordering="slug")
    def measure_name(self, row: Assessment) -> str:
        return row.measure.name

    @admin.display(description=_("result"))
    def result(self, row: Assessment) -> str:
        if row.is_unable:
            return str(_("unable"))
        return row.code if row.score is None else plain(row.score)


@admin.register(Pause, site=site)
class PausePage(OfPatientPage):
    list_display = ("reason", "patient_name", "starts_on", "ends_on")
    list_filter = ("reason",)


@admin.register(PauseRequest, site=site)
class PauseRequestPage(OfPatientPage):
    list_display = ("reason", "patient_name", "status", "starts_on", "ends_on", "asked_as")
    list_filter = ("status", "reason", "asked_as")


@admin.register(Discharge, site=site)
class DischargePage(OfPatientPage):
    list_display = ("reason", "patient_name", "discharged_on", "readmitted_on")
    list_filter = ("reason", ("readmitted_at", YesOrNo))
