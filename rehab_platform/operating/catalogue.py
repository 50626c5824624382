"""What ships with the platform, to read, with its reviews."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from programs.models import Exercise, OutcomeMeasure, Program
from programs.reading import newest_review
from rehab_platform.operating.glass import operator_of
from rehab_platform.operating.pages import Page
from rehab_platform.operating.site import site


class SharedPage(Page):
    """An exercise or a program: its current version and the newest review of it."""

    kind = ""
    list_display = ("slug", "name", "version", "review", "reviewed_by", "retired_at")
    fields = list_display
    list_select_related = ("current",)
    search_fields = ("slug", "current__name")
    list_filter = (("retired_at", admin.EmptyFieldListFilter),)
    ordering = ("slug", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        model: Any = self.model
        found: QuerySet[Any] = model.objects.visible_to(operator_of(request)).annotate(
            newest=newest_review("current", self.kind)
        )
        return found.order_by("slug", "pk")

    @admin.display(description=_("name"))
    def name(self, row: Any) -> str:
        return str(row.current.name)

    @admin.display(description=_("version"))
    def version(self, row: Any) -> int:
        return int(row.current.number)

    @admin.display(description=_("review"))
    def review(self, row: Any) -> str:
        return str(row.newest["status"] if row.newest else row.current.review_status)

    @admin.display(description=_("reviewed by"))
    def reviewed_by(self, row: Any) -> str:
        return str(row.newest["by"]) if row.newest else ""


@admin.register(Exercise, site=site)
class ExercisePage(SharedPage):
    kind = "exercise"


@admin.register(Program, site=site)
class ProgramPage(SharedPage):
    kind = "program"


@admin.register(OutcomeMeasure, site=site)
class MeasurePage(Page):
    list_display = ("slug", "name", "number", "is_offered", "review_status")
    fields = list_display
    list_filter = ("review_status",)
    search_fields = ("slug", "name")
    ordering = ("slug", "-number", "pk")
