"""What ships with the platform, to read and to review."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from programs.actions.reviews import LONGEST_NAME, review_measure, set_review_status
from programs.models import Exercise, OutcomeMeasure, Program, ReviewStatus
from programs.reading import current_measures, newest_review
from rehab_platform.operating.forms import ActionForm, ActionPage
from rehab_platform.operating.glass import operator_of
from rehab_platform.operating.pages import YesOrNo
from rehab_platform.operating.shown import NOTHING
from rehab_platform.operating.site import site


def shown_version(entry: Any) -> Any:
    """Return the version that an entry's page shows; a row of a measure is one itself."""
    return entry if isinstance(entry, OutcomeMeasure) else entry.current


class ReviewForm(ActionForm):
    """What a clinician said of the version that the page shows, also where it is shown again."""

    status = forms.ChoiceField(
        label=_("It is now"), choices=ReviewStatus.choices, widget=forms.RadioSelect
    )
    reviewer_name = forms.CharField(
        label=_("Which clinician says so"), max_length=LONGEST_NAME, help_text=_("Name in full.")
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    read_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["read_version"].initial = shown_version(self.instance).number

    def clean(self) -> dict[str, Any] | None:
        if self.refused is not None:
            number = shown_version(self.instance).number
            self.data = {**self.data, "read_version": str(number)}
        return super().clean()


class SharedPage(ActionPage):
    """What ships: the current version of each, and the newest review of it."""

    kind = ""
    keep: ClassVar[Any] = staticmethod(set_review_status)
    form = ReviewForm
    list_display = ("name", "version", "review", "reviewed_by", "retired_at")
    readonly_fields = ("name", "file_key", "version", "review", "reviewed_by", "said", "retired_at")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": readonly_fields}),
        (
            _("A clinician has reviewed it, or takes that back"),
            {"fields": ("status", "reviewer_name", "note", "read_version")},
        ),
    )
    list_select_related: ClassVar[Any] = ("current",)
    search_fields: ClassVar[Any] = ("slug", "current__name")
    list_filter: ClassVar[Any] = (("retired_at", YesOrNo),)
    search_help_text = _("A name, or the key in the catalogue's file")
    ordering: ClassVar[Any] = ("current__name", "pk")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        model: Any = self.model
        found: QuerySet[Any] = model.objects.visible_to(operator_of(request)).annotate(
            newest=newest_review("current", self.kind)
        )
        return found.order_by(*self.ordering)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= {"title": _("Review what ships"), "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Add the review: the entry itself is what ships, and stays."""
        said = form.cleaned_data
        type(self).keep(
            **{f"{self.kind}_id": obj.pk},
            version=said["read_version"],
            status=said["status"],
            reviewer_name=said["reviewer_name"],
            note=said["note"],
            by=operator_of(request),
            now=timezone.now(),
        )

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Django would say that the entry was changed, by its key: it stays, and a review came."""
        messages.success(request, _("The review of %(name)s is kept.") % {"name": self.name(obj)})
        return self.response_post_save_change(request, obj)

    @admin.display(description=_("key in the catalogue's file"))
    def file_key(self, row: Any) -> str:
        return str(row.slug)

    @admin.display(description=_("name"), ordering="current__name")
    def name(self, row: Any) -> str:
        return str(shown_version(row).name)

    @admin.display(description=_("version"))
    def version(self, row: Any) -> int:
        return int(shown_version(row).number)

    @admin.display(description=_("review"))
    def review(self, row: Any) -> str:
        status = row.newest["status"] if row.newest else shown_version(row).review_status
        return str(ReviewStatus(status).label)

    @admin.display(description=_("reviewed by"))
    def reviewed_by(self, row: Any) -> str:
        return str(row.newest["by"]) if row.newest else NOTHING

    @admin.display(description=_("note"))
    def said(self, row: Any) -> str:
        return str(row.newest["note"] or NOTHING) if row.newest else NOTHING


@admin.register(Exercise, site=site)
class ExercisePage(SharedPage):
    kind = "exercise"


@admin.register(Program, site=site)
class ProgramPage(SharedPage):
    kind = "program"


@admin.register(OutcomeMeasure, site=site)
class MeasurePage(SharedPage):
    """The newest version of each instrument: an earlier one is nobody's to review."""

    kind = "measure"
    keep = staticmethod(review_measure)
    list_display = ("name", "version", "review", "reviewed_by", "is_offered")
    readonly_fields = ("name", "file_key", "version", "review", "reviewed_by", "said", "is_offered")
    ordering = ("name", "pk")
    fieldsets = (
        (None, {"fields": readonly_fields}),
        *SharedPage.fieldsets[1:],
    )
    list_select_related = False
    search_fields = ("slug", "name")
    list_filter = ("is_offered",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = current_measures().annotate(newest=newest_review("pk", self.kind))
        return found.order_by(*self.ordering)

    @admin.display(description=_("name"), ordering="name")
    def name(self, row: Any) -> str:
        return str(row.name)
