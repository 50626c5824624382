"""One clinic's audit, to read and to search, behind its glass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from clinics.models import User
from core.models import AuditEvent
from patients.models import Patient
from rehab_platform.operating.nested import told
from rehab_platform.operating.pages import GlassPage
from rehab_platform.operating.shown import (
    ACTING_AS,
    NOTHING,
    by_words,
    columns_of,
    in_words,
    page_of,
)
from rehab_platform.operating.site import site

# How many people of a name are looked for: events are found by their keys.
MOST_OF_A_NAME: Final = 100
# Under this name an event holds the patients of a read of several (clinics.http).
TOGETHER: Final = "patients"


@admin.register(AuditEvent, site=site)
class AuditPage(GlassPage):
    list_display = ("at", "what", "acts_as", "actor", "patient", "about", "reason")
    list_filter = (("acting_as", by_words(ACTING_AS)), ("at", admin.DateFieldListFilter))
    search_fields = ("action",)
    search_help_text = _("A patient, a record number, who acted, or an action")
    ordering = ("-pk",)
    readonly_fields = ("actor", "patient", "read_of", "particulars", "row")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        otherwise = {"actor_id", "patient_id", "clinic_id", "target_id", "details"}
        said = [one for one in columns_of(AuditEvent) if one.__name__ not in otherwise]
        return ("actor", "patient", *said, "read_of", "particulars", "row")

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Look up the names of those whose records one read showed together."""
        found: Any = super().get_object(request, object_id, from_field)
        if found is not None:
            patients = Patient.objects.visible_to(self.glass(request).reader)
            read = patients.filter(pk__in=found.details.get(TOGETHER, ()))
            found.names = {str(key): name for key, name in read.values_list("pk", "name")}
        return found

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
        action = term.lower().replace(" ", "_")
        asked = Q(action=action) | _about(_first(patients)) | Q(actor_id__in=_first(actors))
        if key := _key(term):
            asked |= _about([key]) | Q(actor_id=key) | Q(target_id=key)
        return queryset.filter(asked), False

    @admin.display(description=_("what"), ordering="action")
    def what(self, row: AuditEvent) -> str:
        return _word(row, "action")

    @admin.display(description=_("acting as"), ordering="acting_as")
    def acts_as(self, row: AuditEvent) -> str:
        return _word(row, "acting_as")

    @admin.display(description=_("about"), ordering="target")
    def about(self, row: AuditEvent) -> str:
        return _word(row, "target")

    @admin.display(description=_("patients"))
    def read_of(self, row: Any) -> str:
        """Name each of those whose records one read showed together; without a name, by key."""
        said = (
            (page_of(Patient, key), row.names.get(key, key))
            for key in row.details.get(TOGETHER, ())
        )
        links = format_html_join("", '<li><a href="{}">{}</a></li>', said)
        return format_html("<ul>{}</ul>", links) if links else NOTHING

    @admin.display(description=_("details"))
    def particulars(self, row: AuditEvent) -> str:
        """Tell what else was kept, with its keys: whoever looks into an event may need them."""
        others = {name: value for name, value in row.details.items() if name != TOGETHER}
        return told(others, keys=True) or NOTHING

    @admin.display(description=_("its page"))
    def row(self, row: AuditEvent) -> str:
        """Lead to the row, where it has a page of its own; else give its key."""
        try:
            model = apps.get_model(row.target) if row.target_id else None
        except (LookupError, ValueError):
            model = None
        if model is None or not site.is_registered(model):
            return str(row.target_id or NOTHING)
        words = capfirst(model._meta.verbose_name)
        return format_html('<a href="{}">{}</a>', page_of(model, row.target_id), words)

    @admin.display(description=_("who"))
    def actor(self, row: Any) -> str:
        return row.actor_name or (str(row.actor_id) if row.actor_id else NOTHING)

    @admin.display(description=_("patient"))
    def patient(self, row: Any) -> str:
        return row.patient_name or (str(row.patient_id) if row.patient_id else NOTHING)


def _word(row: AuditEvent, column: str) -> str:
    field: Any = AuditEvent._meta.get_field(column)
    return in_words(field, getattr(row, column))


def _about(patients: Sequence[UUID]) -> Q:
    """Ask for events of these patients, and for reads of several that showed one of them."""
    if not patients:
        return Q(pk__in=())
    together = {f"details__{TOGETHER}__has_any_keys": [str(key) for key in patients]}
    return Q(patient_id__in=patients) | Q(**together)


def _first(people: QuerySet[Any]) -> list[UUID]:
    return list(people.order_by("name", "pk").values_list("pk", flat=True)[:MOST_OF_A_NAME])


def _key(term: str) -> UUID | None:
    try:
        return UUID(term)
    except ValueError:
        return None
