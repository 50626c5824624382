"""One clinic's audit, to read and to search, behind its glass."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clinics.actors import CARER, OPERATOR, PATIENT, SYSTEM
from clinics.models import User
from core.models import AuditEvent
from patients.models import Patient
from rehab_platform.operating.pages import GlassPage
from rehab_platform.operating.shown import NOTHING, by_words, columns_of
from rehab_platform.operating.site import site

# How many people of a name are looked for: events are found by their keys.
MOST_OF_A_NAME: Final = 100
ACTING_AS: Final = {
    "staff": _("staff"),
    PATIENT: _("patient"),
    CARER: _("carer"),
    OPERATOR: _("operator"),
    SYSTEM: _("the platform"),
}


@admin.register(AuditEvent, site=site)
class AuditPage(GlassPage):
    list_display = ("at", "action", "acting_as", "actor", "patient", "target", "reason")
    list_filter = (("acting_as", by_words(ACTING_AS)), ("at", admin.DateFieldListFilter))
    search_fields = ("action",)
    search_help_text = _("A patient, a record number, who acted, or an action as it is written")
    ordering = ("-pk",)
    readonly_fields = ("actor", "patient")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        keys = {"actor_id", "patient_id", "clinic_id"}
        said = [one for one in columns_of(AuditEvent) if one.__name__ not in keys]
        return ("actor", "patient", *said)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        patients = Patient.objects.visible_to(self.glass(request).reader)
        named: QuerySet[AuditEvent] = AuditEvent.objects.filter(
            clinic_id=self.glass(request).clinic_id
        ).annotate(
            actor_name=Subquery(User.objects.filter(pk=OuterRef("actor_id")).values("name")),
            patient_name=Subquery(patients.filter(pk=OuterRef("patient_id")).values("name")),
        )
        return named.order_by("-pk")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        """Find by names through keys: a search of millions of events reads none by its words."""
        term = search_term.strip()
        if not term:
            return queryset, False
        patients = Patient.objects.visible_to(self.glass(request).reader).filter(
            Q(name__icontains=term) | Q(medical_record_number__iexact=term)
        )
        actors = User.objects.filter(name__icontains=term)
        asked = Q(action=term) | Q(patient_id__in=_first(patients)) | Q(actor_id__in=_first(actors))
        if key := _key(term):
            asked |= Q(patient_id=key) | Q(actor_id=key) | Q(target_id=key)
        return queryset.filter(asked), False

    @admin.display(description=_("who"))
    def actor(self, row: Any) -> str:
        return row.actor_name or (str(row.actor_id) if row.actor_id else NOTHING)

    @admin.display(description=_("patient"))
    def patient(self, row: Any) -> str:
        return row.patient_name or (str(row.patient_id) if row.patient_id else NOTHING)


def _first(people: QuerySet[Any]) -> list[UUID]:
    return list(people.order_by("name", "pk").values_list("pk", flat=True)[:MOST_OF_A_NAME])


def _key(term: str) -> UUID | None:
    try:
        return UUID(term)
    except ValueError:
        return None
